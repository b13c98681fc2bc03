"""The view of the grid games: pictures and texts of every board can be read back."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from grid_play import rollout
from vsbench_envs import Game
from vsbench_envs.errors import UnreadableError
from vsbench_envs.grid.board import CELLS, name
from vsbench_envs.grid.rules import GridPercept, GridState
from vsbench_envs.grid.view import SEAT_CARD, GridView
from vsbench_envs.pictures import pngs
from vsbench_envs.scene import TOLERANCE, Choice, rgb


def start(game: Game[GridPercept], seed: int = 0) -> GridState:
    state = game.new(seed)
    assert isinstance(state, GridState)
    return state


def percepts(game: Game[GridPercept]) -> st.SearchStrategy[GridPercept]:
    """Any board: things on their own cells, players on any."""
    first, view = start(game).percept(0), game.view
    assert isinstance(view, GridView)
    seats, events = len(first.players), view.events
    counts = st.tuples(
        *(
            st.integers(0, 50).map(lambda n: (n,) * seats)
            if event.shared
            else st.tuples(*[st.integers(0, 50)] * seats)
            for event in events
        )
    )

    def arrange(cells: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Sort things that look alike by cell."""
        kinds = {
            kind: sorted(
                cell for cell, other in zip(cells, view.things, strict=True) if other == kind
            )
            for kind in view.things
        }
        return tuple(kinds[kind].pop(0) for kind in view.things)

    @st.composite
    def build(draw: st.DrawFn) -> GridPercept:
        cells = draw(st.permutations(CELLS))
        things = arrange(list(cells[: len(first.things)]))
        free = cells[len(first.things) :]
        players = [draw(st.sampled_from(free[:2])) for _ in range(seats)]
        if view.shared_cells and draw(st.booleans()):
            players[draw(st.integers(0, seats - 1))] = things[0]
        return GridPercept(
            draw(st.integers(0, seats - 1)),
            tuple(players),
            things,
            draw(counts),
        )

    return build()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_pictures_read_back(game: Game[GridPercept], data: st.DataObject) -> None:
    percept = data.draw(percepts(game))
    assert game.view.read(game.view.draw(percept)) == percept


@settings(max_examples=20, deadline=None, derandomize=True)
@given(data=st.data())
def test_lossy_copies_read_back(game: Game[GridPercept], data: st.DataObject) -> None:
    percept = data.draw(percepts(game))
    (picture,) = game.view.draw(percept)
    file = BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=90)
    assert game.view.read([Image.open(file)]) == percept


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_texts_read_back_among_other_sentences(
    game: Game[GridPercept], data: st.DataObject
) -> None:
    percept = data.draw(percepts(game))
    described = game.view.describe(percept)
    around = f'See.\n{described}\n\nYour legal actions:\n["stay", "right"]\n\nWhich do you take?'
    assert game.view.read_text(around) == percept


def test_texts_of_random_play_read_back(game: Game[GridPercept]) -> None:
    for state, _ in rollout(game, 4, ("random",) * game.spec.seats):
        for seat in range(game.spec.seats):
            percept = state.percept(seat)
            assert game.view.drawn(percept) == percept
            assert game.view.read_text(game.view.describe(percept)) == percept


@pytest.mark.parametrize(
    ("phrase", "instead"),
    [
        ("You are the red player.", "You are the yellow player."),
        ("You are the red player.", ""),
        ("red player in ", "red player in f"),
        ("red player in ", "the red player in "),
        ("rewards, and", "rewards. And"),
    ],
)
def test_texts_of_no_board_are_refused(game: Game[GridPercept], phrase: str, instead: str) -> None:
    text = game.view.describe(start(game).percept(0))
    assert phrase in text
    for changed in (text.replace(phrase, instead), re.sub(r"\d\Z", "many", text)):
        with pytest.raises(UnreadableError):
            game.view.read_text(changed)


def test_two_boards_at_once_are_refused(game: Game[GridPercept]) -> None:
    state = start(game)
    here, there = (game.view.describe(state.percept(seat)) for seat in (0, 1))
    assert game.view.read_text(f"{here}\n{here}") == state.percept(0)
    with pytest.raises(UnreadableError):
        game.view.read_text(f"{here}\n{there}")


def test_the_text_does_not_state_the_number_of_steps(game: Game[GridPercept]) -> None:
    """Neither percept nor text depends on it, and no sentence mentions steps."""
    state = start(game)
    before = state.percept(0)
    state.step = 37
    assert state.percept(0) == before
    text = game.view.describe(before)
    assert "step" not in text
    assert not {"37", "50", "13"} & set(re.findall(r"\d+", text))


def test_facts_state_nothing(game: Game[GridPercept]) -> None:
    """Percepts that differ only in drawn elements have the same facts and different pictures."""
    players = ("random",) * game.spec.seats
    seen = {state.percept(0) for state, _ in rollout(game, 5, players)}
    assert len({game.view.draw(percept)[0].tobytes() for percept in seen}) == len(seen) > 30
    assert {tuple(game.view.facts(percept).items()) for percept in seen} == {()}


def test_all_reachable_contents_of_cells_look_different(game: Game[GridPercept]) -> None:
    """No two contents of a cell are similar enough for a lossy copy to be misread."""
    view = game.view
    assert isinstance(view, GridView)
    slot = view.scene.slots["a1"]
    assert isinstance(slot, Choice)
    looks = [rgb(view.cell(contents)) for contents in slot.values]
    for one, other in combinations(looks, 2):
        assert abs(one - other).mean() > TOLERANCE / 2
    met = {
        contents
        for seed in range(10)
        for state, _ in rollout(game, seed, ("random",) * game.spec.seats)
        for contents in view.contents(state.percept(0)).values()
    }
    assert met <= set(slot.values)


def test_nothing_hidden_shows(game: Game[GridPercept]) -> None:
    """States that differ only in future random events have equal percepts."""
    one, other = start(game, 1), start(game, 2)
    other.players, other.things = one.players, one.things
    for seat in range(game.spec.seats):
        here, there = one.percept(seat), other.percept(seat)
        assert here == there
        assert game.view.describe(here) == game.view.describe(there)
        assert pngs(game.spec.id, here) == pngs(game.spec.id, there)


def test_seats_see_the_same_board_and_know_their_colour(game: Game[GridPercept]) -> None:
    state = start(game)
    first, *others = (state.percept(seat) for seat in range(game.spec.seats))
    for percept in others:
        assert game.view.labels(percept) == game.view.labels(first)
        assert replace(percept, seat=0) == first
        mine, theirs = (rgb(game.view.draw(p)[0]) for p in (percept, first))
        rows, columns = np.nonzero(abs(mine - theirs).sum(axis=2))
        left, top, width, height = SEAT_CARD
        assert left <= columns.min() <= columns.max() < left + width
        assert top <= rows.min() <= rows.max() < top + height


def test_the_text_says_where_everything_is(game: Game[GridPercept]) -> None:
    state = start(game, 3)
    for seat, role in enumerate(game.spec.roles):
        text = game.view.describe(state.percept(seat))
        assert text.startswith(f"You are {role}.\n")
        for cell, contents in game.view.labels(state.percept(seat)).items():
            assert contents == "empty" or f"{contents} in {cell}" in text


def test_labels_are_the_25_cells(game: Game[GridPercept]) -> None:
    state = start(game)
    state.players = (state.players[0],) * game.spec.seats
    labels = game.view.labels(state.percept(0))
    assert len(labels) == 25
    players = " and ".join(role.removeprefix("the ") for role in game.spec.roles)
    assert labels[name(state.players[0])] == players
    assert list(labels.values()).count("empty") == 24 - len(state.things)


def test_other_pictures_are_refused(game: Game[GridPercept]) -> None:
    (picture,) = game.view.draw(start(game).percept(0))
    blank = picture.copy()
    blank.paste(0, (0, 0, *picture.size))
    for images in ([], [picture, picture], [picture.resize((64, 64))], [blank]):
        with pytest.raises(UnreadableError):
            game.view.read(images)


def test_a_board_without_a_player_is_refused(game: Game[GridPercept]) -> None:
    state, view = start(game), game.view
    assert isinstance(view, GridView)
    values = view.values(state.percept(0))
    values[name(state.players[0])] = ()
    with pytest.raises(UnreadableError, match="shows no valid state"):
        view.read([view.scene.draw(values)])
