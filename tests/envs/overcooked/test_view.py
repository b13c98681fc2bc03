import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageDraw

from vsbench_envs import Game
from vsbench_envs.canvas import decode, encode
from vsbench_envs.game import UnreadableError
from vsbench_envs.overcooked import GAME, GAME_DIVIDED, GAME_RING
from vsbench_envs.overcooked.layout import DIRECTIONS, LAYOUTS, Layout
from vsbench_envs.overcooked.panel import POTS
from vsbench_envs.overcooked.percept import THINGS, Chef, Kitchen, OvercookedPercept, Pot
from vsbench_envs.overcooked.rules import opening

VIEW = GAME.view
ROOM = LAYOUTS["cramped_room"]

things = st.sampled_from([None, *THINGS])
pots = st.sampled_from(POTS)


@st.composite
def kitchens(draw: st.DrawFn, layout: Layout) -> Kitchen:
    """Any kitchen at all, whether play leads to it or not."""
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
    seen = draw(st.lists(kitchens(layout), min_size=1, max_size=4))
    step, score = draw(st.integers(0, 50)), draw(st.integers(0, 130))
    seat = draw(st.integers(0, 1))
    return game, OvercookedPercept(seat, layout.name, step, score, tuple(seen))


@settings(max_examples=15, deadline=None)
@given(percepts())
def test_any_kitchen_can_be_read(found: tuple[Game[OvercookedPercept], OvercookedPercept]) -> None:
    game, percept = found
    (image,) = game.view.draw(percept)
    png = encode(image)
    assert game.view.read([decode(png)]) == percept
    assert max(image.size) <= 768
    assert len(png) < 40_000


def example(seat: int = 1) -> OvercookedPercept:
    before = opening(ROOM)
    now = Kitchen(
        (Chef((2, 1), "up", "dish"), Chef((3, 2), "left")),
        (Pot(3, 1),),
        ("onion", None, None, "thin soup", None),
    )
    return OvercookedPercept(seat, "cramped_room", 27, 12, (before, now))


def test_the_text_says_what_the_picture_shows() -> None:
    assert VIEW.tell(example()) == "\n".join(
        [
            "You are the green chef. 27 of 50 steps have been played; the score so far is 12.",
            "The kitchen, X counter, P pot, O onion dispenser, D dish dispenser, "
            "S serving window, . floor:",
            "  A B C D E",
            "1 X X P X X",
            "2 O . . . O",
            "3 X . . . X",
            "4 X D X S X",
            "Now: the blue chef is in C2, facing up, holding dish; the green chef is in D3, "
            "facing left, holding nothing; the pot in C1 has 3 onions, cooking, 1 step left; "
            "on the counters: onion in B1, thin soup in E3.",
            "1 step ago: the blue chef is in B3, facing up, holding nothing; the green chef is in "
            "D2, facing up, holding nothing; the pot in C1 has 0 onions; "
            "on the counters: nothing.",
        ]
    )


def test_labels_name_the_twenty_cells() -> None:
    assert VIEW.labels(example()) == VIEW.labels(example(seat=0))
    assert VIEW.labels(example()) == {
        "A1": "counter",
        "B1": "counter with onion",
        "C1": "pot with 3 onions, cooking, 1 step left",
        "D1": "counter",
        "E1": "counter",
        "A2": "onion dispenser",
        "B2": "floor",
        "C2": "blue chef facing up, holding dish",
        "D2": "floor",
        "E2": "onion dispenser",
        "A3": "counter",
        "B3": "floor",
        "C3": "floor",
        "D3": "green chef facing left, holding nothing",
        "E3": "counter with thin soup",
        "A4": "counter",
        "B4": "dish dispenser",
        "C4": "counter",
        "D4": "serving window",
        "E4": "counter",
    }


def test_both_seats_see_the_same_kitchen() -> None:
    one, two = (VIEW.draw(example(seat))[0] for seat in (0, 1))
    below_the_banner = (0, 70, one.width, one.height)
    assert one.crop(below_the_banner).tobytes() == two.crop(below_the_banner).tobytes()
    assert one.tobytes() != two.tobytes()


def test_other_pictures_are_refused() -> None:
    (image,) = VIEW.draw(example())
    with pytest.raises(UnreadableError, match="expected one picture"):
        VIEW.read([image, image])
    with pytest.raises(UnreadableError, match="was expected"):
        VIEW.read(GAME_RING.view.draw(GAME_RING.new(0).percept(0)))
    scribbled = image.convert("RGB")
    ImageDraw.Draw(scribbled).rectangle((150, 210, 250, 300), "#ff00ff")
    with pytest.raises(UnreadableError, match="nothing known"):
        VIEW.read([scribbled])


def test_pictures_that_contradict_themselves_are_refused() -> None:
    (image,), (start,) = VIEW.draw(example()), VIEW.draw(GAME.new(0).percept(0))
    lone_chef = image.copy()
    floor = image.crop((148, 202, 256, 310))
    lone_chef.paste(floor, (256, 202))
    with pytest.raises(UnreadableError):
        VIEW.read([lone_chef])
    captioned = image.copy()
    strip = (0, 540, image.width, 568)
    captioned.paste(start.crop(strip), (0, 540))
    with pytest.raises(UnreadableError, match="contradicts"):
        VIEW.read([captioned])
