"""How Breakthrough looks and reads: the board between its coordinates, and who you are above it.

Row 8 is on top for both seats. A piece's chevron points the way it goes; the squares that the last
move joins are lit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from itertools import product
from typing import Any

from PIL import Image

from vsbench_envs.breakthrough.moves import ACTIONS, FILES, ROWS, SQUARES
from vsbench_envs.breakthrough.percept import EMPTY, PIECES, ROLES, BreakthroughPercept
from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.scene import Choice, Scene, SceneView, Slot

CELL = 72
MARGIN = 32
HEADER = 84
BOARD = 8 * CELL
WIDTH = BOARD + 2 * MARGIN
HEIGHT = HEADER + BOARD + 2 * MARGIN
TOP = HEADER + MARGIN

PALETTE = Palette(
    frame="#22332f",
    panel="#2f4640",
    pale="#e3ebdf",
    deep="#9dbaa5",
    glow="#f6c453",
    letters="#dbe7df",
    coal="#1d1e22",
    ash="#6c6f7a",
    ivory="#fffdf6",
    bone="#a89f8c",
)

NAMES = {"b": "black", "w": "white", EMPTY: "empty"}
DIRECTIONS = ("down to row 1", "up to row 8")
STATUSES = {
    "Your move": "It is your move.",
    "Opponent's move": "It is the opponent's move.",
    "You won": "You have won.",
    "You lost": "You have lost.",
}
YOURS, THEIRS, WON, LOST = STATUSES


class BreakthroughView(SceneView[BreakthroughPercept]):
    """One picture."""

    def values(self, percept: BreakthroughPercept) -> dict[str, Any]:
        """What stands on each square and whether it is lit; the seat, the move and the state."""
        lit = {percept.last[:2], percept.last[2:]}
        values: dict[str, Any] = {square: (percept.at(square), square in lit) for square in SQUARES}
        for place, character in enumerate(percept.last.ljust(4)):
            values[f"last {place}"] = character
        return values | {"seat": percept.seat, "status": _status(percept)}

    def percept(self, values: Mapping[str, Any]) -> BreakthroughPercept:
        """From the squares, the last move and the seat."""
        board = tuple("".join(values[file + row][0] for file in FILES) for row in reversed(ROWS))
        last = "".join(values[f"last {place}"] for place in range(4)).strip()
        percept = BreakthroughPercept(values["seat"], board, last)
        if last and (last not in ACTIONS or percept.at(last[2:]) == EMPTY):
            raise ValueError(f"{last!r} cannot have been the last move")
        return percept

    def labels(self, percept: BreakthroughPercept) -> dict[str, str]:
        """The 64 squares."""
        return {square: NAMES[percept.at(square)] for square in SQUARES}

    def tell(self, percept: BreakthroughPercept) -> str:
        """Seat, state and last move in sentences; the board as rows of letters."""
        last = f"The last move was {percept.last}." if percept.last else "Nobody has moved yet."
        rows = (
            " ".join([name, *row]) for name, row in zip(reversed(ROWS), percept.board, strict=True)
        )
        return "\n".join(
            [
                f"You are {ROLES[percept.seat]} ({PIECES[percept.seat]}) and move "
                f"{DIRECTIONS[percept.seat]}. {last} {STATUSES[_status(percept)]}",
                "The board, b black, w white, . empty:",
                *rows,
                " ".join([" ", *FILES]),
            ]
        )

    @cached_property
    def scene(self) -> Scene:
        """The frame and its slots."""
        slots: dict[str, Slot] = {
            "seat": Choice((16, 14), (0, 1), _seat),
            "status": Choice((WIDTH - 226, 14), tuple(STATUSES), _status_panel),
        }
        for place, characters in enumerate((FILES, ROWS, FILES, ROWS)):
            at = (WIDTH - 90 + 14 * place, 57)
            slots[f"last {place}"] = Choice(at, (" ", *characters), _character)
        for square in SQUARES:
            column, row = FILES.index(square[0]), 8 - int(square[1])
            sprites = _squares((column + row) % 2 == 0)
            at = (MARGIN + column * CELL, TOP + row * CELL)
            slots[square] = Choice(at, tuple(sprites), sprites.__getitem__)
        return Scene(_frame(), slots)


def _status(percept: BreakthroughPercept) -> str:
    if percept.winner is not None:
        return WON if percept.winner == percept.seat else LOST
    return YOURS if percept.mover == percept.seat else THEIRS


def _frame() -> Image.Image:
    def paint(brush: Brush) -> None:
        brush.box((0, 0, WIDTH, HEADER), "panel")
        brush.text((WIDTH - 102, 68), "Last move", 17, "letters", "rm")
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
def _squares(pale: bool) -> dict[tuple[str, bool], Image.Image]:
    """The sprites of one shade of square, by what stands on it and whether it is lit."""
    ground = "pale" if pale else "deep"
    return {
        (piece, lit): _square(piece, lit, ground)
        for piece, lit in product((*PIECES, EMPTY), (False, True))
    }


def _square(piece: str, lit: bool, ground: str) -> Image.Image:
    def paint(brush: Brush) -> None:
        if lit:
            brush.box((0, 0, CELL, CELL), "glow")
            brush.box((6, 6, CELL - 6, CELL - 6), ground, radius=6)
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
        _paint_piece(brush, 28, 28, 26, PIECES[seat])
        brush.text((68, 16), f"You are {ROLES[seat]}", 26, "ivory", "lm")
        brush.text((68, 44), f"Your pieces go {DIRECTIONS[seat]}", 17, "letters", "lm")

    return PALETTE.sprite(330, 56, "panel", paint)


def _status_panel(status: str) -> Image.Image:
    mine = status in (YOURS, WON)

    def paint(brush: Brush) -> None:
        brush.box((0, 0, 210, 36), "glow" if mine else "frame", radius=18)
        brush.text((105, 18), status, 20, "coal" if mine else "letters")

    return PALETTE.sprite(210, 36, "panel", paint)


def _character(character: str) -> Image.Image:
    return PALETTE.lettering(14, 22, character.strip() or "-", size=20, ink="glow", on="panel")
