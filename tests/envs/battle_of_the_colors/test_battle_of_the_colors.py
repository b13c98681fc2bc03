"""Battle of the Colors: the rules of meetings and splits, and the bots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_play import decide, ends, mean_total, rollout
from vsbench_envs.battle_of_the_colors import GAME
from vsbench_envs.battle_of_the_colors.rules import BattleState
from vsbench_envs.grid.board import CELLS, DOWN, LEFT, RIGHT, STAY, Cell, distance, move

RED, BLUE = 0, 1


def state(red: Cell, blue: Cell, blocks: tuple[Cell, Cell], seed: int = 0) -> BattleState:
    battle = BattleState(seed)
    battle.players, battle.things = (red, blue), blocks
    return battle


def test_meeting_on_red_favours_red() -> None:
    battle = state((0, 0), (2, 0), ((1, 0), (4, 4)))
    battle.apply({RED: RIGHT, BLUE: LEFT})
    assert battle.rewards == (2, 1)
    assert battle.events == {"both_red": (1, 1), "both_blue": (0, 0), "split": (0, 0)}
    assert battle.things[RED] != (1, 0)
    assert battle.things[BLUE] == (4, 4)


def test_meeting_on_blue_favours_blue() -> None:
    battle = state((0, 0), (2, 0), ((4, 4), (1, 0)))
    battle.apply({RED: RIGHT, BLUE: LEFT})
    assert battle.rewards == (1, 2)
    assert battle.events == {"both_red": (0, 0), "both_blue": (1, 1), "split": (0, 0)}
    assert battle.things[RED] == (4, 4)
    assert battle.things[BLUE] != (1, 0)


def test_on_different_blocks_nobody_gains_and_both_blocks_move() -> None:
    battle = state((0, 0), (4, 3), ((1, 0), (4, 4)))
    battle.apply({RED: RIGHT, BLUE: DOWN})
    assert battle.rewards == (0, 0)
    assert battle.events == {"both_red": (0, 0), "both_blue": (0, 0), "split": (1, 1)}
    assert not {*battle.things} & {(1, 0), (4, 4)}


def test_the_colours_may_be_crossed_in_a_split() -> None:
    battle = state((4, 3), (0, 0), ((1, 0), (4, 4)))
    battle.apply({RED: DOWN, BLUE: RIGHT})
    assert battle.events["split"] == (1, 1)


def test_a_lone_player_has_no_effect() -> None:
    battle = state((0, 0), (4, 0), ((1, 0), (4, 4)))
    battle.apply({RED: RIGHT, BLUE: LEFT})
    battle.apply({RED: STAY, BLUE: LEFT})
    assert battle.players[RED] == battle.things[RED] == (1, 0)
    battle.apply({RED: STAY, BLUE: LEFT})
    assert battle.returns == (2, 1)


@given(data=st.data())
def test_any_step(data: st.DataObject) -> None:
    """Blocks that paid or split move to free cells of their own; others stay."""
    before = tuple(data.draw(st.permutations(CELLS))[:2])
    red, blue = data.draw(st.sampled_from(CELLS)), data.draw(st.sampled_from(CELLS))
    battle = state(red, blue, before, data.draw(st.integers(0, 2**63 - 1)))
    joint = {seat: data.draw(st.integers(0, 4)) for seat in (RED, BLUE)}
    arrivals = (move(red, joint[RED]), move(blue, joint[BLUE]))
    battle.apply(joint)

    assert battle.players == arrivals
    assert battle.things[RED] != battle.things[BLUE]
    both_on_blocks = set(arrivals) <= set(before)
    for was, now in zip(before, battle.things, strict=True):
        assert (was != now) == (both_on_blocks and was in arrivals)
        assert was == now or now not in arrivals
    assert sum(map(sum, battle.events.values())) == 2 * both_on_blocks
    met = both_on_blocks and arrivals[RED] == arrivals[BLUE]
    assert sum(battle.rewards) == 3 * met


def test_blocks_move_to_any_free_cell() -> None:
    landed: set[Cell] = set()
    for seed in range(400):
        battle = state((0, 0), (2, 0), ((1, 0), (4, 4)), seed)
        battle.apply({RED: RIGHT, BLUE: LEFT})
        landed.add(battle.things[RED])
    assert landed == set(CELLS) - {(1, 0), (4, 4)}


def test_the_oracle_plays_as_well_as_the_reference() -> None:
    """The reference reaches 57.2 (standard error 0.4); 60 episodes have one of 0.8."""
    assert mean_total(GAME, 60, "oracle") == pytest.approx(57.2, abs=2)


def test_random_play_hardly_meets() -> None:
    """The reference gets 0.28 (standard error 0.05); 200 episodes have one of 0.07."""
    assert mean_total(GAME, 200, "random") == pytest.approx(0.28, abs=0.2)


def test_mutual_self_interest_splits() -> None:
    for end in ends(GAME, 10, "self_interest"):
        assert end.events["split"][0] > 5 > sum(end.returns) / 3


def test_agreeing_on_either_colour_is_better() -> None:
    assert mean_total(GAME, 30, "both_red") > 40
    assert mean_total(GAME, 30, "both_blue") > 40
    assert mean_total(GAME, 30, "both_red", "both_blue") < 10


def test_each_player_prefers_its_own_colour() -> None:
    red = [sum(end.returns[seat] for end in ends(GAME, 10, "both_red")) for seat in (0, 1)]
    blue = [sum(end.returns[seat] for end in ends(GAME, 10, "both_blue")) for seat in (0, 1)]
    assert red[0] > 1.5 * red[1]
    assert blue[1] > 1.5 * blue[0]


def test_common_welfare_keeps_its_goal_until_it_is_reached() -> None:
    """Between two events the target block stays the same."""
    goal = None
    for state, _ in rollout(GAME, 5, ("common_welfare", "common_welfare")):
        left = [sum(distance(player, block) for player in state.players) for block in state.things]
        if any(state.rewards) or state.step == 0:
            goal = left.index(min(left))
        assert left.index(min(left)) == goal


def test_targets_of_the_bots() -> None:
    state = BattleState(0)
    state.players, state.things = ((0, 0), (1, 0)), ((0, 3), (2, 0))
    assert decide(GAME, state, 0, "oracle") == RIGHT
    assert decide(GAME, state, 0, "self_interest") == DOWN
    assert decide(GAME, state, 0, "both_blue") == RIGHT
    assert decide(GAME, state, 1, "greedy") == RIGHT
    state.players = ((0, 3), (1, 0))
    assert decide(GAME, state, 0, "both_red") == STAY
