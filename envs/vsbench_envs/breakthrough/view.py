"""Picture and text of Breakthrough: the board with its coordinates, the own colour above it.

Row 8 is on top for both seats. The chevron on a piece points in its direction of movement.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from PIL import Image

from vsbench_envs.breakthrough.rules import (
    EMPTY,
    FILES,
    PIECES,
    ROLES,
    ROWS,
    SQUARES,
    BreakthroughPercept,
)
from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.scene import Choice, Scene, SceneView, Slot, Template

CELL = 72
MARGIN = 32
HEADER = 72
BOARD = 8 * CELL
WIDTH = BOARD + 2 * MARGIN
HEIGHT = HEADER + BOARD + 2 * MARGIN
TOP = HEADER + MARGIN

PALETTE = Palette(
    frame="#22332f",
    panel="#2f4640",
    pale="#e3ebdf",
    deep="#9dbaa5",
    letters="#dbe7df",
    coal="#1d1e22",
    ash="#6c6f7a",
    ivory="#fffdf6",
    bone="#a89f8c",
)

PIECE_NAMES = {"b": "black", "w": "white", EMPTY: "empty"}
DIRECTIONS = ("down to row 1", "up to row 8")

TEXT = Template(
    "\n".join(
        [
            "You are {}.",
            "The board, b black, w white, . empty:",
            *(" ".join([row, *("{}" for _ in FILES)]) for row in reversed(ROWS)),
            " ".join([" ", *FILES]),
        ]
    ),
    blank="|".join([*ROLES, "[bw.]"]),
)
"""Blanks are the own colour, and the squares row by row from a8 to h1."""


class BreakthroughView(SceneView[BreakthroughPercept]):
    """One picture of the board."""

    def values(self, percept: BreakthroughPercept) -> dict[str, Any]:
        """The piece on each square, and the seat."""
        return {square: percept.at(square) for square in SQUARES} | {"seat": percept.seat}

    def percept(self, values: Mapping[str, Any]) -> BreakthroughPercept:
        """Rebuild the percept from the squares and the seat."""
        board = tuple("".join(values[file + row] for file in FILES) for row in reversed(ROWS))
        return BreakthroughPercept(values["seat"], board)

    def labels(self, percept: BreakthroughPercept) -> dict[str, str]:
        """Label the 64 squares: ``black``, ``white`` or ``empty``."""
        return {square: PIECE_NAMES[percept.at(square)] for square in SQUARES}

    def describe(self, percept: BreakthroughPercept) -> str:
        """Give the own colour, and the board as rows of letters."""
        return TEXT.fill(ROLES[percept.seat], *"".join(percept.board))

    def _read_text(self, text: str) -> BreakthroughPercept:
        role, *squares = TEXT.read(text)
        board = tuple("".join(squares[start : start + 8]) for start in range(0, 64, 8))
        return BreakthroughPercept(ROLES.index(role), board)

    @cached_property
    def scene(self) -> Scene:
        """The frame around the board, and a slot for each square and for the seat."""
        slots: dict[str, Slot] = {"seat": Choice((MARGIN // 2, 8), (0, 1), _seat)}
        for square in SQUARES:
            column, row = FILES.index(square[0]), 8 - int(square[1])
            sprites = _squares((column + row) % 2 == 0)
            at = (MARGIN + column * CELL, TOP + row * CELL)
            slots[square] = Choice(at, tuple(sprites), sprites.__getitem__)
        return Scene(_frame(), slots)


def _frame() -> Image.Image:
    def paint(brush: Brush) -> None:
        brush.box((0, 0, WIDTH, HEADER), "panel")
        for place, name in enumerate(FILES):
            x = MARGIN + (place + 0.5) * CELL
            brush.text((x, TOP - MARGIN / 2), name, 20, "letters")
            brush.text((x, TOP + BOARD + MARGIN / 2), name, 20, "letters")
        for place, name in enumerate(reversed(ROWS)):
            y = TOP + (place + 0.5) * CELL
            brush.text((MARGIN / 2, y), name, 20, "letters")
            brush.text((WIDTH - MARGIN / 2, y), name, 20, "letters")

    return PALETTE.sprite(WIDTH, HEIGHT, "frame", paint)


@cache
def _squares(pale: bool) -> dict[str, Image.Image]:
    """Piece or ``EMPTY`` -> sprite, on squares of one shade."""
    ground = "pale" if pale else "deep"
    return {piece: _square(piece, ground) for piece in (*PIECES, EMPTY)}


def _square(piece: str, ground: str) -> Image.Image:
    def paint(brush: Brush) -> None:
        if piece != EMPTY:
            _paint_piece(brush, CELL / 2, CELL / 2, 26, piece)

    return PALETTE.sprite(CELL, CELL, ground, paint)


def _paint_piece(brush: Brush, x: float, y: float, radius: float, piece: str) -> None:
    fill, line, tip = ("coal", "ash", 1) if piece == PIECES[0] else ("ivory", "bone", -1)
    brush.circle((x, y), radius, fill, edge="coal", width=2)
    brush.circle((x, y), radius * 0.8, None, edge=line, width=1.5)
    across, along = radius * 0.38, radius * 0.19 * tip
    brush.line([(x - across, y - along), (x, y + along), (x + across, y - along)], line, 5)


def _seat(seat: int) -> Image.Image:
    def paint(brush: Brush) -> None:
        _paint_piece(brush, 26, 28, 24, PIECES[seat])
        brush.text((64, 29), f"You are {ROLES[seat]}", 30, "ivory", "lm")
        brush.text(
            (BOARD + MARGIN / 2, 30), f"Your pieces move {DIRECTIONS[seat]}", 20, "letters", "rm"
        )

    return PALETTE.sprite(WIDTH - MARGIN, 56, "panel", paint)
