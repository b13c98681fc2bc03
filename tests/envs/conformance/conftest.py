"""What every registered game must do, whoever wrote it. There are no exceptions by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from vsbench_envs import Game, State, Turn, get, names, registry
from vsbench_envs.seeding import stream

Rollout = Callable[..., Iterator[tuple[State[Any], Mapping[int, int]]]]


def _listed(game_id: str) -> Any:
    """A game's tests; those of games on an emulator take minutes and are for ``make test-all``."""
    return pytest.param(game_id, marks=[pytest.mark.slow] if get(game_id).spec.extra else [])


@pytest.fixture(scope="session", params=map(_listed, names()))
def game(request: pytest.FixtureRequest) -> Game[Any]:
    return get(request.param)


def play(
    game: Game[Any], seed: int, written: str = "random"
) -> Iterator[tuple[State[Any], Mapping[int, int]]]:
    """Each state of an episode and the joint move played in it, the last one's being empty.

    It is one state that changes; a bot sits in every seat.
    """
    player, options = registry.bot(game, written)
    state = game.new(seed)
    memories: list[tuple[Any, ...]] = [()] * game.spec.seats
    while state.acting:
        joint = {}
        for seat in state.acting:
            memories[seat] += (state.percept(seat),)
            luck = stream(seed, written, seat, state.step)
            search = state.copy() if player.needs_state else None
            turn = Turn(memories[seat], state.legal_actions(seat), luck, search)
            joint[seat] = player.decide(turn, **options)
        yield state, joint
        state.apply(joint)
    yield state, {}


@pytest.fixture(scope="session")
def rollout() -> Rollout:
    return play
