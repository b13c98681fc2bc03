"""Coin Dilemma: rewards, respawning coins, and the bots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_play import decide, ends, mean_total
from vsbench_envs.coin_dilemma import GAME, GAME_3P
from vsbench_envs.coin_dilemma.rules import CoinState
from vsbench_envs.grid.board import CELLS, DOWN, LEFT, RIGHT, STAY, UP, Cell, move

RED, BLUE = 0, 1


def state(*cells: Cell, seed: int = 0) -> CoinState:
    """A state with players, then coins, on these cells."""
    seats = len(cells) // 2
    found = CoinState(seed, seats)
    found.players, found.things = cells[:seats], cells[seats:]
    return found


def test_an_own_coin_pays_its_taker() -> None:
    coins = state((0, 0), (4, 4), (1, 0), (2, 2))
    coins.apply({RED: RIGHT, BLUE: STAY})
    assert coins.rewards == (1, 0)
    assert coins.events == {"own_coins": (1, 0), "other_coins": (0, 0)}


def test_another_coin_pays_its_taker_and_costs_its_owner() -> None:
    coins = state((0, 0), (4, 4), (2, 2), (0, 1))
    coins.apply({RED: DOWN, BLUE: STAY})
    assert coins.rewards == (1, -2)
    assert coins.events == {"own_coins": (0, 0), "other_coins": (1, 0)}


def test_both_rules_apply_when_both_reach_one_coin() -> None:
    coins = state((0, 0), (2, 0), (1, 0), (4, 4))
    coins.apply({RED: RIGHT, BLUE: LEFT})
    assert coins.rewards == (-1, 1)
    assert coins.events == {"own_coins": (1, 0), "other_coins": (0, 1)}


def test_each_taking_the_others_coin_hurts_both() -> None:
    coins = state((0, 0), (4, 4), (4, 3), (1, 0))
    coins.apply({RED: RIGHT, BLUE: UP})
    assert coins.rewards == (-1, -1)


def test_with_three_only_the_owner_pays() -> None:
    coins = state((0, 0), (2, 0), (4, 4), (4, 0), (0, 4), (1, 0))
    coins.apply({RED: RIGHT, BLUE: LEFT, 2: STAY})
    assert coins.rewards == (1, 1, -4)


@pytest.mark.parametrize("seats", [2, 3])
@given(data=st.data())
def test_any_step(seats: int, data: st.DataObject) -> None:
    """Rewards follow from the counts; taken coins move to free cells, others stay."""
    things = data.draw(
        st.lists(st.sampled_from(CELLS), min_size=seats, max_size=seats, unique=True)
    )
    free = [cell for cell in CELLS if cell not in things]
    players = data.draw(st.lists(st.sampled_from(free), min_size=seats, max_size=seats))
    coins = state(*players, *things, seed=data.draw(st.integers(0, 2**63 - 1)))
    joint = {seat: data.draw(st.integers(0, 4)) for seat in range(seats)}
    arrivals = tuple(move(players[seat], joint[seat]) for seat in range(seats))
    coins.apply(joint)

    assert coins.players == arrivals
    assert len({*coins.things}) == seats
    assert not {*coins.things} & {*arrivals}
    for before, after in zip(things, coins.things, strict=True):
        assert (before == after) == (before not in arrivals)
    taken = [arrivals.count(coin) - (arrivals[i] == coin) for i, coin in enumerate(things)]
    assert sum(coins.events["other_coins"]) == sum(taken)
    for seat in range(seats):
        picked = coins.events["own_coins"][seat] + coins.events["other_coins"][seat]
        assert picked == (arrivals[seat] in things)
        assert coins.rewards[seat] == picked - 2 * taken[seat]


def test_coins_appear_anywhere_that_is_free() -> None:
    """From A1 the red coin moves to every cell except those of players and the blue coin."""
    landed = set()
    for seed in range(400):
        coins = state((1, 0), (4, 4), (0, 0), (2, 2), seed=seed)
        coins.apply({RED: LEFT, BLUE: STAY})
        landed.add(coins.things[RED])
    assert landed == set(CELLS) - {(0, 0), (4, 4), (2, 2)}


EPISODES = 60


def test_the_oracle_reaches_the_published_optimum() -> None:
    assert mean_total(GAME, EPISODES, "oracle") >= GAME.spec.measures[0].best


def test_random_play_is_worth_nothing() -> None:
    """Its mean is 0 by symmetry; the standard error of 100 episodes is 0.17."""
    assert mean_total(GAME, 100, "random") == pytest.approx(0, abs=0.5)


def test_walking_straight_is_what_the_published_optimum_measured() -> None:
    """The reference's own optimal players reach 26.7 (standard error 0.21)."""
    assert mean_total(GAME, EPISODES, "straight") == pytest.approx(26.7, abs=1)


def test_mutual_self_interest_pays_nothing() -> None:
    assert mean_total(GAME, EPISODES, "self_interest") == pytest.approx(0, abs=1.5)


def test_self_interest_exploits_common_welfare() -> None:
    kind, selfish = 0, 0
    for end in ends(GAME, 30, "common_welfare", "self_interest"):
        kind, selfish = kind + end.returns[0], selfish + end.returns[1]
        assert end.events["other_coins"][0] == 0
    assert kind / 30 < 0 < 15 < selfish / 30


def test_common_welfare_avoids_the_other_coin() -> None:
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


def test_three_players_do_best_with_their_own_coins() -> None:
    assert mean_total(GAME_3P, 20, "oracle") > 40
    assert mean_total(GAME_3P, 20, "greedy") < -10
