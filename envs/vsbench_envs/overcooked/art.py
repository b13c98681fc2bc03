"""The artwork of a kitchen: floor, furniture, food and chefs."""

from __future__ import annotations

from functools import cache

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.overcooked.brushwork import PALETTE, Spot
from vsbench_envs.overcooked.layout import DIRECTIONS, DISHES, FLOOR, ONIONS, SERVING
from vsbench_envs.overcooked.percept import Pot, Thing

COLOURS = ("blue", "green")
"""Of the chefs, by seat."""

Look = tuple[int, str, Thing | None]
"""A chef without its place: seat, facing, what it holds."""

Content = Look | Thing | Pot | None
"""What is on a tile."""


@cache
def sprite(side: int, tile: str, content: Content = None) -> Image.Image:
    """A tile of the floor plan with what is on it."""

    def paint(brush: Brush) -> None:
        spot = Spot(brush, side)
        _paint_ground(spot, tile)
        if isinstance(content, Pot):
            _paint_pot(spot, content)
        elif isinstance(content, tuple):
            _paint_chef(spot, *content)
        elif content:
            _paint_thing(spot, content, 0.5, 0.52, 0.32)

    return PALETTE.sprite(side, side, "grout", paint)


def _paint_ground(spot: Spot, tile: str) -> None:
    if tile == FLOOR:
        spot.slab((0.01, 0.01, 0.99, 0.99), "floor", None, 0.02)
        return
    spot.slab((0, 0, 1, 1), "edge", None, 0)
    spot.slab((0.025, 0.025, 0.975, 0.975), "wood", None, 0.05)
    if tile == ONIONS:
        for x, y in ((0.28, 0.4), (0.72, 0.4), (0.5, 0.33)):
            _paint_thing(spot, "onion", x, y, 0.2)
        spot.slab((0.08, 0.52, 0.92, 0.92), "edge")
        for y in (0.66, 0.79):
            spot.stroke((0.1, y), (0.9, y), ink="wood", width=0.03)
    elif tile == DISHES:
        spot.slab((0.1, 0.66, 0.9, 0.92), "steel")
        for y in (0.66, 0.57, 0.48, 0.39):
            spot.oval((0.16, y - 0.19, 0.84, y + 0.19), "white")
        spot.oval((0.3, 0.29, 0.7, 0.49), "white", "steel")
    elif tile == SERVING:
        spot.slab((0.025, 0.025, 0.975, 0.975), "steel", None, 0.05)
        spot.disc(0.5, 0.13, 0.05, "gold")
        spot.disc(0.5, 0.4, 0.24, "gold")
        spot.slab((0.2, 0.42, 0.8, 0.66), "steel", None)
        spot.slab((0.2, 0.42, 0.8, 0.5), "red")
        spot.slab((0.08, 0.6, 0.92, 0.92), "white")
        spot.text(0.5, 0.76, "SERVE", 0.22)


def _paint_pot(spot: Spot, pot: Pot) -> None:
    """A pot from above: red and counting down while it cooks, gold and steaming when done."""
    rim, broth = {None: ("white", "steel"), 0: ("gold", "soup")}.get(pot.left, ("red", "soup"))
    spot.slab((0.04, 0.04, 0.96, 0.96), "ink", None, 0.08)
    for left in (0.02, 0.82):
        spot.slab((left, 0.48, left + 0.16, 0.6), rim)
    spot.disc(0.5, 0.54, 0.4, rim)
    spot.disc(0.5, 0.54, 0.33, broth)
    for x, y in ((0.36, 0.48), (0.64, 0.48), (0.5, 0.7))[: pot.onions]:
        _paint_thing(spot, "onion", x, y, 0.15)
    if pot.left:
        spot.disc(0.8, 0.2, 0.18, "white", "red")
        spot.text(0.8, 0.2, str(pot.left), 0.28, "red")
    elif pot.left == 0:
        for x in (0.26, 0.5, 0.74):
            for ink, width in (("ink", 0.1), ("white", 0.055)):
                spot.stroke(
                    (x - 0.03, 0.34),
                    (x + 0.03, 0.24),
                    (x - 0.03, 0.14),
                    (x + 0.03, 0.04),
                    ink=ink,
                    width=width,
                )


def _paint_thing(spot: Spot, thing: Thing, x: float, y: float, radius: float) -> None:
    """An onion, a dish or a soup of a given radius about a place."""
    if thing == "onion":
        _paint_onion(spot, x, y, radius)
        return
    spot.disc(x, y, radius, "white")
    if thing == "dish":
        spot.disc(x, y, radius * 0.62, "white", "steel")
        return
    spot.disc(x, y, radius * 0.76, "soup" if thing == "soup" else "gold")
    if thing == "soup":
        for dx, dy in ((-0.34, -0.2), (0.34, -0.2), (0, 0.36)):
            spot.disc(x + dx * radius, y + dy * radius, radius * 0.2, "onion", None)


def _paint_onion(spot: Spot, x: float, y: float, radius: float) -> None:
    """A golden bulb that tapers into its neck, with fine stripes and the roots below."""

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * radius, y + dy * radius

    def bulb(width: float) -> list[tuple[float, float]]:
        """An outline through neck and root, so many times as wide as the onion."""
        right = [
            (0.1, -1.25), (0.14, -0.95), (0.3, -0.72), (0.62, -0.45), (0.88, -0.1),
            (0.95, 0.22), (0.84, 0.56), (0.56, 0.82), (0.18, 0.94),
        ]  # fmt: skip
        left = [(-dx, dy) for dx, dy in reversed(right)]
        return [at(dx * width, dy) for dx, dy in (*right, *left, right[0])]

    for root in (-0.2, 0, 0.2):
        spot.stroke(at(root * 0.5, 0.9), at(root, 1.16), width=0.09 * radius)
    spot.shape(*bulb(1), fill="onion")
    for width in (0.68, 0.26):
        spot.stroke(*bulb(width), ink="edge", width=0.09 * radius)
    spot.stroke(*bulb(1))


def _paint_chef(spot: Spot, seat: int, facing: str, holds: Thing | None) -> None:
    """A chef. BaseEnv and arrow show where it looks; what it carries is in front of all else."""
    colour = COLOURS[seat]
    dx, dy = DIRECTIONS[facing]
    spot.oval((0.24, 0.84, 0.76, 0.97), "grout", None)
    spot.slab((0.25, 0.46, 0.75, 0.92), colour, radius=0.14)
    spot.disc(0.5, 0.38, 0.17, "edge" if facing == "up" else "skin")
    if facing != "up":
        for eye in (-0.08, 0.08):
            spot.disc(0.5 + eye + dx * 0.07, 0.4, 0.027, "ink", None)
    if dx:
        spot.disc(0.5 + dx * 0.17, 0.43, 0.035, "skin")
    for puff, top in ((0.38, 0.19), (0.62, 0.19), (0.5, 0.15)):
        spot.disc(puff, top, 0.1, "white")
    spot.slab((0.35, 0.2, 0.65, 0.3), "white", None, 0.02)
    spot.slab((0.34, 0.26, 0.66, 0.33), colour, radius=0.02)
    if holds:
        _paint_thing(spot, holds, 0.5, 0.66, 0.21)
        for hand in (0.27, 0.73):
            spot.disc(hand, 0.7, 0.06, "skin")
    for size, fill in ((0.09, "ink"), (0.055, "gold")):
        _paint_arrow(spot, 0.5 + dx * 0.42, 0.5 + dy * 0.42, (dx, dy), size, fill)


def _paint_arrow(
    spot: Spot, x: float, y: float, way: tuple[int, int], size: float, fill: str
) -> None:
    """A triangle about a place."""
    dx, dy = way[0] * size, way[1] * size
    spot.shape(
        (x + dx, y + dy),
        (x - dx * 0.8 + dy * 1.5, y - dy * 0.8 - dx * 1.5),
        (x - dx * 0.8 - dy * 1.5, y - dy * 0.8 + dx * 1.5),
        fill=fill,
    )
