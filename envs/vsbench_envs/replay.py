"""Episodes stepped move by move, live or from a record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from vsbench_envs.game import Game, Percept, State, Turn
from vsbench_envs.registry import bot

JointMove = Mapping[int, int] | Sequence[int]
"""Action ids by seat, or those of the acting seats in ascending order of seat."""


class Playthrough:
    """An episode in progress: its state, and what the watched seats have perceived so far.

    Args:
        game: the game.
        state: to start from.
        watched: seats whose percepts are remembered, so that bots can decide in their place.
    """

    def __init__(self, game: Game[Any], state: State[Any], watched: Iterable[int] = ()) -> None:
        self.game = game
        self.state = state
        """Now. It changes with every joint move; ``copy`` what you keep."""
        self._percepts: dict[int, list[Percept]] = {seat: [] for seat in watched}
        self._watch()

    def apply(self, joint: JointMove) -> None:
        """Play a joint move.

        Raises:
            IllegalMoveError: the rules do not allow it.
            ValueError: a sequence that is not as long as the acting seats are many.
        """
        if not isinstance(joint, Mapping):
            joint = dict(zip(self.state.acting, joint, strict=True))
        self.state.apply(joint)
        self._watch()

    def move_to(self, state: State[Any]) -> None:
        """Continue with the state that follows a joint move, leaving the current one unchanged."""
        self.state = state
        self._watch()

    def follow(self, moves: Iterable[JointMove]) -> Iterator[State[Any]]:
        """Yield the state before each joint move, then the last one. Raises as :meth:`apply`."""
        yield self.state
        for joint in moves:
            self.apply(joint)
            yield self.state

    def percepts(self, seat: int) -> tuple[Percept, ...]:
        """The percepts of a watched seat, one for each time it acted, up to now."""
        return tuple(self._percepts[seat])

    def turn(self, seat: int, written: str, rng: Random) -> Turn[Any]:
        """The turn of a bot in a watched seat; ``written`` is ``name:option=value,...``.

        It is plain data, and may be sent to another process.
        """
        return turn_at(self.game, self.state, seat, self.percepts(seat), written, rng)

    def _watch(self) -> None:
        for seat in self.state.acting:
            if seat in self._percepts:
                self._percepts[seat].append(self.state.percept(seat))


def turn_at(
    game: Game[Any],
    state: State[Any],
    seat: int,
    percepts: tuple[Percept, ...],
    written: str,
    rng: Random,
) -> Turn[Any]:
    """The turn of a bot at a state, where the seat's percepts are known already."""
    private = state.copy() if bot(game, written)[0].needs_state else None
    return Turn(percepts, state.legal_actions(seat), rng, private)


def replay(game: Game[Any], seed: int, moves: Iterable[JointMove]) -> Iterator[State[Any]]:
    """Yield the states of an episode: the first, then one after each joint move.

    It is one state that changes; ``copy`` what you keep.

    Raises:
        IllegalMoveError: at a joint move that the rules do not allow.
    """
    return Playthrough(game, game.new(seed)).follow(moves)


def digest(state: State[Any]) -> str:
    """A short fingerprint of everything that any seat can see, and of the returns.

    Percepts are records of plain values, so their spelling is their identity.
    """
    percepts = [repr(state.percept(seat)) for seat in range(state.seats)]
    spelling = "\n".join([*percepts, repr(state.returns), repr(sorted(state.events.items()))])
    return hashlib.blake2b(spelling.encode(), digest_size=8).hexdigest()
