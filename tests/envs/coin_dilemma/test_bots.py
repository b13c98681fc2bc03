"""Players of Coin Dilemma: what they are worth to each other, against the published figures."""

import pytest

from grid_play import decide, ends, mean_total
from vsbench_envs.coin_dilemma import GAME, GAME_3P
from vsbench_envs.coin_dilemma.rules import CoinState
from vsbench_envs.grid.board import DOWN, RIGHT

EPISODES = 60


def test_the_oracle_reaches_the_published_optimum() -> None:
    assert mean_total(GAME, EPISODES, "oracle") >= GAME.spec.measures[0].best


def test_random_play_is_worth_nothing() -> None:
    """Its mean is 0 by symmetry; the standard error of 100 episodes is 0.17."""
    assert mean_total(GAME, 100, "random") == pytest.approx(0, abs=0.5)


def test_walking_straight_is_what_the_published_optimum_measured() -> None:
    """The reference's own optimal players reach 26.7 (standard error 0.21)."""
    assert mean_total(GAME, EPISODES, "straight") == pytest.approx(26.7, abs=1)


def test_self_interest_leaves_nothing_for_anybody() -> None:
    assert mean_total(GAME, EPISODES, "self_interest") == pytest.approx(0, abs=1.5)


def test_the_selfish_live_off_the_kind() -> None:
    kind, selfish = 0, 0
    for end in ends(GAME, 30, "common_welfare", "self_interest"):
        kind, selfish = kind + end.returns[0], selfish + end.returns[1]
        assert end.events["other_coins"][0] == 0
    assert kind / 30 < 0 < 15 < selfish / 30


def test_common_welfare_walks_round_the_other_coin() -> None:
    state = CoinState(0)
    state.players, state.things = ((0, 0), (4, 4)), ((2, 0), (1, 0))
    assert decide(GAME, state, 0, "common_welfare") == DOWN
    assert decide(GAME, state, 0, "straight") == RIGHT
    assert decide(GAME, state, 0, "self_interest") == RIGHT


def test_self_interest_takes_the_nearest_coin_and_any_of_two() -> None:
    state = CoinState(0)
    state.players, state.things = ((0, 0), (4, 4)), ((4, 0), (0, 3))
    assert decide(GAME, state, 0, "self_interest") == DOWN
    state.things = ((3, 0), (0, 3))
    chosen = set()
    for seed in range(20):
        state.seed = seed
        chosen.add(decide(GAME, state, 0, "greedy"))
    assert chosen == {RIGHT, DOWN}


def test_three_who_take_their_own_do_best() -> None:
    assert mean_total(GAME_3P, 20, "oracle") > 40
    assert mean_total(GAME_3P, 20, "greedy") < -10
