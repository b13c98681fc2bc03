import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vsbench_envs.overcooked.forecast import forecast
from vsbench_envs.overcooked.layout import LAYOUTS, Cell, Layout
from vsbench_envs.overcooked.navigation import FAR, distances, joint_routes
from vsbench_envs.overcooked.planner import errands, plan
from vsbench_envs.overcooked.rules import (
    INTERACT,
    REWARDS,
    STAY,
    Chef,
    Kitchen,
    Pot,
    advance,
    initial_kitchen,
)

ROOM = LAYOUTS["cramped_room"]
layouts = st.sampled_from(list(LAYOUTS.values()))


def after_random_play(layout: Layout, seed: int, steps: int) -> Kitchen:
    rng, kitchen = Random(seed), initial_kitchen(layout)
    for _ in range(steps):
        kitchen, _ = advance(layout, kitchen, (rng.randrange(6), rng.randrange(6)))
    return kitchen


kitchens = st.builds(
    lambda layout, seed, steps: (layout, after_random_play(layout, seed, steps)),
    layouts,
    st.integers(0, 999),
    st.integers(0, 40),
)


def earned(layout: Layout, kitchen: Kitchen, left: int) -> int:
    total = 0
    for joint in plan(layout, kitchen, left):
        kitchen, events = advance(layout, kitchen, joint)
        total += sum(REWARDS[event] for _, event in events)
    return total


@settings(max_examples=20, deadline=None)
@given(kitchens, st.integers(0, 14))
def test_plans_keep_to_the_rules_and_the_time(found: tuple[Layout, Kitchen], left: int) -> None:
    layout, kitchen = found
    moves = plan(layout, kitchen, left)
    assert len(moves) <= left
    assert earned(layout, kitchen, left) <= earned(layout, kitchen, left + 8)
    assert bool(moves) == (earned(layout, kitchen, left) > 0)


def test_a_soup_at_hand_is_served() -> None:
    serving = Chef((3, 1), "up", "soup")
    kitchen = Kitchen((Chef((1, 1), "up"), serving), (Pot(),), initial_kitchen(ROOM).counters)
    assert earned(ROOM, kitchen, 2) == 10
    assert [joint[1] for joint in plan(ROOM, kitchen, 2)] == [1, INTERACT]
    assert plan(ROOM, kitchen, 1) == ()


def test_the_first_soup_is_served_within_nineteen_steps() -> None:
    assert earned(ROOM, initial_kitchen(ROOM), 18) < 20
    assert earned(ROOM, initial_kitchen(ROOM), 19) >= 20


def test_a_new_process_finds_the_same_plan() -> None:
    kitchen = after_random_play(ROOM, 5, 20)
    plan(ROOM, initial_kitchen(ROOM), 12)
    script = (
        "from vsbench_envs.overcooked.layout import LAYOUTS\n"
        "from vsbench_envs.overcooked.rules import Chef, Kitchen, Pot\n"
        "from vsbench_envs.overcooked.planner import plan\n"
        f"print(plan(LAYOUTS['cramped_room'], {kitchen!r}, 20))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert found.stdout.decode().strip() == repr(plan(ROOM, kitchen, 20))


@given(kitchens)
def test_errands_can_be_walked_to(found: tuple[Layout, Kitchen]) -> None:
    layout, kitchen = found
    for seat, chef in enumerate(kitchen.chefs):
        steps_from = distances(layout).steps_from[chef.at, chef.facing]
        for cell in errands(layout, kitchen, seat):
            assert layout.tiles[cell] in "XPODS"
            assert steps_from[cell] < FAR


@settings(deadline=None)
@given(kitchens, st.randoms(use_true_random=False))
def test_joint_routes_lead_both_chefs_to_their_targets(
    found: tuple[Layout, Kitchen], rng: Random
) -> None:
    layout, kitchen = found
    waiting: list[Cell | None] = []
    for chef in kitchen.chefs:
        steps_from = distances(layout).steps_from[chef.at, chef.facing]
        waiting.append(rng.choice([cell for cell, steps in steps_from.items() if steps < FAR]))
    for _ in range(30):
        for seat, chef in enumerate(kitchen.chefs):
            if chef.reach == waiting[seat]:
                waiting[seat] = None
        if not any(waiting):
            break
        joint = joint_routes(layout).move(kitchen.chefs, (waiting[0], waiting[1]))
        kitchen, _ = advance(layout, kitchen, joint)
    assert waiting == [None, None]


def test_a_chef_without_target_gives_way() -> None:
    chefs = [Chef((1, 2), "up"), Chef((2, 1), "up")]
    kitchen = Kitchen((chefs[0], chefs[1]), (Pot(),), initial_kitchen(ROOM).counters)
    for _ in range(3):
        joint = joint_routes(ROOM).move(kitchen.chefs, ((2, 0), None))
        kitchen, _ = advance(ROOM, kitchen, joint)
    assert kitchen.chefs[0].reach == (2, 0)


def test_a_chef_that_faces_its_target_stays() -> None:
    chefs = (Chef((1, 2), "down"), Chef((2, 1), "up"))
    first, second = joint_routes(ROOM).move(chefs, ((1, 3), (3, 3)))
    assert first == STAY
    assert second != STAY


def test_lone_distances_count_turns_and_steps() -> None:
    steps_from = distances(ROOM).steps_from[(1, 1), "up"]
    assert steps_from[1, 0] == 0
    assert steps_from[0, 1] == 1
    assert steps_from[2, 0] == 2
    assert steps_from[3, 3] == 3
    assert distances(ROOM).steps_from[(1, 2), "down"][0, 1] == 2
    assert distances(LAYOUTS["divided"]).steps_from[(1, 1), "up"][3, 0] == FAR


@pytest.mark.parametrize("blocked", [(2, 1), (3, 3)])
def test_paths_avoid_the_other_chef(blocked: tuple[int, int]) -> None:
    around = distances(ROOM).search(((1, 1), "right"), blocked)
    assert around[4, 1] == (5 if blocked == (2, 1) else 2)
    move = distances(ROOM).first_move(((1, 1), "right"), (4, 1), blocked)
    assert move == (1 if blocked == (2, 1) else 2)
    assert distances(ROOM).first_move(((1, 1), "right"), (2, 0), (2, 1)) is None


@given(kitchens, st.integers(0, 40))
def test_forecasts_grow_with_the_time_left(found: tuple[Layout, Kitchen], left: int) -> None:
    layout, kitchen = found
    value = forecast(layout).value
    assert value(kitchen, 0) == 0
    assert value(kitchen, left) <= value(kitchen, left + 1)


def test_a_kitchen_that_is_ahead_looks_better() -> None:
    chefs = initial_kitchen(ROOM).chefs
    value = forecast(ROOM).value
    prospects = [
        REWARDS["onions"] * pot.onions
        + value(Kitchen(chefs, (pot,), initial_kitchen(ROOM).counters), 15)
        for pot in (Pot(), Pot(1), Pot(2), Pot(3), Pot(3, 4))
    ]
    assert prospects == sorted(prospects)
    assert prospects[0] < prospects[-1]
