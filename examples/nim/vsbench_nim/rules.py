"""The rules of Nim: the percept of a seat, and the state that moves change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vsbench_envs.game import Percept, State
from vsbench_envs.seeding import stream

HEAPS = ("left", "middle", "right")
FEWEST, MOST = 2, 5
"""Stones that a heap begins with."""

MOVES = tuple((heap, stones) for heap in range(len(HEAPS)) for stones in range(1, MOST + 1))
"""Action id -> the heap and how many stones are taken from it."""

ACTIONS = tuple(f"{HEAPS[heap]} {stones}" for heap, stones in MOVES)


@dataclass(frozen=True)
class NimPercept(Percept):
    """The heaps; nothing is hidden."""

    heaps: tuple[int, ...]
    """Stones in the left, the middle and the right heap."""


class NimState(State[NimPercept]):
    """A game of Nim. Seat 0 moves first."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2)
        rng = stream(seed, "heaps")
        self.heaps = tuple(rng.randint(FEWEST, MOST) for _ in HEAPS)

    @property
    def acting(self) -> tuple[int, ...]:
        """The seats take turns until no stone is left."""
        return (self.step % 2,) if any(self.heaps) else ()

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Any number of stones that a heap holds."""
        if seat not in self.acting:
            return ()
        return tuple(a for a, (heap, stones) in enumerate(MOVES) if stones <= self.heaps[heap])

    def percept(self, seat: int) -> NimPercept:
        """All heaps."""
        return NimPercept(seat, self.heaps)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action),) = joint.items()
        heap, stones = MOVES[action]
        self.heaps = tuple(held - stones * (heap == h) for h, held in enumerate(self.heaps))
        if any(self.heaps):
            return (0.0, 0.0)
        return (1.0, -1.0) if seat == 0 else (-1.0, 1.0)
