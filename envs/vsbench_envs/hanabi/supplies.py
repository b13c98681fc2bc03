"""Lives, information tokens and the deck."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PIL import Image

from vsbench_envs.canvas import Brush, Point
from vsbench_envs.hanabi.art import PALETTE, Size

FIGURES = 34
"""Where a row's figures begin, after its number."""


@cache
def lanterns(left: int, most: int, size: Size) -> Image.Image:
    """The information tokens: lanterns, those left alight, and their number."""
    return _row(left, most, size, _lantern)


@cache
def rockets(left: int, most: int, size: Size) -> Image.Image:
    """The lives: rockets, those left still whole, and their number."""
    return _row(left, most, size, _rocket)


def _row(
    left: int, most: int, size: Size, figure: Callable[[Brush, Point, bool], None]
) -> Image.Image:
    width, height = size

    def paint(brush: Brush) -> None:
        pitch = min(26.0, (width - FIGURES) / most)
        brush.text((0, height / 2), str(left), 24, "cream", "lm")
        for place in range(most):
            figure(brush, (FIGURES + pitch * (place + 0.5), height / 2), place < left)

    return PALETTE.sprite(width, height, "night", paint)


def _lantern(brush: Brush, centre: Point, lit: bool) -> None:
    x, y = centre
    frame, paper, rib = ("fog", "ember", "yellow") if lit else ("haze", "dusk", "haze")
    for top in (y - 12, y + 8):
        brush.box((x - 4, top, x + 4, top + 3), frame, radius=1)
    brush.ellipse((x - 8, y - 10, x + 8, y + 9), paper, edge=frame, width=1)
    for offset in (-3.5, 3.5):
        brush.line([(x + offset, y - 7), (x + offset, y + 6)], rib, 1)


def _rocket(brush: Brush, centre: Point, whole: bool) -> None:
    x, y = centre
    body = (x - 5, y - 6, x + 5, y + 6)
    if not whole:
        brush.box(body, None, edge="haze", width=1, radius=1)
        return
    brush.line([(x, y), (x, y + 12)], "fog", 2)
    brush.box(body, "red", edge="fog", width=1, radius=1)
    brush.polygon([(x - 7, y - 5), (x, y - 13), (x + 7, y - 5)], "yellow")


@cache
def deck(left: int, size: Size) -> Image.Image:
    """The cards left to draw."""
    width, height = size

    def paint(brush: Brush) -> None:
        brush.text((0, height / 2), str(left), 24, "cream", "lm")
        for layer in range(min(3, -(-left // 14))):
            x, y = 44 + 4 * layer, 4 + 2 * (2 - layer)
            brush.box((x, y, x + 20, y + height - 8), "haze", edge="fog", width=1, radius=3)

    return PALETTE.sprite(width, height, "night", paint)
