"""Episodes that bots play among themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from vsbench_envs.game import Game, State
from vsbench_envs.registry import bot
from vsbench_envs.replay import Playthrough
from vsbench_envs.seeding import stream

Streams = Callable[[int, int], Random]
"""The random stream of a decision, by its step and seat."""


def rollout(
    game: Game[Any], seed: int, bots: Sequence[str], streams: Streams | None = None
) -> Iterator[tuple[State[Any], Mapping[int, int]]]:
    """Yield each state of an episode and the joint move played in it; the last state has none.

    It is one state that changes; ``copy`` what you keep.

    Args:
        game: to play.
        seed: of the episode.
        bots: one for each seat, ``name`` or ``name:option=value,...``.
        streams: random streams of the decisions; by default derived from the seed.
    """
    return play_on(
        game,
        game.new(seed),
        bots,
        streams or (lambda step, seat: stream(seed, "rollout", step, seat)),
    )


def play_on(
    game: Game[Any], state: State[Any], bots: Sequence[str], streams: Streams
) -> Iterator[tuple[State[Any], Mapping[int, int]]]:
    """Like :func:`rollout`, from any state on. Bots remember nothing that came before."""
    policies = [bot(game, written) for written in bots]
    playthrough = Playthrough(game, state, range(len(bots)))
    while state.acting:
        joint = {}
        for seat in state.acting:
            policy, options = policies[seat]
            turn = playthrough.turn(seat, bots[seat], streams(state.step, seat))
            joint[seat] = policy.decide(turn, **options)
        yield state, joint
        playthrough.apply(joint)
    yield state, {}
