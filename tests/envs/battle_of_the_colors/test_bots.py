"""Players of Battle of the Colors, against the published figures."""

import pytest

from grid_play import decide, ends, mean_total, rollout
from vsbench_envs.battle_of_the_colors import GAME
from vsbench_envs.battle_of_the_colors.rules import BattleState
from vsbench_envs.grid.board import DOWN, RIGHT, STAY, distance


def test_the_oracle_plays_as_well_as_the_reference() -> None:
    """The reference reaches 57.2 (standard error 0.4); 60 episodes have one of 0.8."""
    assert mean_total(GAME, 60, "oracle") == pytest.approx(57.2, abs=2)


def test_random_play_hardly_meets() -> None:
    """The reference gets 0.28 (standard error 0.05); 200 episodes have one of 0.07."""
    assert mean_total(GAME, 200, "random") == pytest.approx(0.28, abs=0.2)


def test_insisting_on_ones_own_colour_splits() -> None:
    for end in ends(GAME, 10, "self_interest"):
        assert end.events["split"][0] > 5 > sum(end.returns) / 3


def test_agreeing_on_any_colour_is_better_than_that() -> None:
    assert mean_total(GAME, 30, "both_red") > 40
    assert mean_total(GAME, 30, "both_blue") > 40
    assert mean_total(GAME, 30, "both_red", "both_blue") < 10


def test_each_would_rather_meet_on_its_own_colour() -> None:
    red = [sum(end.returns[seat] for end in ends(GAME, 10, "both_red")) for seat in (0, 1)]
    blue = [sum(end.returns[seat] for end in ends(GAME, 10, "both_blue")) for seat in (0, 1)]
    assert red[0] > 1.5 * red[1]
    assert blue[1] > 1.5 * blue[0]


def test_common_welfare_keeps_its_goal_until_it_is_reached() -> None:
    """Between two events the block with fewer steps to go stays the same one."""
    goal = None
    for state, _ in rollout(GAME, 5, ("common_welfare", "common_welfare")):
        left = [sum(distance(player, block) for player in state.players) for block in state.things]
        if any(state.rewards) or state.step == 0:
            goal = left.index(min(left))
        assert left.index(min(left)) == goal


def test_where_each_one_goes() -> None:
    state = BattleState(0)
    state.players, state.things = ((0, 0), (1, 0)), ((0, 3), (2, 0))
    assert decide(GAME, state, 0, "oracle") == RIGHT
    assert decide(GAME, state, 0, "self_interest") == DOWN
    assert decide(GAME, state, 0, "both_blue") == RIGHT
    assert decide(GAME, state, 1, "greedy") == RIGHT
    state.players = ((0, 3), (1, 0))
    assert decide(GAME, state, 0, "both_red") == STAY
