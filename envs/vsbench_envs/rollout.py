"""Episodes that bots play among themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from vsbench_envs.game import Game, State
from vsbench_envs.registry import bot
from vsbench_envs.replay import BotSeat
from vsbench_envs.seeding import stream

Luck = Callable[[int, int], Random]
"""The stream for a decision, from its step and seat."""


def rollout(
    game: Game[Any], seed: int, bots: Sequence[str], luck: Luck | None = None
) -> Iterator[tuple[State[Any], Mapping[int, int]]]:
    """Each state of an episode and the joint move played in it; the last state has none.

    It is one state that changes; ``copy`` what you keep.

    Args:
        game: to play.
        seed: of the episode.
        bots: one for each seat, ``name`` or ``name:option=value,...``.
        luck: where decisions draw from; by default from streams that the seed names.
    """
    draw = luck or (lambda step, seat: stream(seed, "rollout", step, seat))
    seats = [BotSeat(game, seat, written) for seat, written in enumerate(bots)]
    choices = [bot(game, written) for written in bots]
    state = game.new(seed)
    while state.acting:
        for seat in seats:
            seat.watch(state)
        joint = {}
        for acting in state.acting:
            policy, options = choices[acting]
            turn = seats[acting].turn(state, draw(state.step, acting))
            joint[acting] = policy.decide(turn, **options)
        yield state, joint
        state.apply(joint)
    yield state, {}
