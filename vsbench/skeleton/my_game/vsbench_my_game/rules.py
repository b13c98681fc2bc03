"""What a seat may know (the percept), and what moves do (the state)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vsbench_envs.game import Percept, State
from vsbench_envs.seeding import stream

ACTIONS = ("heads", "tails")
"""Action id -> label."""

ROUNDS = 3
PRIZES = (1, 2, 3)


@dataclass(frozen=True)
class MyGamePercept(Percept):
    """Plain values only. What is not here, no picture, text or bot can give away."""

    round: int
    """0 to 3; the episode is over at 3."""
    prize: int
    """What the winner of this round gets."""


class MyGameState(State[MyGamePercept]):
    """One moment of an episode."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2)
        self._draw_prize()

    @property
    def acting(self) -> tuple[int, ...]:
        """Both seats choose at once; nobody does after the last round."""
        return (0, 1) if self.step < ROUNDS else ()

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Both sides of the coin."""
        return (0, 1) if seat in self.acting else ()

    def percept(self, seat: int) -> MyGamePercept:
        """Nothing is hidden."""
        return MyGamePercept(seat, self.step, self.prize)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        prize = float(self.prize)
        self._draw_prize()
        return (prize, -prize) if joint[0] == joint[1] else (-prize, prize)

    def _draw_prize(self) -> None:
        # All chance comes from streams that the seed names, one for each purpose.
        self.prize = stream(self.seed, "prize", self.step).choice(PRIZES)
