"""Artwork of Hanabi: cards, marks, fireworks, counters and words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import cos, pi, sin

from PIL import Image

from vsbench_envs.canvas import Brush, Palette, Point
from vsbench_envs.hanabi.variant import COLOURS

PALETTE = Palette(
    night="#1a2140",
    dusk="#2a3460",
    haze="#5465a3",
    fog="#8f9bc9",
    cream="#fbf4e2",
    ink="#141829",
    red="#dd3f3f",
    yellow="#f7cf3d",
    green="#2f9e5b",
    white="#ffffff",
    blue="#3a7be0",
    ember="#ff9d4d",
    slate="#3c4152",
    ash="#a3a7b3",
)

INK = {"R": "white", "Y": "ink", "G": "white", "W": "ink", "B": "white"}
"""Colour letter -> legible colour of text on it."""

SPARKS_HEIGHT = 100
"""Smallest height of a card with sparks."""

Size = tuple[int, int]


@cache
def card(face: str, size: Size) -> Image.Image:
    """Paint a card in a hand: face up (``R3``), face down (``?``) or no card (empty)."""
    width, height = size

    def paint(brush: Brush) -> None:
        whole = (0, 0, width, height)
        if not face:
            brush.box(whole, None, edge="dusk", width=2, radius=9)
        elif face == "?":
            brush.box(whole, "haze", edge="fog", width=2, radius=9)
            brush.text((width / 2, height / 2), "?", 0.5 * height, "cream")
        else:
            _paint_face(brush, face, width, height)

    return PALETTE.sprite(width, height, "night", paint)


def _paint_face(brush: Brush, face: str, width: int, height: int) -> None:
    """Paint letter and rank on the card's colour; on a large card with sparks around the rank."""
    letter, rank = face[0], face[1]
    suit, ink = COLOURS[letter], INK[letter]
    brush.box((0, 0, width, height), suit, edge="cream", width=3, radius=9)
    if height < SPARKS_HEIGHT:
        brush.text((width / 2, height / 2), face, min(0.62 * height, 0.5 * width), ink)
        return
    shade = "fog" if letter == "W" else "cream"
    _paint_sparks(brush, (width / 2, height / 2), 0.4 * width, shade, 10 + int(rank))
    brush.text((width / 2, height / 2), rank, 0.56 * height, ink)
    brush.text((9, 8), letter, 0.22 * height, ink, "lt")
    brush.text((width - 9, height - 8), letter, 0.22 * height, ink, "rb")


def _paint_sparks(brush: Brush, centre: Point, radius: float, ink: str, rays: int) -> None:
    """Paint a ring of sparks."""
    x, y = centre
    for ray in range(rays):
        turn = 2 * pi * (ray + 0.5) / rays
        far = radius * (1.0 if ray % 2 else 0.88)
        start, end = ((x + r * cos(turn), y + r * sin(turn)) for r in (0.72 * radius, far))
        brush.line([start, end], ink, 1.6)
        brush.circle(end, 2.0, ink)


@cache
def mark(symbol: str, possible: bool | None, size: Size) -> Image.Image:
    """Paint whether a card may have a colour or rank; None if there is no card.

    Impossible ones are greyed and crossed out.
    """

    def paint(brush: Brush) -> None:
        if possible is not None:
            paint_mark(brush, (0, 0), symbol, possible, size)

    return PALETTE.sprite(*size, "night", paint)


def paint_mark(brush: Brush, at: Point, symbol: str, possible: bool, size: Size) -> None:
    """Paint a mark, with a gap on the right and below."""
    (left, top), letters = at, min(0.76 * size[1], 0.95 * size[0])
    right, bottom = left + size[0] - 2, top + size[1] - 2
    middle = ((left + right) / 2, (top + bottom) / 2)
    if possible:
        brush.box((left, top, right, bottom), COLOURS.get(symbol, "cream"), radius=3)
        brush.text(middle, symbol, letters, INK.get(symbol, "ink"))
    else:
        brush.box((left, top, right, bottom), "slate", radius=3)
        brush.text(middle, symbol, letters, "ash")
        brush.line([(left + 2, bottom - 2), (right - 2, top + 2)], "cream", 1.6)


@cache
def firework(letter: str, height: int, size: Size) -> Image.Image:
    """Paint a firework with its height: an outline at 0, else filled."""
    width, height_px = size

    def paint(brush: Brush) -> None:
        suit = COLOURS[letter]
        if not height:
            brush.box((0, 0, width, height_px), "night", edge=suit, width=2, radius=8)
            brush.text((width / 2, 15), letter, 18, suit)
            brush.text((width / 2, 0.62 * height_px), "0", 28, "fog")
            return
        brush.box((0, 0, width, height_px), suit, edge="cream", width=2, radius=8)
        brush.text((width / 2, 15), letter, 18, INK[letter])
        brush.text((width / 2, 0.62 * height_px), str(height), 32, INK[letter])

    return PALETTE.sprite(width, height_px, "dusk", paint)


def colour_header(brush: Brush, letter: str, at: Point, size: Size) -> None:
    """Paint the header of a column: a colour's letter on the colour."""
    (left, top), (width, height) = at, size
    brush.box((left, top, left + width, top + height), COLOURS[letter], radius=4)
    brush.text((left + width / 2, top + height / 2), letter, 0.8 * height, INK[letter])


@cache
def discard_count(letter: str, count: int, copies: int, size: Size) -> Image.Image:
    """Paint the number of discarded copies of a card."""
    width, height = size

    def paint(brush: Brush) -> None:
        box = (1, 1, width - 1, height - 1)
        middle = (width / 2, height / 2)
        if count:
            brush.box(box, COLOURS[letter], radius=4)
            brush.text(middle, f"{count}/{copies}", 0.66 * height, INK[letter])
        else:
            brush.line([(middle[0] - 4, middle[1]), (middle[0] + 4, middle[1])], "fog", 2)

    return PALETTE.sprite(width, height, "dusk", paint)


@cache
def small_card(face: str, size: Size) -> Image.Image:
    """Paint a card in the list of moves, or nothing."""
    width, height = size

    def paint(brush: Brush) -> None:
        if face:
            brush.box((0, 0, width, height), COLOURS[face[0]], edge="cream", width=1.5, radius=5)
            brush.text((width / 2, height / 2), face, 0.68 * height, INK[face[0]])

    return PALETTE.sprite(width, height, "night", paint)


@cache
def touch_mark(position: int, touched: bool | None, size: Size) -> Image.Image:
    """Paint whether a reveal touched a position; None for other moves."""
    width, height = size

    def paint(brush: Brush) -> None:
        middle = (width / 2, height / 2)
        if touched:
            brush.box((0.5, 0.5, width - 0.5, height - 0.5), "ember", radius=5)
            brush.text(middle, str(position), 0.7 * height, "ink")
        elif touched is False:
            brush.box((0.5, 0.5, width - 0.5, height - 0.5), None, edge="haze", width=1, radius=5)
            brush.text(middle, str(position), 0.6 * height, "fog")

    return PALETTE.sprite(width, height, "night", paint)


@cache
def text_line(text: str, size: Size, letters: float, ink: str = "cream") -> Image.Image:
    """Paint a left-aligned line of text."""

    def paint(brush: Brush) -> None:
        brush.text((0, size[1] / 2), text, letters, ink, "lm")

    return PALETTE.sprite(*size, "night", paint)


FIGURES_LEFT = 34
"""Left edge of the figures, after the number."""


@cache
def lanterns(left: int, total: int, size: Size) -> Image.Image:
    """Paint the information tokens as lanterns, lit while left, and their number."""
    return _counter(left, total, size, _paint_lantern)


@cache
def rockets(left: int, total: int, size: Size) -> Image.Image:
    """Paint the lives as rockets, whole while left, and their number."""
    return _counter(left, total, size, _paint_rocket)


def _counter(
    left: int, total: int, size: Size, figure: Callable[[Brush, Point, bool], None]
) -> Image.Image:
    width, height = size

    def paint(brush: Brush) -> None:
        pitch = min(26.0, (width - FIGURES_LEFT) / total)
        brush.text((0, height / 2), str(left), 24, "cream", "lm")
        for place in range(total):
            figure(brush, (FIGURES_LEFT + pitch * (place + 0.5), height / 2), place < left)

    return PALETTE.sprite(width, height, "night", paint)


def _paint_lantern(brush: Brush, centre: Point, lit: bool) -> None:
    x, y = centre
    frame, paper, rib = ("fog", "ember", "yellow") if lit else ("haze", "dusk", "haze")
    for top in (y - 12, y + 8):
        brush.box((x - 4, top, x + 4, top + 3), frame, radius=1)
    brush.ellipse((x - 8, y - 10, x + 8, y + 9), paper, edge=frame, width=1)
    for offset in (-3.5, 3.5):
        brush.line([(x + offset, y - 7), (x + offset, y + 6)], rib, 1)


def _paint_rocket(brush: Brush, centre: Point, whole: bool) -> None:
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
    """Paint the deck and the number of cards left to draw."""
    width, height = size

    def paint(brush: Brush) -> None:
        brush.text((0, height / 2), str(left), 24, "cream", "lm")
        for layer in range(min(3, -(-left // 14))):
            x, y = 44 + 4 * layer, 4 + 2 * (2 - layer)
            brush.box((x, y, x + 20, y + height - 8), "haze", edge="fog", width=1, radius=3)

    return PALETTE.sprite(width, height, "night", paint)
