"""Cards, marks, fireworks and words on a Hanabi table."""

from __future__ import annotations

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
"""What is legible on each suit."""

SPARKLING = 100
"""The height from which a card has room for sparks."""

Size = tuple[int, int]


@cache
def card(face: str, size: Size) -> Image.Image:
    """A hand's card: open (``R3``), face down (``?``) or no card (empty)."""
    width, height = size

    def paint(brush: Brush) -> None:
        whole = (0, 0, width, height)
        if not face:
            brush.box(whole, None, edge="dusk", width=2, radius=9)
        elif face == "?":
            brush.box(whole, "haze", edge="fog", width=2, radius=9)
            brush.text((width / 2, height / 2), "?", 0.5 * height, "cream")
        else:
            _open(brush, face, width, height)

    return PALETTE.sprite(width, height, "night", paint)


def _open(brush: Brush, face: str, width: int, height: int) -> None:
    """Letter and rank on their suit's colour; on a large card the rank bursts into sparks."""
    letter, rank = face[0], face[1]
    suit, ink = COLOURS[letter], INK[letter]
    brush.box((0, 0, width, height), suit, edge="cream", width=3, radius=9)
    if height < SPARKLING:
        brush.text((width / 2, height / 2), face, min(0.62 * height, 0.5 * width), ink)
        return
    shade = "fog" if letter == "W" else "cream"
    _burst(brush, (width / 2, height / 2), 0.4 * width, shade, 10 + int(rank))
    brush.text((width / 2, height / 2), rank, 0.56 * height, ink)
    brush.text((9, 8), letter, 0.22 * height, ink, "lt")
    brush.text((width - 9, height - 8), letter, 0.22 * height, ink, "rb")


def _burst(brush: Brush, centre: Point, radius: float, ink: str, rays: int) -> None:
    """A ring of sparks flying outwards."""
    x, y = centre
    for ray in range(rays):
        turn = 2 * pi * (ray + 0.5) / rays
        far = radius * (1.0 if ray % 2 else 0.88)
        start, end = ((x + r * cos(turn), y + r * sin(turn)) for r in (0.72 * radius, far))
        brush.line([start, end], ink, 1.6)
        brush.circle(end, 2.0, ink)


@cache
def mark(symbol: str, possible: bool | None, size: Size) -> Image.Image:
    """Whether a card may be of a colour or rank by what was told; None where there is no card.

    What is ruled out is greyed and crossed out.
    """

    def paint(brush: Brush) -> None:
        if possible is not None:
            paint_mark(brush, (0, 0), symbol, possible, size)

    return PALETTE.sprite(*size, "night", paint)


def paint_mark(brush: Brush, at: Point, symbol: str, possible: bool, size: Size) -> None:
    """A mark, with a gap to its neighbours on the right and below."""
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
    """A colour's firework: unlit at 0, then brighter with each card."""
    width, tall = size

    def paint(brush: Brush) -> None:
        suit = COLOURS[letter]
        if not height:
            brush.box((0, 0, width, tall), "night", edge=suit, width=2, radius=8)
            brush.text((width / 2, 15), letter, 18, suit)
            brush.text((width / 2, 0.62 * tall), "0", 28, "fog")
            return
        brush.box((0, 0, width, tall), suit, edge="cream", width=2, radius=8)
        brush.text((width / 2, 15), letter, 18, INK[letter])
        brush.text((width / 2, 0.62 * tall), str(height), 32, INK[letter])

    return PALETTE.sprite(width, tall, "dusk", paint)


def suit(brush: Brush, letter: str, at: Point, size: Size) -> None:
    """A colour's letter on the colour: the header of a column."""
    (left, top), (width, height) = at, size
    brush.box((left, top, left + width, top + height), COLOURS[letter], radius=4)
    brush.text((left + width / 2, top + height / 2), letter, 0.8 * height, INK[letter])


@cache
def gone(letter: str, count: int, copies: int, size: Size) -> Image.Image:
    """How many of a card's copies are discarded."""
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
    """A card in the list of moves, or nothing."""
    width, height = size

    def paint(brush: Brush) -> None:
        if face:
            brush.box((0, 0, width, height), COLOURS[face[0]], edge="cream", width=1.5, radius=5)
            brush.text((width / 2, height / 2), face, 0.68 * height, INK[face[0]])

    return PALETTE.sprite(width, height, "night", paint)


@cache
def touched(position: int, pointed: bool | None, size: Size) -> Image.Image:
    """Whether a reveal pointed at a position; None for a move that was no reveal."""
    width, height = size

    def paint(brush: Brush) -> None:
        middle = (width / 2, height / 2)
        if pointed:
            brush.box((0.5, 0.5, width - 0.5, height - 0.5), "ember", radius=5)
            brush.text(middle, str(position), 0.7 * height, "ink")
        elif pointed is False:
            brush.box((0.5, 0.5, width - 0.5, height - 0.5), None, edge="haze", width=1, radius=5)
            brush.text(middle, str(position), 0.6 * height, "fog")

    return PALETTE.sprite(width, height, "night", paint)


@cache
def phrase(text: str, size: Size, letters: float, ink: str = "cream") -> Image.Image:
    """A line of text, from the left."""

    def paint(brush: Brush) -> None:
        brush.text((0, size[1] / 2), text, letters, ink, "lm")

    return PALETTE.sprite(*size, "night", paint)
