"""The rules of Breakthrough, played on OpenSpiel's engine, with moves and percept.

A move is written as its two squares, ``a2a3``; captures are written the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyspiel

from vsbench_envs.game import Percept
from vsbench_envs.openspiel import OpenSpielState

FILES = "abcdefgh"
ROWS = "12345678"
SQUARES = tuple(file + row for row in ROWS for file in FILES)
"""All squares, row by row from a1 to h8."""


def _is_step(origin: str, target: str) -> bool:
    across = abs(ord(target[0]) - ord(origin[0]))
    along = abs(ord(target[1]) - ord(origin[1]))
    return along == 1 and across <= 1


ACTIONS = tuple(
    sorted(origin + target for origin in SQUARES for target in SQUARES if _is_step(origin, target))
)
"""All moves of both colours, straight and diagonal."""


def _engine_move(label: str) -> int:
    """OpenSpiel's id of a move without capture; the id with capture is the next number.

    The id is ``((row * 8 + file) * 6 + direction) * 2 + capture``, with rows counted from row 8.
    Directions 0-2 lead down the board, 3-5 up, each from the a-file towards the h-file.
    """
    file, row, to_file, to_row = tuple(label)
    direction = 1 + ord(to_file) - ord(file) + (3 if to_row > row else 0)
    return ((ROWS[::-1].index(row) * 8 + FILES.index(file)) * 6 + direction) * 2


ENGINE_MOVES = {
    _engine_move(label) + capture: action
    for action, label in enumerate(ACTIONS)
    for capture in (0, 1)
}
"""OpenSpiel's move id -> action id."""


ROLES = ("Black", "White")
PIECES = ("b", "w")
"""Colour and piece of each seat."""
EMPTY = "."


@dataclass(frozen=True)
class BreakthroughPercept(Percept):
    """The position, without the moves that led to it."""

    board: tuple[str, ...]
    """Eight rows of ``b``, ``w`` and ``.``, row 8 first, files a to h."""

    def at(self, square: str) -> str:
        """The piece on a square such as ``a1``, or ``EMPTY``."""
        return self.board[8 - int(square[1])][FILES.index(square[0])]


@cache
def engine() -> Any:
    """OpenSpiel's game; its search bot needs it too."""
    return pyspiel.load_game("breakthrough")


class BreakthroughState(OpenSpielState[BreakthroughPercept]):
    """A game of Breakthrough. Nothing in it is random, so the seed has no effect."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, 2, engine().new_initial_state())

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Forward moves onto empty squares, and diagonal captures."""
        if seat not in self.acting:
            return ()
        return tuple(sorted(ENGINE_MOVES[move] for move in self.engine_state.legal_actions()))

    def percept(self, seat: int) -> BreakthroughPercept:
        """The board."""
        # The engine prints each row after its number, then the files and an empty line.
        board = tuple(row[1:] for row in str(self.engine_state).split()[:8])
        return BreakthroughPercept(seat, board)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action),) = joint.items()
        move = next(m for m in self.engine_state.legal_actions() if ENGINE_MOVES[m] == action)
        if move % 2:
            self.count("captures", seat)
        self.engine_state.apply_action(move)
        return tuple(self.engine_state.rewards())
