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
    """The position and the move that led to it; nothing is hidden."""

    board: tuple[str, ...]
    """Eight rows of ``b``, ``w`` and ``.``, row 8 first, files a to h."""
    last: str
    """The last move's label, or an empty string at the start."""

    def at(self, square: str) -> str:
        """What stands on a square such as ``a1``."""
        return self.board[8 - int(square[1])][FILES.index(square[0])]

    @property
    def winner(self) -> int | None:
        """The seat that has reached its far row or taken every piece, if any."""
        pieces = "".join(self.board)
        if "b" in self.board[-1] or "w" not in pieces:
            return 0
        if "w" in self.board[0] or "b" not in pieces:
            return 1
        return None

    @property
    def mover(self) -> int | None:
        """The seat that moves now: Black at the start, None when the game is over."""
        if self.winner is not None:
            return None
        return 1 - PIECES.index(self.at(self.last[2:])) if self.last else 0
