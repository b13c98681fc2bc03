"""The palette and the figures of the grid games."""

from __future__ import annotations

from dataclasses import dataclass

from vsbench_envs.canvas import Brush, Palette, Point

PALETTE = Palette(
    night="#26324d",
    slate="#3a4a6e",
    cream="#fbf4e2",
    sand="#efe2c2",
    white="#ffffff",
    red="#e0453c",
    maroon="#8f1f26",
    blue="#3f86ea",
    navy="#1b3d91",
    green="#4db35a",
    forest="#1f6b39",
    gold="#f6bd3b",
    purple="#8f56c9",
    pink="#f7a8a0",
)

SHADES = {"red": "maroon", "blue": "navy", "green": "forest"}
"""The dark companion of each player's colour."""


@dataclass(frozen=True)
class Frame:
    """A square to paint a figure in, with coordinates from -1 to 1."""

    brush: Brush
    centre: Point
    radius: float

    def at(self, x: float, y: float) -> Point:
        """Convert a point to the sprite's pixels."""
        return (self.centre[0] + x * self.radius, self.centre[1] + y * self.radius)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: str | None, *, edge: str | None = None
    ) -> None:
        """Paint an ellipse about a point, with an outline if ``edge`` names a colour."""
        (left, top), (right, bottom) = self.at(x - rx, y - ry), self.at(x + rx, y + ry)
        self.brush.ellipse(
            (left, top, right, bottom), fill, edge=edge, width=0.09 * self.radius if edge else 0
        )

    def polygon(self, points: list[Point], fill: str) -> None:
        """Paint a polygon."""
        self.brush.polygon([self.at(*point) for point in points], fill)

    def arc(
        self, x: float, y: float, rx: float, ry: float, start: float, end: float, ink: str
    ) -> None:
        """Paint part of an ellipse's outline, in degrees clockwise from three o'clock."""
        (left, top), (right, bottom) = self.at(x - rx, y - ry), self.at(x + rx, y + ry)
        self.brush.arc((left, top, right, bottom), start, end, ink, 0.09 * self.radius)


def paint_player(frame: Frame, colour: str) -> None:
    """Paint a round creature: red with pointed ears, blue with round ears, green with a leaf."""
    shade = SHADES[colour]
    _HEADGEAR[colour](frame)
    for side in (-1, 1):
        frame.ellipse(side * 0.36, 0.86, 0.26, 0.13, shade)
    frame.ellipse(0, 0.15, 0.76, 0.74, colour, edge=shade)
    frame.ellipse(0, 0.5, 0.42, 0.31, "cream")
    for side in (-1, 1):
        frame.ellipse(side * 0.3, 0.0, 0.21, 0.25, "white")
        frame.ellipse(side * 0.26, 0.04, 0.11, 0.15, "night")
        frame.ellipse(side * 0.23, -0.03, 0.04, 0.05, "white")
        frame.ellipse(side * 0.54, 0.27, 0.11, 0.07, "pink")
    frame.arc(0, 0.2, 0.16, 0.14, 20, 160, shade)


def _pointed_ears(frame: Frame) -> None:
    for side in (-1, 1):
        frame.polygon([(side * 0.76, -0.98), (side * 0.08, -0.5), (side * 0.74, -0.02)], "maroon")
        frame.polygon([(side * 0.68, -0.8), (side * 0.22, -0.46), (side * 0.66, -0.12)], "red")
        frame.polygon([(side * 0.62, -0.62), (side * 0.36, -0.42), (side * 0.6, -0.24)], "pink")


def _round_ears(frame: Frame) -> None:
    for side in (-1, 1):
        frame.ellipse(side * 0.52, -0.56, 0.33, 0.33, "blue", edge="navy")
        frame.ellipse(side * 0.52, -0.56, 0.15, 0.15, "cream")


def _leaf(frame: Frame) -> None:
    frame.polygon([(-0.05, -0.5), (-0.05, -0.85), (0.05, -0.85), (0.05, -0.5)], "forest")
    for side in (-1, 1):
        frame.ellipse(side * 0.32, -0.8, 0.31, 0.17, "green", edge="forest")


_HEADGEAR = {"red": _pointed_ears, "blue": _round_ears, "green": _leaf}
