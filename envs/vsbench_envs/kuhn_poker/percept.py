"""What a player of Kuhn poker may know."""

from dataclasses import dataclass
from typing import Literal

from vsbench_envs.game import Percept

Card = Literal["J", "Q", "K"]
CARDS: tuple[Card, ...] = ("J", "Q", "K")


@dataclass(frozen=True)
class KuhnPercept(Percept):
    """Your card and the betting; the other card stays hidden to the end."""

    card: Card
    history: tuple[str, ...]
    """Moves so far, seat 0's first: up to three of ``pass`` and ``bet``."""

    @property
    def chips(self) -> tuple[int, int]:
        """Chips in the pot from each seat: the ante and the bets."""
        first, second = self.history[0::2], self.history[1::2]
        return 1 + first.count("bet"), 1 + second.count("bet")
