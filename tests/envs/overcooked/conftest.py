from collections.abc import Callable

import pytest

from vsbench_envs import Game, State, Turn
from vsbench_envs.overcooked import GAME, GAME_DIVIDED, GAME_RING
from vsbench_envs.overcooked.rules import OvercookedPercept
from vsbench_envs.registry import bot
from vsbench_envs.seeding import stream

Episode = State[OvercookedPercept]
Kitchens = Game[OvercookedPercept]


@pytest.fixture(params=[GAME, GAME_RING, GAME_DIVIDED], ids=lambda game: game.spec.id)
def game(request: pytest.FixtureRequest) -> Kitchens:
    found: Kitchens = request.param
    return found


@pytest.fixture
def play() -> Callable[..., Episode]:
    """Play an episode, or its first steps, with a bot in each seat."""

    def run(game: Kitchens, seed: int, blue: str, green: str, steps: int = 50) -> Episode:
        state = game.new(seed)
        while state.acting and state.step < steps:
            joint = {}
            for seat, written in enumerate((blue, green)):
                found, options = bot(game, written)
                rng = stream(seed, "player", state.step, seat)
                turn = Turn((state.percept(seat),), state.legal_actions(seat), rng)
                joint[seat] = found.decide(turn, **options)
            state.apply(joint)
        return state

    return run
