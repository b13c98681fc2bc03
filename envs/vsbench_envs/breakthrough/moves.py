"""Moves by name: from a square to a square, ``a2a3``. Captures are written alike."""

from __future__ import annotations

FILES = "abcdefgh"
ROWS = "12345678"
SQUARES = tuple(file + row for row in ROWS for file in FILES)
"""From a1 by rows to h8."""


def _is_step(origin: str, target: str) -> bool:
    across = abs(ord(target[0]) - ord(origin[0]))
    along = abs(ord(target[1]) - ord(origin[1]))
    return along == 1 and across <= 1


ACTIONS = tuple(
    sorted(origin + target for origin in SQUARES for target in SQUARES if _is_step(origin, target))
)
"""Every step on the board, straight or diagonal, of either colour."""


def _engine_move(label: str) -> int:
    """OpenSpiel's id of a step that takes nothing; the capture's is the next number.

    ``((row * 8 + file) * 6 + direction) * 2 + capture``, rows counted from row 8. Directions
    0-2 lead down the board, 3-5 up, each from a's side to h's.
    """
    file, row, to_file, to_row = tuple(label)
    direction = 1 + ord(to_file) - ord(file) + (3 if to_row > row else 0)
    return ((ROWS[::-1].index(row) * 8 + FILES.index(file)) * 6 + direction) * 2


ENGINE_MOVES = {
    _engine_move(label) + capture: action
    for action, label in enumerate(ACTIONS)
    for capture in (0, 1)
}
"""OpenSpiel's ids -> ours."""
