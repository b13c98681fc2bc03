"""Playing an episode again from its seed and its moves, bots included."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from vsbench_envs.game import Game, Percept, State, Turn
from vsbench_envs.registry import bot


def replay(game: Game[Any], seed: int, moves: Iterable[Mapping[int, int]]) -> Iterator[State[Any]]:
    """The states of an episode: the first, then one after each joint move.

    It is one state that changes; ``copy`` what you keep.

    Raises:
        IllegalMoveError: at a joint move that the rules do not allow.
    """
    state = game.new(seed)
    yield state
    for joint in moves:
        state.apply(joint)
        yield state


def digest(state: State[Any]) -> str:
    """A short fingerprint of everything that any seat can see, and of the returns.

    Percepts are records of plain values, so their spelling is their identity.
    """
    percepts = [repr(state.percept(seat)) for seat in range(state.seats)]
    spelling = "\n".join([*percepts, repr(state.returns), repr(sorted(state.events.items()))])
    return hashlib.blake2b(spelling.encode(), digest_size=8).hexdigest()


class BotSeat:
    """A bot's place at the table: what it has seen so far in the episode."""

    def __init__(self, game: Game[Any], seat: int, written: str) -> None:
        self.seat = seat
        self.written = written
        """``name`` or ``name:option=value,...``."""
        self._needs_state = bot(game, written)[0].needs_state
        self._percepts: list[Percept] = []

    def watch(self, state: State[Any]) -> None:
        """Take in the moment, if this seat is to act in it. Call once before every joint move."""
        if self.seat in state.acting:
            self._percepts.append(state.percept(self.seat))

    def turn(self, state: State[Any], rng: Random) -> Turn[Any]:
        """What the bot decides from now. It is plain data, and may travel."""
        return Turn(
            tuple(self._percepts),
            state.legal_actions(self.seat),
            rng,
            state.copy() if self._needs_state else None,
        )
