"""The artwork of a kitchen: floor, furniture, food and chefs."""

from __future__ import annotations

from functools import cache

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.overcooked.brushwork import PALETTE, Spot
from vsbench_envs.overcooked.layout import DIRECTIONS, DISHES, FLOOR, ONIONS, SERVING
from vsbench_envs.overcooked.percept import RECIPE, Pot, Thing

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
            _paint_thing(spot, content, 0.5, 0.5, 0.27)

    return PALETTE.sprite(side, side, "grout", paint)


def _paint_ground(spot: Spot, tile: str) -> None:
    if tile == FLOOR:
        spot.slab((0.01, 0.01, 0.99, 0.99), "floor", None, 0.02)
        return
    spot.slab((0, 0, 1, 1), "edge", None, 0)
    spot.slab((0.025, 0.025, 0.975, 0.975), "wood", None, 0.05)
    if tile == ONIONS:
        for x, y in ((0.3, 0.34), (0.5, 0.28), (0.7, 0.34)):
            _paint_thing(spot, "onion", x, y, 0.15)
        spot.slab((0.12, 0.46, 0.88, 0.74), "edge")
        spot.stroke((0.14, 0.6), (0.86, 0.6), ink="wood", width=0.03)
        spot.label("onions")
    elif tile == DISHES:
        for y in (0.55, 0.47, 0.39, 0.31):
            spot.oval((0.16, y - 0.16, 0.84, y + 0.16), "white")
        spot.oval((0.3, 0.22, 0.7, 0.4), "white", "steel")
        spot.label("dishes")
    elif tile == SERVING:
        spot.slab((0.025, 0.025, 0.975, 0.975), "steel", None, 0.05)
        spot.disc(0.5, 0.24, 0.06, "gold")
        spot.disc(0.5, 0.54, 0.27, "gold")
        spot.slab((0.18, 0.56, 0.82, 0.84), "steel", None)
        spot.slab((0.16, 0.55, 0.84, 0.64), "red")
        spot.label("serve")


def _paint_pot(spot: Spot, pot: Pot) -> None:
    """A pot from above, its rim red while it cooks and gold when it is done."""
    rim, broth = {None: ("white", "steel"), 0: ("gold", "soup")}.get(pot.left, ("red", "soup"))
    spot.slab((0.07, 0.06, 0.93, 0.94), "ink", None, 0.08)
    spot.disc(0.5, 0.4, 0.33, rim)
    spot.disc(0.5, 0.4, 0.27, broth)
    for place, (x, y) in enumerate(((0.38, 0.35), (0.62, 0.35), (0.5, 0.55))):
        if place < pot.onions:
            _paint_thing(spot, "onion", x, y, 0.11)
        elif pot.left is None:
            spot.disc(x, y, 0.09, "steel")
    if pot.left is None:
        spot.label(f"pot {pot.onions}/{RECIPE}")
    elif pot.left:
        spot.disc(0.82, 0.18, 0.17, "white")
        spot.text(0.82, 0.18, str(pot.left), 0.26, "red")
        spot.label(f"{pot.left} left")
    else:
        spot.label("ready")


def _paint_thing(spot: Spot, thing: Thing, x: float, y: float, radius: float) -> None:
    """An onion, a dish or a soup of a given radius about a place."""
    if thing == "onion":
        spot.shape(
            (x - radius * 0.45, y - radius * 1.15),
            (x, y - radius * 0.6),
            (x + radius * 0.45, y - radius * 1.15),
            (x + radius * 0.2, y - radius * 0.4),
            (x - radius * 0.2, y - radius * 0.4),
            fill="green",
        )
        spot.disc(x, y + radius * 0.1, radius * 0.9, "onion")
        bulge = (x - radius * 0.35, y - radius * 0.6, x + radius * 0.35, y + radius * 0.8)
        spot.oval(bulge, "onion", "skin")
        return
    spot.disc(x, y, radius, "white")
    if thing == "dish":
        spot.disc(x, y, radius * 0.62, "white", "steel")
        return
    spot.disc(x, y, radius * 0.74, "soup" if thing == "soup" else "gold")
    if thing == "soup":
        for dx, dy in ((-0.3, -0.2), (0.3, -0.2), (0, 0.32)):
            spot.disc(x + dx * radius, y + dy * radius, radius * 0.2, "onion", None)


def _paint_chef(spot: Spot, seat: int, facing: str, holds: Thing | None) -> None:
    """A chef. Face and arrow show where it looks; what it carries is before its chest."""
    colour = COLOURS[seat]
    dx, dy = DIRECTIONS[facing]
    spot.oval((0.24, 0.82, 0.76, 0.96), "grout", None)
    spot.slab((0.27, 0.55, 0.73, 0.92), colour, radius=0.14)
    spot.disc(0.5, 0.47, 0.18, "edge" if facing == "up" else "skin")
    if facing != "up":
        for eye in (-0.08, 0.08):
            spot.disc(0.5 + eye + dx * 0.07, 0.49, 0.027, "ink", None)
    if dx:
        spot.disc(0.5 + dx * 0.18, 0.52, 0.035, "skin")
    for puff, top in ((0.38, 0.27), (0.62, 0.27), (0.5, 0.23)):
        spot.disc(puff, top, 0.1, "white")
    spot.slab((0.35, 0.28, 0.65, 0.38), "white", None, 0.02)
    spot.slab((0.34, 0.34, 0.66, 0.41), colour, radius=0.02)
    if holds:
        _paint_thing(spot, holds, 0.5, 0.71, 0.17)
    for size, fill in ((0.1, "ink"), (0.065, "gold")):
        _paint_arrow(spot, 0.5 + dx * 0.4, 0.5 + dy * 0.4, (dx, dy), size, fill)


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
