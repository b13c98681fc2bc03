from collections.abc import Callable
from random import Random

import pytest

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.rules import BreakthroughPercept
from vsbench_envs.game import State
from vsbench_envs.registry import bot

Episode = State[BreakthroughPercept]
Play = Callable[[int, str, str], Episode]
Move = Callable[[Episode, str, Random], int]

BOTS = [
    "oracle:depth=3",
    "alphabeta:depth=2",
    "mcts:simulations=4,rollouts=1",
    "greedy",
    "random",
]


def wins(play: Play, strong: str, weak: str, games: int) -> int:
    """Number of games that the first bot wins, with half of the games in each seat."""
    return sum(
        play(seed, *((strong, weak) if seed % 2 == 0 else (weak, strong))).returns[seed % 2] > 0
        for seed in range(games)
    )


@pytest.mark.slow
def test_the_oracle_beats_the_standard_opponent_from_both_seats(play: Play) -> None:
    assert wins(play, "oracle", "mcts", 2) == 2


def test_strengths_are_in_order(play: Play) -> None:
    assert wins(play, "alphabeta:depth=3", "alphabeta:depth=1", 10) >= 8
    assert wins(play, "alphabeta:depth=2", "greedy", 20) >= 18
    assert wins(play, "greedy", "random", 20) >= 18
    assert wins(play, "mcts:simulations=20,rollouts=2", "random", 6) == 6


@pytest.mark.parametrize("name", BOTS)
def test_a_decision_repeats_and_leaves_the_state_alone(name: str, move: Move) -> None:
    state = GAME.new(0)
    for step in range(20):
        (seat,) = state.acting
        action = move(state, name, Random(step))
        assert action in state.legal_actions(seat)
        assert move(state, name, Random(step)) == action
        assert state.step == step
        state.apply({seat: action})


@pytest.mark.parametrize("name", BOTS)
def test_ties_are_broken_at_random(name: str, move: Move) -> None:
    state = GAME.new(0)
    assert len({move(state, name, Random(seed)) for seed in range(12)}) > 1


@pytest.mark.parametrize(
    "written",
    ["alphabeta:depth=0", "mcts:simulations=0", "mcts:rollouts=-1", "mcts:c=nan", "mcts:c=-1"],
)
def test_options_out_of_range_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        bot(GAME, written)


def test_greedy_wins_then_captures_then_runs(move: Move) -> None:
    state = GAME.new(0)
    for black, white in (("a7b6", "h2h3"), ("b6b5", "h3h4"), ("b5b4", "h4h5")):
        assert move(state, "greedy", Random(0)) in state.legal_actions(0)
        state.apply({0: GAME.spec.ids[black]})
        state.apply({1: GAME.spec.ids[white]})
    assert name(move(state, "greedy", Random(0))) in {"b4a3", "b4b3", "b4c3"}
    state.apply({0: GAME.spec.ids["b4b3"]})
    assert name(move(state, "greedy", Random(0))) in {"a2b3", "c2b3"}


def name(action: int) -> str:
    return GAME.spec.actions[action]
