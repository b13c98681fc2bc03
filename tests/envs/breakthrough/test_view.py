from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.rules import SQUARES, BreakthroughPercept
from vsbench_envs.breakthrough.view import BOARD, HEADER, MARGIN, TOP, WIDTH
from vsbench_envs.canvas import decode, encode
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import State
from vsbench_envs.seeding import stream

VIEW = GAME.view


def after(moves: str) -> State[BreakthroughPercept]:
    state = GAME.new(0)
    for label in moves.split():
        state.apply({state.acting[0]: GAME.spec.ids[label]})
    return state


def position(seed: int, length: int) -> State[BreakthroughPercept]:
    """A position after some random moves, or at the end."""
    state, rng = GAME.new(seed), stream(seed, "view")
    while state.acting and state.step < length:
        (seat,) = state.acting
        state.apply({seat: rng.choice(state.legal_actions(seat))})
    return state


positions = st.builds(position, st.integers(0, 1000), st.integers(0, 90))


@settings(max_examples=40)
@given(positions)
def test_the_picture_carries_the_whole_percept(state: State[BreakthroughPercept]) -> None:
    for seat in (0, 1):
        percept = state.percept(seat)
        (image,) = VIEW.draw(percept)
        png = encode(image)
        assert VIEW.read([decode(png)]) == percept
        file = BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=90)
        assert VIEW.read([Image.open(file)]) == percept
        assert max(image.size) <= 768
        assert len(png) < 40_000


@pytest.mark.parametrize("seed", range(10))
def test_the_end_can_be_read(seed: int) -> None:
    state = position(seed, 1000)
    assert state.acting == ()
    for seat in (0, 1):
        percept = state.percept(seat)
        assert VIEW.read(VIEW.draw(percept)) == percept
        assert VIEW.read_text(VIEW.describe(percept)) == percept


@given(positions)
def test_labels_name_every_square(state: State[BreakthroughPercept]) -> None:
    percept = state.percept(1)
    labels = VIEW.labels(percept)
    assert tuple(labels) == SQUARES
    assert len(labels) == 64
    for square, name in labels.items():
        assert name == {"b": "black", "w": "white", ".": "empty"}[percept.at(square)]


@given(positions)
def test_both_seats_see_the_same_board(state: State[BreakthroughPercept]) -> None:
    board = (0, HEADER, WIDTH, TOP + BOARD + MARGIN)
    views = [VIEW.draw(state.percept(seat))[0].crop(board).tobytes() for seat in (0, 1)]
    assert views[0] == views[1]
    assert VIEW.labels(state.percept(0)) == VIEW.labels(state.percept(1))


def test_the_text_says_what_the_picture_shows() -> None:
    state = GAME.new(0)
    state.apply({0: GAME.spec.ids["b7a6"]})
    assert VIEW.describe(state.percept(1)) == "\n".join(
        [
            "You are White.",
            "The board, b black, w white, . empty:",
            "8 b b b b b b b b",
            "7 b . b b b b b b",
            "6 b . . . . . . .",
            "5 . . . . . . . .",
            "4 . . . . . . . .",
            "3 . . . . . . . .",
            "2 w w w w w w w w",
            "1 w w w w w w w w",
            "  a b c d e f g h",
        ]
    )
    assert VIEW.describe(GAME.new(0).percept(0)).startswith("You are Black.\n")


@settings(max_examples=40)
@given(positions)
def test_the_text_reads_back_among_other_sentences(state: State[BreakthroughPercept]) -> None:
    for seat in (0, 1):
        percept = state.percept(seat)
        around = f'Look.\n{VIEW.describe(percept)}\n\nYour legal actions:\n["a2a3"]'
        assert VIEW.read_text(around) == percept
        assert not VIEW.facts(percept)


@pytest.mark.parametrize(
    ("phrase", "instead"),
    [
        ("You are Black.", "You are b."),
        ("You are Black.", "You are the third."),
        ("8 b b", "8 b Black"),
        ("8 b b", "8 b"),
        ("8 b b", "8 b x"),
        ("8 b b", "b b"),
    ],
)
def test_texts_of_no_position_are_refused(phrase: str, instead: str) -> None:
    text = VIEW.describe(GAME.new(0).percept(0))
    assert phrase in text
    with pytest.raises(UnreadableError):
        VIEW.read_text(text.replace(phrase, instead))


def test_two_positions_at_once_are_refused() -> None:
    state = GAME.new(0)
    here, there = (VIEW.describe(state.percept(seat)) for seat in (0, 1))
    assert VIEW.read_text(f"{here}\n{here}") == state.percept(0)
    with pytest.raises(UnreadableError):
        VIEW.read_text(f"{here}\n{there}")


def test_the_percept_shows_neither_last_move_nor_turn() -> None:
    """Two histories of one board with different sides to move."""
    one = after("b7b6 a2a3 b6b5 h2h3 b5b4 a3b4 h7h6 b4b5 h6h5")
    other = after("b7b6 a2a3 b6b5 h2h3 h7h6 a3a4 h6h5 a4b5")
    assert (one.acting, other.acting) == ((1,), (0,))
    for seat in (0, 1):
        here, there = one.percept(seat), other.percept(seat)
        assert here == there
        assert VIEW.describe(here) == VIEW.describe(there)
        assert encode(*VIEW.draw(here)) == encode(*VIEW.draw(there))


def test_inconsistent_pictures_are_refused() -> None:
    state = position(3, 9)
    (image,) = VIEW.draw(state.percept(0))
    square = (MARGIN, TOP, MARGIN + 72, TOP + 72)

    with pytest.raises(UnreadableError, match="expected one picture"):
        VIEW.read([image, image])
    with pytest.raises(UnreadableError, match="was expected"):
        VIEW.read([image.crop((0, 0, 600, 600))])
    scribbled = image.convert("RGB")
    ImageDraw.Draw(scribbled).rectangle(square, "#ff00ff")
    with pytest.raises(UnreadableError, match="no known sprite"):
        VIEW.read([scribbled])
    stranger = image.copy()
    header = (0, 0, WIDTH, HEADER)
    stranger.paste(VIEW.draw(state.percept(1))[0].crop(header), (0, 0))
    assert VIEW.read([stranger]) == state.percept(1)
