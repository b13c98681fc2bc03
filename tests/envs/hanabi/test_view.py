"""The picture, the text and the labels."""

from collections.abc import Callable
from itertools import combinations

import pytest

from vsbench_envs import get
from vsbench_envs.errors import UnreadableError
from vsbench_envs.hanabi.rules import HanabiState
from vsbench_envs.hanabi.variant import Variant
from vsbench_envs.hanabi.view import HanabiView


def test_every_table_can_be_drawn_and_read(turns: Callable, variant: Variant) -> None:
    view = HanabiView(variant)
    for state, _ in turns(variant, 2, "greedy"):
        percept = state.percept(state.step % variant.seats)
        images = view.draw(percept)
        assert max(images[0].size) <= 768
        if state.step % 4 == 0:
            assert view.read(images) == percept


def test_nothing_is_drawn_over_anything_else(variant: Variant) -> None:
    scene = HanabiView(variant).scene
    boxes = []
    for name, slot in scene.slots.items():
        width, height = slot._sprites[slot.values[0]].size
        left, top = slot.at
        assert left + width <= scene.background.width, name
        assert top + height <= scene.background.height, name
        boxes.append((name, left, top, left + width, top + height))
    for one, two in combinations(boxes, 2):
        apart = one[3] <= two[1] or two[3] <= one[1] or one[4] <= two[2] or two[4] <= one[2]
        assert apart, (one, two)


def test_the_picture_of_two_hands_has_117_elements() -> None:
    game = get("hanabi")
    labels = game.view.labels(game.new(0).percept(0))
    assert len(labels) == 117
    assert len([name for name in labels if name.startswith("card 2 of player 1")]) == 11


def test_labels_name_what_is_there(stacked: Callable[[str], HanabiState]) -> None:
    view, action_ids = get("hanabi").view, get("hanabi").spec.ids
    state = stacked("R1 R2 R3 R4 R5  Y1 Y1 Y2 Y2 Y3")
    state.apply({0: action_ids["reveal rank 2"]})
    state.apply({1: action_ids["reveal red"]})
    labels = view.labels(state.percept(0))
    assert labels["tokens"] == "6"
    assert labels["red firework"] == "0"
    assert labels["card 3 of player 1"] == "Y2"
    assert labels["card 3 of player 1 may be 2"] == "yes"
    assert labels["card 3 of player 1 may be 3"] == "no"
    assert labels["card 1 of player 1 may be 2"] == "no"
    assert labels["card 1 of player 0"] == "unknown"
    assert labels["card 1 of player 0 may be red"] == "yes"
    assert labels["card 1 of player 0 may be blue"] == "no"


def test_the_text_describes_the_table(stacked: Callable[[str], HanabiState]) -> None:
    view, action_ids = get("hanabi").view, get("hanabi").spec.ids
    state = stacked("R1 R2 R3 R4 R5  Y1 Y1 Y2 Y2 Y3  G4")
    for seat, label in ((0, "reveal rank 2"), (1, "play 1"), (0, "play 3"), (1, "discard 5")):
        state.apply({seat: action_ids[label]})
    assert view.describe(state.percept(0)) == (
        "You are player 0.\n"
        "Lives left: 2 of 3. Information tokens: 8 of 8. Cards left in the deck: 37.\n"
        "Fireworks: red 0, yellow 1, green 0, white 0, blue 0.\n"
        "Discards: R3, G4.\n"
        "Hand of player 1, oldest card first, with what player 1 has been told:\n"
        "- card 1: Y1; any colour; rank 1 or 3 or 4 or 5\n"
        "- card 2: Y2; any colour; rank 2\n"
        "- card 3: Y2; any colour; rank 2\n"
        "- card 4: Y3; any colour; rank 1 or 3 or 4 or 5\n"
        f"- card 5: {state.percept(0).hands[1][4].face}; any colour; any rank\n"
        "Your hand, oldest card first, with what you have been told:\n"
        + "".join(f"- card {p}: unknown; any colour; any rank\n" for p in range(1, 6))
        + "Last moves, oldest first:\n"
        "- player 0: reveal rank 2 (pointing to cards 3, 4)\n"
        "- player 1: play 1 (Y1), which scored\n"
        "- player 0: play 3 (R3), misplayed at the cost of a life\n"
        "- player 1: discard 5 (G4)"
    )


def test_another_games_picture_is_refused() -> None:
    other = get("tiny_hanabi")
    with pytest.raises(UnreadableError):
        get("hanabi").view.read(other.view.draw(other.new(0).percept(0)))


@pytest.mark.parametrize("name", ["random", "greedy", "convention"])
def test_the_text_can_be_read_back(turns: Callable, variant: Variant, name: str) -> None:
    """Also among other lines of a message, and for seats that do not act."""
    view = HanabiView(variant)
    for state, _ in turns(variant, 3, name):
        for seat in range(variant.seats):
            percept = state.percept(seat)
            text = view.describe(percept)
            message = f"- player 9: waits\n\n{text}\n\nYour legal actions:\n[]\n- card 1: ?"
            assert view.read_text(text) == view.read_text(message) == percept


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Lives left: 3", "Lives left: many"),
        ("red 0, ", ""),
        ("Your hand, oldest", "Your hand, newest"),
        ("any rank", "any suit"),
        ("(pointing to card 5)", "(pointing to card five)"),
    ],
)
def test_text_of_no_table_is_refused(old: str, new: str) -> None:
    game = get("hanabi")
    state = game.new(0)
    state.apply({0: next(a for a in state.legal_actions(0)[::-1] if _points_at_last(state, a))})
    text = game.view.describe(state.percept(1))
    assert old in text
    with pytest.raises(UnreadableError):
        game.view.read_text(text.replace(old, new, 1))


def _points_at_last(state: HanabiState, action: int) -> bool:
    copied = state.copy()
    copied.apply({0: action})
    return copied.percept(1).moves[-1].touched == (5,)


def test_another_variants_text_is_refused() -> None:
    other = get("tiny_hanabi")
    text = other.view.describe(other.new(0).percept(0))
    assert other.view.read_text(text) == other.new(0).percept(0)
    with pytest.raises(UnreadableError):
        get("hanabi").view.read_text(text)


def test_facts_state_nothing_of_the_table(turns: Callable, variant: Variant) -> None:
    view = HanabiView(variant)
    for _, turn in turns(variant, 0, "random"):
        assert view.facts(turn.percept) == {}
        assert view.drawn(turn.percept) == turn.percept


def test_every_change_shows_in_the_picture(turns: Callable, variant: Variant) -> None:
    """Different percepts have different pictures, equal ones the same."""
    view, looks = HanabiView(variant), {}
    for state, _ in turns(variant, 1, "greedy"):
        for seat in range(variant.seats):
            percept = state.percept(seat)
            (image,) = view.draw(percept)
            assert looks.setdefault(image.tobytes(), percept) == percept
    assert len(looks) == len(set(looks.values())) > 10
