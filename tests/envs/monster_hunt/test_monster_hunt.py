"""Monster Hunt: apples, the monster's steps, meetings, and the bots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_play import decide, ends, mean_total
from vsbench_envs.grid.board import CELLS, DOWN, LEFT, RIGHT, STAY, UP, Cell, distance, move
from vsbench_envs.monster_hunt import GAME
from vsbench_envs.monster_hunt.rules import HuntState

RED, BLUE = 0, 1
SEEDS = st.integers(0, 2**63 - 1)


def state(
    red: Cell, blue: Cell, apples: tuple[Cell, Cell], monster: Cell, seed: int = 0
) -> HuntState:
    hunt = HuntState(seed)
    hunt.players, hunt.things = (red, blue), (*sorted(apples), monster)
    return hunt


def monsters(red: Cell, blue: Cell, monster: Cell) -> set[Cell]:
    """The monster's possible cells after a step in which both players stay."""
    found = set()
    for seed in range(40):
        hunt = state(red, blue, ((0, 4), (4, 4)), monster, seed)
        hunt.apply({RED: STAY, BLUE: STAY})
        found.add(hunt.things[2])
    return found


def test_an_apple_pays_its_eater() -> None:
    hunt = state((0, 0), (0, 4), ((1, 0), (2, 4)), (4, 4))
    hunt.apply({RED: RIGHT, BLUE: STAY})
    assert hunt.rewards == (2, 0)
    assert hunt.events == {"apples": (1, 0), "lone_meetings": (0, 0), "joint_defeats": (0, 0)}
    assert (1, 0) not in hunt.things
    assert (2, 4) in hunt.things


def test_both_eat_an_apple_that_both_reach() -> None:
    hunt = state((0, 0), (2, 0), ((1, 0), (0, 4)), (4, 4))
    hunt.apply({RED: RIGHT, BLUE: LEFT})
    assert hunt.rewards == (2, 2)


def test_a_lone_player_is_mauled_and_respawns() -> None:
    landed = set()
    for seed in range(300):
        hunt = state((0, 0), (4, 4), ((0, 4), (2, 4)), (1, 0), seed)
        hunt.apply({RED: RIGHT, BLUE: STAY})
        assert hunt.rewards == (-2, 0)
        assert hunt.events["lone_meetings"] == (1, 0)
        assert hunt.things == ((0, 4), (2, 4), (1, 0))
        landed.add(hunt.players[RED])
    assert landed == set(CELLS) - {(4, 4), (0, 4), (2, 4), (1, 0)}


def test_the_monster_comes_to_waiting_players() -> None:
    hunt = state((0, 0), (4, 4), ((0, 4), (2, 4)), (1, 0))
    hunt.apply({RED: STAY, BLUE: STAY})
    assert hunt.rewards == (-2, 0)
    assert hunt.things[2] == (0, 0)


def test_two_players_defeat_the_monster() -> None:
    landed = set()
    for seed in range(300):
        hunt = state((0, 0), (1, 1), ((0, 4), (2, 4)), (1, 0), seed)
        hunt.apply({RED: RIGHT, BLUE: UP})
        assert hunt.rewards == (5, 5)
        assert hunt.events["joint_defeats"] == (1, 1)
        assert hunt.players == ((1, 0), (1, 0))
        landed.add(hunt.things[2])
    assert landed == set(CELLS) - {(1, 0), (0, 4), (2, 4)}


def test_an_apple_is_eaten_before_the_monster_comes() -> None:
    hunt = state((0, 0), (4, 4), ((1, 0), (0, 4)), (2, 0))
    hunt.apply({RED: RIGHT, BLUE: STAY})
    assert hunt.rewards == (0, 0)
    assert (hunt.events["apples"], hunt.events["lone_meetings"]) == ((1, 0), (1, 0))


def test_the_monster_eats_apples_for_nothing() -> None:
    hunt = state((0, 0), (4, 4), ((1, 0), (0, 4)), (2, 0))
    hunt.apply({RED: STAY, BLUE: STAY})
    assert hunt.things[2] == (1, 0)
    assert (1, 0) not in hunt.things[:2]
    assert (0, 4) in hunt.things
    assert hunt.rewards == (0, 0)
    assert hunt.events["apples"] == (0, 0)


def test_the_monster_seeks_the_nearer_player() -> None:
    assert monsters((0, 0), (4, 0), (1, 0)) == {(0, 0)}
    assert monsters((0, 0), (4, 0), (3, 0)) == {(4, 0)}


def test_the_monster_breaks_ties_by_chance() -> None:
    assert monsters((0, 0), (4, 0), (2, 0)) == {(1, 0), (3, 0)}
    assert monsters((0, 0), (0, 0), (2, 2)) == {(1, 2), (2, 1)}


@given(data=st.data())
def test_any_step(data: st.DataObject) -> None:
    """Rewards follow from the counts; the monster takes one step; nothing overlaps."""
    *apples, monster = data.draw(st.permutations(CELLS))[:3]
    free = [cell for cell in CELLS if cell not in (*apples, monster)]
    red, blue = data.draw(st.sampled_from(free)), data.draw(st.sampled_from(free))
    hunt = state(red, blue, (apples[0], apples[1]), monster, data.draw(SEEDS))
    joint = {seat: data.draw(st.integers(0, 4)) for seat in (RED, BLUE)}
    arrivals = (move(red, joint[RED]), move(blue, joint[BLUE]))
    hunt.apply(joint)

    ate, alone, together = hunt.events.values()
    assert ate == tuple(cell in apples for cell in arrivals)
    assert together in ((0, 0), (1, 1))
    assert sum(alone) + sum(together) <= 2
    for seat in (RED, BLUE):
        assert hunt.rewards[seat] == 2 * ate[seat] - 2 * alone[seat] + 5 * together[seat]
        assert hunt.players[seat] == arrivals[seat] or alone[seat]

    assert len({*hunt.things}) == 3
    assert not {*hunt.things} & {*hunt.players}
    assert hunt.things[0] < hunt.things[1]
    near = min(distance(monster, cell) for cell in arrivals)
    if sum(together) == 0:
        after = hunt.things[2]
        assert distance(monster, after) == min(near, 1)
        assert min(distance(after, cell) for cell in arrivals) == max(near - 1, 0)
        assert sum(alone) == arrivals.count(after)
    stays = set(apples) - {*arrivals, hunt.things[2]}
    assert sum(together) or stays <= {*hunt.things[:2]}


def test_start() -> None:
    for seed in range(50):
        hunt = HuntState(seed)
        assert len({*hunt.players, *hunt.things}) == 5
        assert hunt.things[0] < hunt.things[1]


def test_walking_through_the_monster_meets_it() -> None:
    hunt = state((0, 0), (4, 4), ((0, 4), (2, 4)), (0, 1))
    hunt.apply({RED: DOWN, BLUE: STAY})
    assert hunt.rewards == (-2, 0)


def test_the_oracle_plays_as_well_as_the_reference() -> None:
    """The reference reaches 177.5 (standard error 2.2); 60 episodes have one of 4.6."""
    assert mean_total(GAME, 60, "oracle") == pytest.approx(177.5, abs=10)


def test_random_play_loses_as_much_as_the_reference() -> None:
    """The reference loses 22.2 (standard error 0.58); 100 episodes have one of 1.0."""
    assert mean_total(GAME, 100, "random") == pytest.approx(-22.2, abs=2.4)


def test_the_middle_is_better_than_the_corner_and_apples_safer_than_the_chase() -> None:
    corner, apples = mean_total(GAME, 30, "wait_in_corner"), mean_total(GAME, 30, "nearest_apple")
    assert 70 < corner < 130
    assert 40 < apples < corner
    eaten = sum(sum(end.events["apples"]) for end in ends(GAME, 10, "nearest_apple"))
    chased = sum(sum(end.events["apples"]) for end in ends(GAME, 10, "to_the_monster"))
    assert eaten > 5 * chased


def test_waiting_alone_is_costly() -> None:
    waiting = sum(end.returns[0] for end in ends(GAME, 20, "oracle", "nearest_apple")) / 20
    assert waiting < 0


def test_targets_of_the_bots() -> None:
    state = HuntState(0)
    state.players = ((2, 1), (2, 2))
    state.things = ((2, 0), (3, 4), (4, 1))
    assert decide(GAME, state, 0, "wait_in_middle") == DOWN
    assert decide(GAME, state, 1, "wait_in_middle") == STAY
    assert decide(GAME, state, 0, "to_the_monster") == RIGHT
    assert decide(GAME, state, 0, "nearest_apple") == UP
    assert decide(GAME, state, 0, "greedy") == UP
    assert decide(GAME, state, 1, "wait_in_corner") in (LEFT, UP)
