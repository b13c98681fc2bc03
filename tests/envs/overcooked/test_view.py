from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from vsbench_envs import Game
from vsbench_envs.canvas import decode, encode
from vsbench_envs.errors import UnreadableError
from vsbench_envs.overcooked import GAME, GAME_DIVIDED, GAME_RING
from vsbench_envs.overcooked.layout import DIRECTIONS, LAYOUTS, Layout
from vsbench_envs.overcooked.rules import (
    POTS,
    STAY,
    THINGS,
    Chef,
    Kitchen,
    OvercookedPercept,
    Pot,
    initial_kitchen,
)
from vsbench_envs.overcooked.view import HEADER, MARGIN

VIEW = GAME.view
ROOM = LAYOUTS["cramped_room"]

things = st.sampled_from([None, *THINGS])
pots = st.sampled_from(POTS)


@st.composite
def kitchens(draw: st.DrawFn, layout: Layout) -> Kitchen:
    """Any kitchen, reachable or not."""
    cells = draw(st.permutations(layout.floor))
    one, two = (
        Chef(cell, draw(st.sampled_from(list(DIRECTIONS))), draw(things)) for cell in cells[:2]
    )
    return Kitchen(
        (one, two),
        tuple(draw(pots) for _ in layout.pots),
        tuple(draw(things) for _ in layout.counters),
    )


@st.composite
def percepts(draw: st.DrawFn) -> tuple[Game[OvercookedPercept], OvercookedPercept]:
    game = draw(st.sampled_from([GAME, GAME_RING, GAME_DIVIDED]))
    layout = LAYOUTS[game.new(0).percept(0).layout]
    seen = tuple(draw(st.lists(kitchens(layout), min_size=1, max_size=4)))
    step, seat = draw(st.integers(len(seen) - 1, 50)), draw(st.integers(0, 1))
    action = st.integers(0, 5)
    done = draw(st.lists(st.tuples(action, action), max_size=3))
    return game, OvercookedPercept(seat, layout.name, step, seen, tuple(done))


@settings(max_examples=15, deadline=None)
@given(percepts())
def test_any_kitchens_can_be_read(found: tuple[Game[OvercookedPercept], OvercookedPercept]) -> None:
    game, percept = found
    pngs = [encode(image) for image in game.view.draw(percept)]
    assert game.view.read([decode(png) for png in pngs]) == game.view.drawn(percept)
    assert len(pngs) == len(percept.kitchens)
    assert max(map(len, pngs)) < 30_000


@given(percepts())
def test_any_kitchens_can_be_read_from_text(
    found: tuple[Game[OvercookedPercept], OvercookedPercept],
) -> None:
    game, percept = found
    facts = "\n\n".join(game.view.facts(percept).values())
    message = f"Look:\n{game.view.describe(percept)}\n\n{facts}\n\nStep 3: what now?"
    assert game.view.read_text(message) == game.view.drawn(percept)


def example(seat: int = 1) -> OvercookedPercept:
    before = initial_kitchen(ROOM)
    now = Kitchen(
        (Chef((2, 1), "up", "dish"), Chef((3, 2), "left")),
        (Pot(3, 1),),
        ("onion", None, None, "thin soup", None),
    )
    return OvercookedPercept(seat, "cramped_room", 27, (before, now), ((0, 5),))


def test_the_text_says_what_the_pictures_show() -> None:
    assert VIEW.describe(example()) == "\n".join(
        [
            "You are the green chef.",
            "The floor plan, X counter, P pot, O onion dispenser, D dish dispenser, "
            "S serving window, . floor:",
            "4 X X P X X",
            "3 O . . . O",
            "2 X . . . X",
            "1 X D X S X",
            "  a b c d e",
            "The kitchen at the latest steps, oldest first:",
            "Step 26: the blue chef is in b2, facing up, holding nothing; the green chef is in "
            "d3, facing up, holding nothing; the pot in c4 has 0 onions; "
            "on the counters: nothing.",
            "Step 27: the blue chef is in c3, facing up, holding dish; the green chef is in d2, "
            "facing left, holding nothing; the pot in c4 has 3 onions, cooking, 1 step left; "
            "on the counters: onion in b4, thin soup in e2.",
        ]
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("You are the green chef", "You are the red chef"),
        ("4 X X P X X", "4 X X X P X"),
        ("Step 26", "Step 25"),
        ("c3, facing up", "c3, facing north"),
        ("cooking, 1 step left", "cooking, 5 steps left"),
        ("onion in b4", "onion in b3"),
        ("c4 has 0", "z4 has 0"),
    ],
)
def test_other_texts_are_refused(old: str, new: str) -> None:
    described = VIEW.describe(example())
    assert old in described
    with pytest.raises(UnreadableError, match="the text"):
        VIEW.read_text(described.replace(old, new))


def test_facts_state_held_item_and_joint_actions() -> None:
    assert VIEW.facts(example()) == {
        "held item": "You hold nothing.",
        "joint actions": "The latest joint actions, oldest first: blue chef up, "
        "green chef interact.",
    }
    assert VIEW.facts(example(seat=0))["held item"] == "You hold a dish."
    start = GAME.new(0)
    assert VIEW.facts(start.percept(0))["joint actions"] == "Nobody has acted yet."
    for joint in ((0, 1), (2, 3), (4, 5), (5, 0)):
        start.apply(dict(enumerate(joint)))
    assert VIEW.facts(start.percept(1))["joint actions"] == (
        "The latest joint actions, oldest first: blue chef right, green chef left; "
        "blue chef stay, green chef interact; blue chef interact, green chef up."
    )


@given(percepts(), st.data())
def test_facts_state_nothing_else(
    found: tuple[Game[OvercookedPercept], OvercookedPercept], data: st.DataObject
) -> None:
    """Percepts that differ only in what is drawn have the same facts."""
    game, percept = found
    other = data.draw(kitchens(percept.floor_plan))
    chefs = list(other.chefs)
    chefs[percept.seat] = chefs[percept.seat]._replace(holds=percept.now.chefs[percept.seat].holds)
    now = other._replace(chefs=(chefs[0], chefs[1]))
    elsewhere = replace(percept, step=data.draw(st.integers(3, 50)), kitchens=(now,))
    assert game.view.facts(elsewhere) == game.view.facts(percept)


def test_each_moment_has_its_picture() -> None:
    state, seen = GAME.new(0), []
    for step in range(6):
        percept = state.percept(0)
        pictures = [image.tobytes() for image in VIEW.draw(percept)]
        seen.append(pictures[-1])
        assert pictures == seen[-4:], "as many as there are, each as it was"
        (for_perception,) = VIEW.draw_for_perception(percept)
        assert for_perception.tobytes() == pictures[-1]
        assert VIEW.read([for_perception]).step == step
        state.apply({0: STAY, 1: STAY})
    assert len(set(seen)) == 6, "the time step is drawn"


def test_labels_name_what_is_on_top_in_the_twenty_cells() -> None:
    assert VIEW.labels(example()) == VIEW.labels(example(seat=0))
    assert VIEW.labels(example()) == {
        "a4": "counter",
        "b4": "onion",
        "c4": "pot",
        "d4": "counter",
        "e4": "counter",
        "a3": "onion dispenser",
        "b3": "floor",
        "c3": "blue chef",
        "d3": "floor",
        "e3": "onion dispenser",
        "a2": "counter",
        "b2": "floor",
        "c2": "floor",
        "d2": "green chef",
        "e2": "soup",
        "a1": "counter",
        "b1": "dish dispenser",
        "c1": "counter",
        "d1": "serving window",
        "e1": "counter",
    }


def test_both_seats_see_the_same_kitchen() -> None:
    one, two = (VIEW.draw(example(seat))[-1] for seat in (0, 1))
    below_the_header = (0, HEADER, one.width, one.height)
    assert one.crop(below_the_header).tobytes() == two.crop(below_the_header).tobytes()
    assert one.tobytes() != two.tobytes()


def test_other_pictures_are_refused() -> None:
    before, now = VIEW.draw(example())
    for wrong in ([], [now] * 5):
        with pytest.raises(UnreadableError, match="expected one to 4 pictures"):
            VIEW.read(wrong)
    with pytest.raises(UnreadableError, match="was expected"):
        VIEW.read(GAME_RING.view.draw(GAME_RING.new(0).percept(0)))
    for wrong in ([now, before], [now, now], [before, VIEW.draw(example(seat=0))[-1]]):
        with pytest.raises(UnreadableError, match="consecutive steps"):
            VIEW.read(wrong)
    scribbled = now.convert("RGB")
    ImageDraw.Draw(scribbled).rectangle((100, 150, 200, 250), "#ff00ff")
    with pytest.raises(UnreadableError, match="no known sprite"):
        VIEW.read([scribbled])


def test_pictures_that_contradict_themselves_are_refused() -> None:
    """The example's blue chef is in c3, the green one in d2."""
    (now,) = VIEW.draw_for_perception(example())

    def copied(source: tuple[int, int], target: tuple[int, int]) -> Image.Image:
        column, row = source
        left, top = MARGIN + 88 * column, HEADER + 88 * row
        cell = now.crop((left, top, left + 88, top + 88))
        image = now.copy()
        image.paste(cell, (MARGIN + 88 * target[0], HEADER + 88 * target[1]))
        return image

    with pytest.raises(UnreadableError, match="missing"):
        VIEW.read([copied((1, 1), (2, 1))])
    with pytest.raises(UnreadableError, match="contradicts"):
        VIEW.read([copied((2, 1), (1, 1))])
