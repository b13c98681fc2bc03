"""The colours of a kitchen, and painting in shares of a tile instead of pixels."""

from __future__ import annotations

from dataclasses import dataclass

from vsbench_envs.canvas import Brush, Palette, Point

PALETTE = Palette(
    floor="#f3ead6",
    grout="#dfd2b2",
    wood="#cdb08a",
    edge="#7d5230",
    steel="#a3aebb",
    ink="#26262e",
    white="#fffdf7",
    blue="#2f6fde",
    green="#27a35f",
    onion="#e2a33f",
    soup="#c9482a",
    gold="#ffd23f",
    skin="#f3c7a0",
    red="#cf3a30",
)

OUTLINE = 0.02

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Spot:
    """A tile to paint on. Places and sizes are shares of its side."""

    brush: Brush
    side: float

    def disc(self, x: float, y: float, radius: float, fill: str, edge: str | None = "ink") -> None:
        """A circle."""
        self.oval((x - radius, y - radius, x + radius, y + radius), fill, edge)

    def oval(self, box: Box, fill: str, edge: str | None = "ink") -> None:
        """An ellipse."""
        self.brush.ellipse(self._pixels(box), fill, edge=edge, width=OUTLINE * self.side)

    def slab(self, box: Box, fill: str, edge: str | None = "ink", radius: float = 0.04) -> None:
        """A rounded rectangle."""
        width = OUTLINE * self.side if edge else 0
        self.brush.box(self._pixels(box), fill, edge=edge, width=width, radius=radius * self.side)

    def shape(self, *points: Point, fill: str) -> None:
        """A polygon."""
        self.brush.polygon([self._pixel(point) for point in points], fill)

    def stroke(self, *points: Point, ink: str = "ink", width: float = OUTLINE) -> None:
        """A line."""
        self.brush.line([self._pixel(point) for point in points], ink, width * self.side)

    def text(self, x: float, y: float, text: str, size: float, ink: str = "ink") -> None:
        """A line of text around a place."""
        self.brush.text(self._pixel((x, y)), text, size * self.side, ink)

    def _pixel(self, point: Point) -> Point:
        return point[0] * self.side, point[1] * self.side

    def _pixels(self, box: Box) -> Box:
        left, top, right, bottom = (share * self.side for share in box)
        return left, top, right, bottom
