"""The view of Monster Hunt: green apples, and a monster with one eye and horns."""

from __future__ import annotations

from vsbench_envs.grid.art import Frame
from vsbench_envs.grid.view import GridView
from vsbench_envs.monster_hunt.rules import EVENTS


def paint_apple(frame: Frame) -> None:
    """Paint a green apple; a red one could be mistaken for the red player."""
    for fill, size in (("forest", 0.0), ("green", 0.07)):
        for side in (-1, 1):
            frame.ellipse(side * 0.2, 0.14, 0.4 - size, 0.5 - size, fill)
    frame.polygon([(-0.12, -0.34), (0.12, -0.34), (0.3, 0.5), (-0.3, 0.5)], "green")
    frame.ellipse(-0.3, -0.04, 0.08, 0.14, "white")
    frame.polygon([(-0.06, -0.24), (-0.02, -0.66), (0.1, -0.66), (0.05, -0.24)], "maroon")
    frame.ellipse(0.3, -0.52, 0.24, 0.12, "forest")


def paint_monster(frame: Frame) -> None:
    """Paint a purple monster with one eye, horns and teeth."""
    for side in (-1, 1):
        frame.polygon([(side * 0.68, -0.88), (side * 0.62, -0.3), (side * 0.2, -0.52)], "night")
        frame.polygon([(side * 0.63, -0.74), (side * 0.57, -0.36), (side * 0.3, -0.51)], "gold")
        frame.ellipse(side * 0.4, 0.8, 0.28, 0.15, "night")
    frame.ellipse(0, 0.1, 0.8, 0.74, "night")
    for side in (-1, 1):
        for x, y in ((0.82, -0.12), (0.9, 0.16), (0.82, 0.44)):
            frame.polygon([(side * x, y), (side * 0.6, y - 0.2), (side * 0.6, y + 0.2)], "night")
    frame.ellipse(0, 0.1, 0.72, 0.66, "purple")
    frame.ellipse(0, -0.16, 0.33, 0.32, "white", edge="night")
    frame.ellipse(0, -0.1, 0.15, 0.17, "red")
    frame.ellipse(0, -0.08, 0.07, 0.1, "night")
    frame.polygon([(-0.5, 0.28), (0.5, 0.28), (0.3, 0.62), (-0.3, 0.62)], "night")
    for x in (-0.36, -0.12, 0.12, 0.36):
        frame.polygon([(x - 0.12, 0.27), (x + 0.12, 0.27), (x, 0.46)], "white")
    for x in (-0.2, 0.04, 0.24):
        frame.polygon([(x - 0.1, 0.63), (x + 0.1, 0.63), (x, 0.48)], "white")


VIEW = GridView(
    "Monster Hunt",
    colours=("red", "blue"),
    things=("apple", "apple", "monster"),
    artwork={"apple": paint_apple, "monster": paint_monster},
    events=EVENTS,
)
