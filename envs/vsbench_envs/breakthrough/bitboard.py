"""Positions as two 64-bit boards, each seen from its owner's end.

Bit ``8 * row + file`` of a side's board stands for one of its pieces; row 0 is its own back row,
files count from a. So both sides move towards higher bits and one code plays both colours;
:func:`flip` shows a board from the other end.

In what follows ``mine`` belongs to the side that is to move, ``theirs`` to the other, and ``them``
is ``flip(theirs)``: the same pieces as the mover sees them.
"""

from __future__ import annotations

from collections.abc import Iterator

from vsbench_envs.breakthrough.moves import FILES
from vsbench_envs.breakthrough.percept import PIECES

Step = tuple[int, int]
"""Where a piece leaves and where it arrives: boards of one bit each, as the mover sees them."""

BOARD = (1 << 64) - 1
NOT_A = BOARD // 0xFF * 0xFE
NOT_H = BOARD // 0xFF * 0x7F


def flip(board: int) -> int:
    """The board from the other end: rows are counted the other way, files stay."""
    return int.from_bytes(board.to_bytes(8, "little"), "big")


def sides(board: tuple[str, ...], seat: int) -> tuple[int, int]:
    """The boards of ``seat`` and of its opponent, from rows of text, row 8 first."""
    squares = "".join(board)
    # Row 8 is Black's back row, so the text is in the order that Black's end sees.
    black, white = (
        sum(1 << bit for bit, square in enumerate(squares) if square == piece) for piece in PIECES
    )
    return (black, flip(white)) if seat == 0 else (flip(white), black)


def label(step: Step, seat: int) -> str:
    """The step's name on the board, ``a2a3``."""
    bits = (square.bit_length() - 1 for square in step)
    return "".join(FILES[bit % 8] + str(1 + bit // 8 if seat else 8 - bit // 8) for bit in bits)


def reach(mine: int) -> tuple[int, int]:
    """The squares diagonally ahead of one's pieces: towards file a, and towards file h."""
    return (mine & NOT_A) << 7, (mine & NOT_H) << 9


def captures(mine: int, them: int) -> Iterator[Step]:
    """Diagonal steps onto the opponent's pieces."""
    for shift, squares in zip((7, 9), reach(mine), strict=True):
        targets = squares & them
        while targets:
            target = targets & -targets
            targets ^= target
            yield target >> shift, target


def advances(mine: int, them: int) -> Iterator[Step]:
    """Steps onto empty squares, the furthest ahead first."""
    empty = BOARD & ~(mine | them)
    left, right = reach(mine)
    targets = (left | right | mine << 8) & empty
    while targets:
        target = 1 << targets.bit_length() - 1
        targets ^= target
        if target & left:
            yield target >> 7, target
        if target & right:
            yield target >> 9, target
        if target >> 8 & mine:
            yield target >> 8, target


def play(mine: int, theirs: int, them: int, step: Step) -> tuple[int, int]:
    """The position after a step, for the other side to move."""
    origin, target = step
    return flip(them ^ target) if target & them else theirs, mine ^ origin | target
