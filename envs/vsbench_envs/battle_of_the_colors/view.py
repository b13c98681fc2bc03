"""The view of Battle of the Colors: toy bricks that a player can stand on."""

from __future__ import annotations

from functools import partial

from vsbench_envs.battle_of_the_colors.rules import EVENTS
from vsbench_envs.grid.art import SHADES, Frame
from vsbench_envs.grid.view import GridView


def paint_block(frame: Frame, colour: str) -> None:
    """Paint a brick from above: studs in its corners, a pale middle behind a player."""
    shade = SHADES[colour]
    (left, top), (right, bottom) = frame.at(-0.92, -0.92), frame.at(0.92, 0.92)
    frame.brush.box((left, top, right, bottom), colour, edge=shade, width=3, radius=9)
    for x in (-0.68, 0.68):
        for y in (-0.68, 0.68):
            frame.ellipse(x, y + 0.03, 0.17, 0.17, shade)
            frame.ellipse(x, y - 0.02, 0.15, 0.15, colour)
            frame.ellipse(x - 0.04, y - 0.06, 0.06, 0.05, "pink" if colour == "red" else "white")
    frame.ellipse(0, 0, 0.66, 0.66, "cream", edge=shade)
    frame.brush.text(frame.at(0, 0), colour[0].upper(), 0.72 * frame.radius, shade)


VIEW = GridView(
    "Battle of the Colors",
    colours=("red", "blue"),
    things=("red block", "blue block"),
    artwork={
        "red block": partial(paint_block, colour="red"),
        "blue block": partial(paint_block, colour="blue"),
    },
    events=EVENTS,
    shared_cells=True,
)
