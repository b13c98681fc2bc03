"""What a player of a grid game sees: everything on the board, and what has happened so far."""

from __future__ import annotations

from dataclasses import dataclass

from vsbench_envs.game import Percept
from vsbench_envs.grid.board import Cell


@dataclass(frozen=True)
class GridPercept(Percept):
    """The board and the table of events; seats differ only in who they are."""

    players: tuple[Cell, ...]
    """Where the players are, by seat; they may share a cell."""
    things: tuple[Cell, ...]
    """Where the coins, apples, monster or blocks are, in the game's own order; things that look
    the same are in the order of their cells."""
    counts: tuple[tuple[int, ...], ...]
    """How often each event has happened, by event in the table's order and then by seat."""

    @property
    def here(self) -> Cell:
        """Where the player that sees this stands."""
        return self.players[self.seat]
