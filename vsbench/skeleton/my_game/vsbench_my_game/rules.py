"""The rules: the percept of a seat, and the state that moves change."""

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
    """Everything that a seat may know, as plain values: pictures, text and bots see no more."""

    round: int
    """0 to 3; the episode is over at 3."""
    prize: int
    """Reward of the winner of this round."""


class MyGameState(State[MyGamePercept]):
    """One moment of an episode."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2)
        self._draw_prize()

    @property
    def acting(self) -> tuple[int, ...]:
        """Both seats at once, until the last round is played."""
        return (0, 1) if self.step < ROUNDS else ()

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Heads and tails."""
        return (0, 1) if seat in self.acting else ()

    def percept(self, seat: int) -> MyGamePercept:
        """The round and its prize; nothing is hidden."""
        return MyGamePercept(seat, self.step, self.prize)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        prize = float(self.prize)
        self._draw_prize()
        return (prize, -prize) if joint[0] == joint[1] else (-prize, prize)

    def _draw_prize(self) -> None:
        # All randomness comes from streams derived from the seed, one for each purpose.
        self.prize = stream(self.seed, "prize", self.step).choice(PRIZES)
