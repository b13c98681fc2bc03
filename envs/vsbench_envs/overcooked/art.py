"""Artwork of Overcooked: floor, furniture, food and chefs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image

from vsbench_envs.canvas import Brush, Palette, Point
from vsbench_envs.overcooked.layout import DIRECTIONS, DISHES, FLOOR, ONIONS, SERVING
from vsbench_envs.overcooked.rules import Pot, Thing

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
class TileBrush:
    """Paints on a tile. Positions and sizes are shares of its side."""

    brush: Brush
    side: float

    def circle(
        self, x: float, y: float, radius: float, fill: str, edge: str | None = "ink"
    ) -> None:
        """Paint a circle."""
        self.ellipse((x - radius, y - radius, x + radius, y + radius), fill, edge)

    def ellipse(self, box: Box, fill: str, edge: str | None = "ink") -> None:
        """Paint an ellipse."""
        self.brush.ellipse(self._pixels(box), fill, edge=edge, width=OUTLINE * self.side)

    def box(self, box: Box, fill: str, edge: str | None = "ink", radius: float = 0.04) -> None:
        """Paint a rounded rectangle."""
        width = OUTLINE * self.side if edge else 0
        self.brush.box(self._pixels(box), fill, edge=edge, width=width, radius=radius * self.side)

    def polygon(self, *points: Point, fill: str) -> None:
        """Paint a polygon."""
        self.brush.polygon([self._pixel(point) for point in points], fill)

    def line(self, *points: Point, ink: str = "ink", width: float = OUTLINE) -> None:
        """Paint a line."""
        self.brush.line([self._pixel(point) for point in points], ink, width * self.side)

    def text(self, x: float, y: float, text: str, size: float, ink: str = "ink") -> None:
        """Paint a line of text, centred at a point."""
        self.brush.text(self._pixel((x, y)), text, size * self.side, ink)

    def _pixel(self, point: Point) -> Point:
        return point[0] * self.side, point[1] * self.side

    def _pixels(self, box: Box) -> Box:
        left, top, right, bottom = (share * self.side for share in box)
        return left, top, right, bottom


COLOURS = ("blue", "green")
"""Colours of the chefs, by seat."""

ChefLook = tuple[int, str, Thing | None]
"""A chef without its cell: seat, direction, held item."""

Content = ChefLook | Thing | Pot | None
"""The content of a tile."""


@cache
def sprite(side: int, tile: str, content: Content = None) -> Image.Image:
    """Paint a tile of the floor plan with its content."""

    def paint(brush: Brush) -> None:
        tile_brush = TileBrush(brush, side)
        _paint_ground(tile_brush, tile)
        if isinstance(content, Pot):
            _paint_pot(tile_brush, content)
        elif isinstance(content, tuple):
            _paint_chef(tile_brush, *content)
        elif content:
            _paint_thing(tile_brush, content, 0.5, 0.52, 0.32)

    return PALETTE.sprite(side, side, "grout", paint)


def _paint_ground(tile_brush: TileBrush, tile: str) -> None:
    if tile == FLOOR:
        tile_brush.box((0.01, 0.01, 0.99, 0.99), "floor", None, 0.02)
        return
    tile_brush.box((0, 0, 1, 1), "edge", None, 0)
    tile_brush.box((0.025, 0.025, 0.975, 0.975), "wood", None, 0.05)
    if tile == ONIONS:
        for x, y in ((0.28, 0.4), (0.72, 0.4), (0.5, 0.33)):
            _paint_thing(tile_brush, "onion", x, y, 0.2)
        tile_brush.box((0.08, 0.52, 0.92, 0.92), "edge")
        for y in (0.66, 0.79):
            tile_brush.line((0.1, y), (0.9, y), ink="wood", width=0.03)
    elif tile == DISHES:
        tile_brush.box((0.1, 0.66, 0.9, 0.92), "steel")
        for y in (0.66, 0.57, 0.48, 0.39):
            tile_brush.ellipse((0.16, y - 0.19, 0.84, y + 0.19), "white")
        tile_brush.ellipse((0.3, 0.29, 0.7, 0.49), "white", "steel")
    elif tile == SERVING:
        tile_brush.box((0.025, 0.025, 0.975, 0.975), "steel", None, 0.05)
        tile_brush.circle(0.5, 0.13, 0.05, "gold")
        tile_brush.circle(0.5, 0.4, 0.24, "gold")
        tile_brush.box((0.2, 0.42, 0.8, 0.66), "steel", None)
        tile_brush.box((0.2, 0.42, 0.8, 0.5), "red")
        tile_brush.box((0.08, 0.6, 0.92, 0.92), "white")
        tile_brush.text(0.5, 0.76, "SERVE", 0.22)


def _paint_pot(tile_brush: TileBrush, pot: Pot) -> None:
    """Paint a pot from above: red with a countdown while it cooks, gold and steaming when done."""
    rim, broth = {None: ("white", "steel"), 0: ("gold", "soup")}.get(pot.left, ("red", "soup"))
    tile_brush.box((0.04, 0.04, 0.96, 0.96), "ink", None, 0.08)
    for left in (0.02, 0.82):
        tile_brush.box((left, 0.48, left + 0.16, 0.6), rim)
    tile_brush.circle(0.5, 0.54, 0.4, rim)
    tile_brush.circle(0.5, 0.54, 0.33, broth)
    for x, y in ((0.36, 0.48), (0.64, 0.48), (0.5, 0.7))[: pot.onions]:
        _paint_thing(tile_brush, "onion", x, y, 0.15)
    if pot.left:
        tile_brush.circle(0.8, 0.2, 0.18, "white", "red")
        tile_brush.text(0.8, 0.2, str(pot.left), 0.28, "red")
    elif pot.left == 0:
        for x in (0.26, 0.5, 0.74):
            for ink, width in (("ink", 0.1), ("white", 0.055)):
                tile_brush.line(
                    (x - 0.03, 0.34),
                    (x + 0.03, 0.24),
                    (x - 0.03, 0.14),
                    (x + 0.03, 0.04),
                    ink=ink,
                    width=width,
                )


def _paint_thing(tile_brush: TileBrush, thing: Thing, x: float, y: float, radius: float) -> None:
    """Paint an onion, a dish or a soup, centred at a point."""
    if thing == "onion":
        _paint_onion(tile_brush, x, y, radius)
        return
    tile_brush.circle(x, y, radius, "white")
    if thing == "dish":
        tile_brush.circle(x, y, radius * 0.62, "white", "steel")
        return
    tile_brush.circle(x, y, radius * 0.76, "soup" if thing == "soup" else "gold")
    if thing == "soup":
        for dx, dy in ((-0.34, -0.2), (0.34, -0.2), (0, 0.36)):
            tile_brush.circle(x + dx * radius, y + dy * radius, radius * 0.2, "onion", None)


def _paint_onion(tile_brush: TileBrush, x: float, y: float, radius: float) -> None:
    """Paint a golden bulb with a tapering neck, fine stripes and roots."""

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * radius, y + dy * radius

    def bulb(width: float) -> list[tuple[float, float]]:
        """An outline through neck and root; ``width`` is relative to the onion's."""
        right = [
            (0.1, -1.25), (0.14, -0.95), (0.3, -0.72), (0.62, -0.45), (0.88, -0.1),
            (0.95, 0.22), (0.84, 0.56), (0.56, 0.82), (0.18, 0.94),
        ]  # fmt: skip
        left = [(-dx, dy) for dx, dy in reversed(right)]
        return [at(dx * width, dy) for dx, dy in (*right, *left, right[0])]

    for root in (-0.2, 0, 0.2):
        tile_brush.line(at(root * 0.5, 0.9), at(root, 1.16), width=0.09 * radius)
    tile_brush.polygon(*bulb(1), fill="onion")
    for width in (0.68, 0.26):
        tile_brush.line(*bulb(width), ink="edge", width=0.09 * radius)
    tile_brush.line(*bulb(1))


def _paint_chef(tile_brush: TileBrush, seat: int, facing: str, holds: Thing | None) -> None:
    """Paint a chef. Face and arrow show its direction; the held item is in front."""
    colour = COLOURS[seat]
    dx, dy = DIRECTIONS[facing]
    tile_brush.ellipse((0.24, 0.84, 0.76, 0.97), "grout", None)
    tile_brush.box((0.25, 0.46, 0.75, 0.92), colour, radius=0.14)
    tile_brush.circle(0.5, 0.38, 0.17, "edge" if facing == "up" else "skin")
    if facing != "up":
        for eye in (-0.08, 0.08):
            tile_brush.circle(0.5 + eye + dx * 0.07, 0.4, 0.027, "ink", None)
    if dx:
        tile_brush.circle(0.5 + dx * 0.17, 0.43, 0.035, "skin")
    for puff, top in ((0.38, 0.19), (0.62, 0.19), (0.5, 0.15)):
        tile_brush.circle(puff, top, 0.1, "white")
    tile_brush.box((0.35, 0.2, 0.65, 0.3), "white", None, 0.02)
    tile_brush.box((0.34, 0.26, 0.66, 0.33), colour, radius=0.02)
    if holds:
        _paint_thing(tile_brush, holds, 0.5, 0.66, 0.21)
        for hand in (0.27, 0.73):
            tile_brush.circle(hand, 0.7, 0.06, "skin")
    for size, fill in ((0.09, "ink"), (0.055, "gold")):
        _paint_arrow(tile_brush, 0.5 + dx * 0.42, 0.5 + dy * 0.42, (dx, dy), size, fill)


def _paint_arrow(
    tile_brush: TileBrush, x: float, y: float, way: tuple[int, int], size: float, fill: str
) -> None:
    """Paint a triangle, centred at a point."""
    dx, dy = way[0] * size, way[1] * size
    tile_brush.polygon(
        (x + dx, y + dy),
        (x - dx * 0.8 + dy * 1.5, y - dy * 0.8 - dx * 1.5),
        (x - dx * 0.8 - dy * 1.5, y - dy * 0.8 + dx * 1.5),
        fill=fill,
    )
