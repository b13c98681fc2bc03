"""The rules of Overcooked: floor plans, interacts, walking, cooking and rewards."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsbench_envs import Game, IllegalMoveError
from vsbench_envs.overcooked import GAME, GAME_DIVIDED, GAME_RING
from vsbench_envs.overcooked.layout import LAYOUTS, Cell, Layout
from vsbench_envs.overcooked.rules import (
    ACTIONS,
    COOKING_STEPS,
    FRAMES,
    INTERACT,
    REWARDS,
    STAY,
    Chef,
    Event,
    Kitchen,
    OvercookedPercept,
    Pot,
    Thing,
    advance,
)

ROOM = LAYOUTS["cramped_room"]
UP, DOWN, RIGHT, LEFT = range(4)

AT_POT = Chef((2, 1), "up")
AT_ONIONS = Chef((1, 1), "left")
AT_DISHES = Chef((1, 2), "down")
AT_SERVING = Chef((3, 2), "down")
EMPTY = Pot()
AT_COUNTER = Chef((3, 1), "up")

MOVES = st.tuples(st.integers(0, 5), st.integers(0, 5))
GAMES = st.sampled_from([GAME, GAME_RING, GAME_DIVIDED])


def kitchen(
    blue: Chef, green: Chef, pot: Pot = EMPTY, lying: dict[Cell, Thing] | None = None
) -> Kitchen:
    counters = tuple((lying or {}).get(cell) for cell in ROOM.counters)
    return Kitchen((blue, green), (pot,), counters)


def interact(
    blue: Chef, pot: Pot = EMPTY, lying: dict[Cell, Thing] | None = None, green: Chef = AT_COUNTER
) -> tuple[Kitchen, tuple[Event, ...]]:
    """The blue chef acts while the other one stays."""
    return advance(ROOM, kitchen(blue, green, pot, lying), (INTERACT, STAY))


@settings(max_examples=60, deadline=None)
@given(GAMES, st.lists(MOVES, max_size=50))
def test_whatever_chefs_do(game: Game[OvercookedPercept], played: list[tuple[int, int]]) -> None:
    state = game.new(0)
    for blue, green in played:
        state.apply({0: blue, 1: green})
        now = state.percept(0).now
        cells = [chef.at for chef in now.chefs]
        assert set(cells) <= set(state.percept(0).floor_plan.floor)
        assert len(set(cells)) == 2
        assert all(0 <= pot.onions <= 3 for pot in now.pots)
        assert all(pot.left is None or pot.onions for pot in now.pots)
    earned = sum(REWARDS[event] * sum(counts) for event, counts in state.events.items())
    assert state.returns == (earned, earned)
    assert state.percept(1).joint_actions == tuple(played[-3:])
    assert set(state.events) <= set(game.spec.events)


@settings(max_examples=30, deadline=None)
@given(GAMES, st.lists(MOVES, min_size=1, max_size=49), st.integers(0, 2**60))
def test_only_the_moves_count(
    game: Game[OvercookedPercept], played: list[tuple[int, int]], seed: int
) -> None:
    one, two = game.new(0), game.new(seed)
    for blue, green in played:
        two.apply({0: blue, 1: green})
        one.apply({0: blue, 1: green})
        copied = one.copy()
    copied.apply({0: INTERACT, 1: UP})
    assert one.step == two.step == len(played)
    assert one.percept(0) == two.percept(0)
    assert copied.step == one.step + 1


def test_an_episode_ends_after_fifty_steps() -> None:
    state = GAME.new(0)
    for step in range(50):
        assert state.acting == (0, 1)
        assert len(state.percept(0).kitchens) == min(step + 1, FRAMES)
        state.apply({0: STAY, 1: STAY})
    assert state.acting == ()
    assert state.truncated
    assert state.legal_actions(0) == ()
    with pytest.raises(IllegalMoveError):
        state.apply({0: STAY, 1: STAY})


@pytest.mark.parametrize(("facing", "taken"), [("left", "onion"), ("up", "dish"), ("down", None)])
def test_a_chef_uses_what_it_faces(facing: str, taken: Thing | None) -> None:
    after, events = interact(AT_ONIONS._replace(facing=facing), lying={(1, 0): "dish"})
    assert after.chefs[0].holds == taken
    assert events == ()


def test_a_full_hand_takes_nothing() -> None:
    after, _ = interact(AT_ONIONS._replace(holds="dish"))
    assert after.chefs[0].holds == "dish"


def test_counters_take_one_thing_and_give_it_to_anyone() -> None:
    start = kitchen(AT_COUNTER._replace(holds="soup"), AT_DISHES)
    laid, _ = advance(ROOM, start, (INTERACT, STAY))
    assert laid.chefs[0].holds is None
    assert laid.counters[ROOM.counters.index((3, 0))] == "soup"
    both_full = Kitchen((AT_COUNTER._replace(holds="dish"), AT_DISHES), laid.pots, laid.counters)
    assert advance(ROOM, both_full, (INTERACT, STAY))[0] == both_full
    other = Kitchen((AT_DISHES, AT_COUNTER), laid.pots, laid.counters)
    assert advance(ROOM, other, (STAY, INTERACT))[0].chefs[1].holds == "soup"


@pytest.mark.parametrize("onions", [0, 1, 2])
def test_onions_go_into_an_open_pot(onions: int) -> None:
    after, events = interact(AT_POT._replace(holds="onion"), Pot(onions))
    assert after.pots == (Pot(onions + 1),)
    assert after.chefs[0].holds is None
    assert events == ((0, "onions"),)


@pytest.mark.parametrize("pot", [Pot(3), Pot(1, 3), Pot(2, 0)])
def test_onions_do_not_go_into_a_full_or_heated_pot(pot: Pot) -> None:
    after, events = interact(AT_POT._replace(holds="onion"), pot)
    assert after.pots[0].onions == pot.onions
    assert after.chefs[0].holds == "onion"
    assert events == ()


@pytest.mark.parametrize("onions", [1, 2, 3])
def test_empty_hands_start_a_pot_that_is_ready_five_steps_later(onions: int) -> None:
    now, _ = interact(AT_POT, Pot(onions))
    for left in range(COOKING_STEPS - 1, 0, -1):
        assert now.pots == (Pot(onions, left),)
        now, _ = advance(ROOM, now, (INTERACT, STAY))
    assert now.pots == (Pot(onions, 0),)
    assert advance(ROOM, now, (INTERACT, STAY))[0] == now


def test_an_empty_pot_cannot_be_started() -> None:
    assert interact(AT_POT, Pot())[0].pots == (Pot(),)


@pytest.mark.parametrize(("onions", "soup", "paid"), [(3, "soup", 10), (2, "thin soup", 0)])
def test_soups_are_plated_and_served(onions: int, soup: Thing, paid: int) -> None:
    plated, events = interact(AT_POT._replace(holds="dish"), Pot(onions, 0))
    assert plated.chefs[0].holds == soup
    assert plated.pots == (Pot(),)
    assert events == ((0, "soups"),)
    served, events = interact(AT_SERVING._replace(holds=soup))
    assert served.chefs[0].holds is None
    assert sum(REWARDS[event] for _, event in events) == paid


def test_soup_can_only_be_plated_when_it_is_ready() -> None:
    after, events = interact(AT_POT._replace(holds="dish"), Pot(3, 1))
    assert after.chefs[0].holds == "dish"
    assert events == ()


@pytest.mark.parametrize("thing", ["onion", "dish"])
def test_only_soup_is_served(thing: Thing) -> None:
    after, events = interact(AT_SERVING._replace(holds=thing))
    assert after.chefs[0].holds == thing
    assert events == ()


@pytest.mark.parametrize(
    ("pot", "useful"),
    [(Pot(), False), (Pot(1), True), (Pot(2), True), (Pot(3), False), (Pot(3, 2), True)],
)
def test_a_dish_is_useful_for_a_pot_in_use(pot: Pot, useful: bool) -> None:
    after, events = interact(AT_DISHES, pot)
    assert after.chefs[0].holds == "dish"
    assert events == (((0, "dishes"),) if useful else ())


def test_a_dish_is_not_useful_when_there_is_one_already() -> None:
    held = AT_COUNTER._replace(holds="dish")
    assert interact(AT_DISHES, Pot(3, 0), green=held)[1] == ()
    assert interact(AT_DISHES, Pot(3, 0), lying={(0, 2): "dish"})[1] == ()
    assert interact(AT_DISHES, Pot(3, 0), lying={(0, 2): "onion"})[1] == ((0, "dishes"),)


def test_the_blue_chef_acts_first_and_pots_count_as_they_were() -> None:
    start = kitchen(AT_POT, AT_DISHES, Pot(3))
    after, events = advance(ROOM, start, (INTERACT, INTERACT))
    assert after.pots == (Pot(3, COOKING_STEPS - 1),)
    assert after.chefs[1].holds == "dish"
    assert events == ()
    laid = kitchen(AT_COUNTER._replace(holds="dish"), AT_DISHES, Pot(2))
    assert advance(ROOM, laid, (INTERACT, INTERACT))[1] == ()
    taken = kitchen(AT_DISHES, AT_COUNTER._replace(holds="dish"), Pot(2))
    assert advance(ROOM, taken, (INTERACT, INTERACT))[1] == ()


def test_walking_into_furniture_only_turns() -> None:
    after, _ = advance(ROOM, kitchen(AT_POT, AT_DISHES), (UP, LEFT))
    assert after.chefs == (AT_POT, Chef((1, 2), "left"))


def test_chefs_follow_each_other_but_do_not_share_or_swap_cells() -> None:
    side_by_side = kitchen(Chef((1, 1), "up"), Chef((2, 1), "up"))
    following, _ = advance(ROOM, side_by_side, (RIGHT, RIGHT))
    assert [chef.at for chef in following.chefs] == [(2, 1), (3, 1)]
    swapping, _ = advance(ROOM, side_by_side, (RIGHT, LEFT))
    assert swapping.chefs == (Chef((1, 1), "right"), Chef((2, 1), "left"))
    pushing, _ = advance(ROOM, side_by_side, (RIGHT, STAY))
    assert pushing.chefs == (Chef((1, 1), "right"), Chef((2, 1), "up"))
    apart = kitchen(Chef((1, 1), "up"), Chef((3, 1), "up"))
    meeting, _ = advance(ROOM, apart, (RIGHT, LEFT))
    assert meeting.chefs == (Chef((1, 1), "right"), Chef((3, 1), "left"))


def test_a_chef_acts_from_where_it_stood() -> None:
    start = kitchen(AT_POT._replace(holds="onion"), AT_COUNTER)
    after, events = advance(ROOM, start, (DOWN, INTERACT))
    assert events == ()
    assert after.chefs[0] == Chef((2, 2), "down", "onion")


def test_actions_are_named_in_order() -> None:
    assert ACTIONS == ("up", "down", "right", "left", "stay", "interact")
    assert GAME.spec.actions == ACTIONS


def test_the_benchmarks_kitchen() -> None:
    room = LAYOUTS["cramped_room"]
    assert room.size == (5, 4)
    assert len(room.tiles) == 20
    assert room.starts == ((1, 2), (3, 1))
    assert room.pots == ((2, 0),)
    assert room.counters == ((1, 0), (3, 0), (0, 2), (4, 2), (2, 3))
    assert len(room.floor) == 6


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_kitchens_have_all_that_a_soup_needs(layout: Layout) -> None:
    assert all(layout.places(tile) for tile in "PODS")
    assert set(layout.starts) <= set(layout.floor)


def test_cells_are_named_as_on_a_chessboard() -> None:
    labels = LAYOUTS["cramped_room"].labels
    assert labels[0, 3] == "a1"
    assert labels[4, 0] == "e4"
    assert len(set(labels.values())) == 20


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (("XXXX", "X12X", "XXX"), "differ in length"),
        (("XXXX", "X1?X", "XXXX"), "unknown cells"),
        (("XXXX", "X1 X", "XXXX"), "one chef 2"),
        (("XXXXX", "X122X", "XXXXX"), "one chef 2"),
        (("XXXX", "X12 ", "XXXX"), "open at its edge"),
    ],
)
def test_bad_drawings_are_refused(rows: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Layout("bad", rows)
