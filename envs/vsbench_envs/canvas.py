"""The drawing kit: palettes, sprites and lettering for small pictures made for models.

Drawing each frame anew with smooth edges takes tens of milliseconds. Instead, shapes are painted
once at four times their size, shrunk and mapped to the picture's palette. A frame is then a few
pastes between palette-mode images, and encodes quickly to a small PNG.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SCALE = 4
"""Factor by which a sprite is painted larger than it is shown."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Palette:
    """Up to 14 named colours, and the blends of each pair for smooth edges."""

    def __init__(self, **colours: str) -> None:
        if len(colours) > 14:
            raise ValueError(f"a palette has at most 14 colours, not {len(colours)}")
        self.colours = {name: _rgb(value) for name, value in colours.items()}
        entries = list(self.colours.values())
        for one, two in combinations(self.colours.values(), 2):
            for share in (1 / 3, 2 / 3):
                blend = (round(a + (b - a) * share) for a, b in zip(one, two, strict=True))
                r, g, b = blend
                entries.append((r, g, b))
        self._index = {name: i for i, name in enumerate(self.colours)}
        self._carrier = Image.new("P", (1, 1))
        self._carrier.putpalette([channel for entry in entries for channel in entry])

    def index(self, colour: str) -> int:
        """The palette index of a named colour."""
        return self._index[colour]

    def blank(self, width: int, height: int, colour: str) -> Image.Image:
        """Make a palette-mode picture of one colour."""
        image = Image.new("P", (width, height), self.index(colour))
        image.putpalette(self._carrier.getpalette() or [])
        return image

    def sprite(
        self, width: int, height: int, on: str, paint: Callable[[Brush], None]
    ) -> Image.Image:
        """Paint a smooth, opaque sprite on a ground colour. Slow: keep the result."""
        large = Image.new("RGB", (width * SCALE, height * SCALE), self.colours[on])
        paint(Brush(self, ImageDraw.Draw(large)))
        small = large.resize((width, height), Image.Resampling.BOX)
        return small.quantize(palette=self._carrier, dither=Image.Dither.NONE)

    def lettering(
        self, width: int, height: int, text: str, *, size: float, ink: str, on: str
    ) -> Image.Image:
        """Make a sprite with one centred line of text."""

        def paint(brush: Brush) -> None:
            brush.text((width / 2, height / 2), text, size, ink)

        return self.sprite(width, height, on, paint)


class Brush:
    """Paints in the pixels of the finished sprite; colours are names in its palette."""

    def __init__(self, palette: Palette, draw: ImageDraw.ImageDraw) -> None:
        self._palette = palette
        self._draw = draw

    def _colour(self, name: str | None) -> tuple[int, int, int] | None:
        return None if name is None else self._palette.colours[name]

    def box(
        self,
        box: Box,
        fill: str | None = None,
        *,
        edge: str | None = None,
        width: float = 0,
        radius: float = 0,
    ) -> None:
        """Paint a rounded rectangle; ``box`` is left, top, right and bottom (exclusive)."""
        left, top, right, bottom = (SCALE * side for side in box)
        self._draw.rounded_rectangle(
            (left, top, right - 1, bottom - 1),
            radius * SCALE,
            self._colour(fill),
            self._colour(edge),
            round(width * SCALE),
        )

    def ellipse(
        self, box: Box, fill: str | None = None, *, edge: str | None = None, width: float = 0
    ) -> None:
        """Paint an ellipse in a box."""
        left, top, right, bottom = (SCALE * side for side in box)
        self._draw.ellipse(
            (left, top, right - 1, bottom - 1),
            self._colour(fill),
            self._colour(edge),
            round(width * SCALE),
        )

    def circle(
        self,
        centre: Point,
        radius: float,
        fill: str | None = None,
        *,
        edge: str | None = None,
        width: float = 0,
    ) -> None:
        """Paint a circle about a point."""
        x, y = centre
        self.ellipse((x - radius, y - radius, x + radius, y + radius), fill, edge=edge, width=width)

    def polygon(self, points: Sequence[Point], fill: str) -> None:
        """Paint a filled polygon."""
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], self._colour(fill))

    def line(self, points: Sequence[Point], ink: str, width: float) -> None:
        """Paint a line through points, with rounded joints."""
        self._draw.line(
            [(x * SCALE, y * SCALE) for x, y in points],
            self._colour(ink),
            round(width * SCALE),
            joint="curve",
        )

    def arc(self, box: Box, start: float, end: float, ink: str, width: float) -> None:
        """Paint part of an ellipse's outline; angles in degrees, clockwise from three o'clock."""
        left, top, right, bottom = (SCALE * side for side in box)
        self._draw.arc(
            (left, top, right - 1, bottom - 1), start, end, self._colour(ink), round(width * SCALE)
        )

    def text(self, at: Point, text: str, size: float, ink: str, anchor: str = "mm") -> None:
        """Paint a line of text; ``anchor`` as in Pillow (``mm``: ``at`` is its middle)."""
        self._draw.text(
            (at[0] * SCALE, at[1] * SCALE),
            text,
            fill=self._colour(ink),
            font=_font(size * SCALE),
            anchor=anchor,
        )


def encode(image: Image.Image) -> bytes:
    """Encode a palette-mode picture as PNG.

    Encoding takes most of a picture's time; this is a quarter faster than Pillow's encoder. It is
    not worth a thread: the two would compete for the interpreter's lock.
    """
    width, height = image.size
    rows = np.zeros((height, width + 1), np.uint8)  # Each row begins with its filter type, none.
    rows[:, 1:] = np.asarray(image)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", bytes(image.getpalette() or [])),
            # Level 3 is twice as fast as the usual 6, for a few kilobytes more.
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), level=3)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def decode(png: bytes) -> Image.Image:
    """Decode a PNG, or any other format that Pillow reads."""
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


@lru_cache(maxsize=64)
def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise ImportError("this Pillow was built without FreeType, which vsbench's lettering needs")
    return font


def _rgb(value: str) -> tuple[int, int, int]:
    return (int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16))
