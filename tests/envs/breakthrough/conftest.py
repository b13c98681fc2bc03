from collections.abc import Callable
from random import Random

import pytest

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.rules import BreakthroughPercept
from vsbench_envs.game import State, Turn
from vsbench_envs.registry import bot
from vsbench_envs.seeding import stream

Episode = State[BreakthroughPercept]


def choose(state: Episode, written: str, rng: Random) -> int:
    (seat,) = state.acting
    policy, options = bot(GAME, written)
    seen = state.copy() if policy.needs_state else None
    turn = Turn((state.percept(seat),), state.legal_actions(seat), rng, seen)
    return policy.decide(turn, **options)


@pytest.fixture
def move() -> Callable[[Episode, str, Random], int]:
    """The move of a bot in a state."""
    return choose


@pytest.fixture
def play() -> Callable[[int, str, str], Episode]:
    """Play a game between two bots to its end."""

    def run(seed: int, black: str, white: str) -> Episode:
        state = GAME.new(seed)
        while state.acting:
            (seat,) = state.acting
            rng = stream(seed, "player", state.step)
            state.apply({seat: choose(state, (black, white)[seat], rng)})
        return state

    return run
