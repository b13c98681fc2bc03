"""Positions as two 64-bit boards, each from its owner's perspective.

Bit ``8 * row + file`` of a side's board is one of its pieces; row 0 is its own back row, files
count from a. Both sides move towards higher bits, so the same code plays both colours.
:func:`flip` turns a board to the other perspective.

``mine`` is the board of the side to move, ``theirs`` the opponent's, and ``flipped_theirs`` is
``flip(theirs)``, the opponent's pieces from the mover's perspective.
"""

from __future__ import annotations

from collections.abc import Iterator

from vsbench_envs.breakthrough.rules import FILES, PIECES

Step = tuple[int, int]
"""Origin and target of a move: boards of one bit each, from the mover's perspective."""

BOARD = (1 << 64) - 1
NOT_A = BOARD // 0xFF * 0xFE
NOT_H = BOARD // 0xFF * 0x7F


def flip(board: int) -> int:
    """Turn a board to the other perspective: reverse the rows, keep the files."""
    return int.from_bytes(board.to_bytes(8, "little"), "big")


def sides(board: tuple[str, ...], seat: int) -> tuple[int, int]:
    """Parse rows of text, row 8 first, into the boards of ``seat`` and of its opponent."""
    squares = "".join(board)
    # Row 8 is Black's back row, so the text is in Black's perspective.
    black, white = (
        sum(1 << bit for bit, square in enumerate(squares) if square == piece) for piece in PIECES
    )
    return (black, flip(white)) if seat == 0 else (flip(white), black)


def label(step: Step, seat: int) -> str:
    """Name a step by its two squares, ``a2a3``."""
    bits = (square.bit_length() - 1 for square in step)
    return "".join(FILES[bit % 8] + str(1 + bit // 8 if seat else 8 - bit // 8) for bit in bits)


def reach(mine: int) -> tuple[int, int]:
    """The squares diagonally ahead of the pieces: towards file a, and towards file h."""
    return (mine & NOT_A) << 7, (mine & NOT_H) << 9


def captures(mine: int, flipped_theirs: int) -> Iterator[Step]:
    """Generate diagonal steps onto the opponent's pieces."""
    for shift, squares in zip((7, 9), reach(mine), strict=True):
        targets = squares & flipped_theirs
        while targets:
            target = targets & -targets
            targets ^= target
            yield target >> shift, target


def advances(mine: int, flipped_theirs: int) -> Iterator[Step]:
    """Generate steps onto empty squares, the most advanced first."""
    empty = BOARD & ~(mine | flipped_theirs)
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


def play(mine: int, theirs: int, flipped_theirs: int, step: Step) -> tuple[int, int]:
    """Play a step; return the position as the opponent's ``mine`` and ``theirs``."""
    origin, target = step
    return flip(
        flipped_theirs ^ target
    ) if target & flipped_theirs else theirs, mine ^ origin | target
