"""What a player of Breakthrough sees: the whole board."""

from __future__ import annotations

from dataclasses import dataclass

from vsbench_envs.breakthrough.moves import FILES
from vsbench_envs.game import Percept

ROLES = ("Black", "White")
PIECES = ("b", "w")
"""Who a seat is, and its pieces on the board."""
EMPTY = "."


@dataclass(frozen=True)
class BreakthroughPercept(Percept):
    """The position, without the moves that led to it. Whoever is to decide is to move."""

    board: tuple[str, ...]
    """Eight rows of ``b``, ``w`` and ``.``, row 8 first, files a to h."""

    def at(self, square: str) -> str:
        """What stands on a square such as ``a1``."""
        return self.board[8 - int(square[1])][FILES.index(square[0])]
