"""The value of a policy from the frequencies of its actions."""

from collections.abc import Sequence

import numpy as np
import pytest

from vsbench_envs import get
from vsbench_envs.kuhn_poker.rules import ACTIONS, CARDS, DEALS
from vsbench_envs.kuhn_poker.value import (
    INFORMATION_SETS,
    Frequencies,
    bot_frequencies,
    derivative,
    expected_chips,
    extreme_values,
    payoff,
    policy_value,
)
from vsbench_envs.rollout import rollout
from vsbench_envs.spec import PlayedEpisode

GAME = get("kuhn_poker")


def frequencies(written: str) -> Frequencies:
    found = bot_frequencies(written)
    assert found is not None
    return found


def played(first: str, second: str, seat: int, seeds: Sequence[int]) -> list[PlayedEpisode]:
    episodes = []
    for seed in seeds:
        moves = [
            ACTIONS[joint[state.acting[0]]]
            for state, joint in rollout(GAME, seed, [first, second])
            if joint
        ]
        episodes.append(PlayedEpisode(seed, seat, tuple(moves)))
    return episodes


def test_values_that_are_known() -> None:
    """Kuhn (1950): nobody gains against the equilibrium; random play loses a ninth of a chip."""
    equilibrium = frequencies("equilibrium")
    assert expected_chips(equilibrium, equilibrium) == pytest.approx(0)
    assert expected_chips(frequencies("equilibrium:alpha=1/3"), equilibrium) == pytest.approx(0)
    assert expected_chips(frequencies("random"), equilibrium) == pytest.approx(-1 / 9)
    assert extreme_values(equilibrium)[1] == pytest.approx(0)
    # Against random play, the best is to exploit it.
    assert extreme_values(frequencies("random"))[1] > 0.3


def test_payoffs_are_those_of_the_rules() -> None:
    for deal in range(len(DEALS)):
        cards = CARDS[DEALS[deal][0]], CARDS[DEALS[deal][1]]
        for line in ("pp", "pbp", "pbb", "bp", "bb"):
            state = GAME.new(deal)
            moves = [{"p": "pass", "b": "bet"}[letter] for letter in line]
            for place, move in enumerate(moves):
                assert payoff(0, cards, tuple(moves[:place])) is None
                state.apply({place % 2: ACTIONS.index(move)})
            for seat in (0, 1):
                assert payoff(seat, cards, tuple(moves)) == state.returns[seat]


def test_the_value_is_the_mean_of_many_hands() -> None:
    random, equilibrium = frequencies("random"), frequencies("equilibrium")
    episodes = played("random", "equilibrium", 0, range(600))
    episodes += played("equilibrium", "random", 1, range(600))
    found = policy_value(episodes, "equilibrium:alpha=0")
    assert found is not None
    assert found.n == 1200
    assert abs(found.mean - expected_chips(random, equilibrium)) < 3 * found.error
    # The mean of so many hands has a standard error of 0.035.
    assert found.error < 0.012
    low, high = extreme_values(equilibrium)
    assert found.bounds == (low, high)
    assert low < found.mean < high


def test_derivatives_are_exact() -> None:
    rng = np.random.default_rng(1)
    policy = dict(zip(INFORMATION_SETS, rng.random(12).tolist(), strict=True))
    equilibrium = frequencies("equilibrium")
    for where in INFORMATION_SETS:
        near = {**policy, where: policy[where] + 1e-6}
        change = expected_chips(near, equilibrium) - expected_chips(policy, equilibrium)
        assert derivative(policy, where, equilibrium) == pytest.approx(change / 1e-6, abs=1e-6)


def test_one_hand_has_a_value_and_an_error() -> None:
    found = policy_value([PlayedEpisode(0, 0, ("pass", "pass"))], "equilibrium")
    assert found is not None
    assert found.error > 0.01
    assert found.bounds[0] <= found.mean <= found.bounds[1]


@pytest.mark.parametrize("opponent", ["greedy"])
def test_the_opponent_s_policy_must_be_known(opponent: str) -> None:
    assert policy_value([], opponent) is None
