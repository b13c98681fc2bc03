"""How Atari Pong looks and reads: four frames of the screen, enlarged three times.

The pixels within the frame of coordinates are the console's own, each a crisp square. A model is
asked for positions and has to judge distances across four pictures, so the axes around the field
are drawn by default; ``PongView(axes=False)`` leaves them out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from PIL import Image

from vsbench_envs.atari_pong.percept import FRAMES, Ball, Frame, PongPercept, visible
from vsbench_envs.atari_pong.screen import HEIGHT, WIDTH, Screen, paint, scan
from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.game import UnreadableError, View
from vsbench_envs.scene import Choice, rgb

ZOOM = 3
SIZE = (544, 708)
LEFT, TOP = 42, 40
"""Where the field begins in the picture."""
CAPTION = (200, 30)
TICK = 20
"""Pixels of the console between two numbers on an axis."""
RADIUS = 10
"""Pixels by which a named position may be off."""

PALETTE = Palette(
    ground="#904811",
    white="#ececec",
    orange="#d5824a",
    green="#5cba5c",
    black="#000000",
    margin="#15181f",
    ink="#f1eee6",
    dim="#8d93a1",
)
COLOURS = ("ground", "white", "orange", "green", "black")
"""The screen's, in the numbering of :mod:`~vsbench_envs.atari_pong.screen`."""

CAPTIONS = ("3 steps ago", "2 steps ago", "1 step ago", "now")


class PongView(View[PongPercept]):
    """Four pictures, the latest last."""

    def __init__(self, *, axes: bool = True) -> None:
        self.axes = axes

    def draw(self, percept: PongPercept) -> tuple[Image.Image, ...]:
        """A picture for each frame, captioned with its age."""
        return tuple(
            self._picture(frame, caption)
            for frame, caption in zip(percept.frames, CAPTIONS, strict=True)
        )

    def tell(self, percept: PongPercept) -> str:
        """Points, paddles and ball in every frame, by the pixel."""
        lines = (
            f"- {caption}: {_told(frame)}"
            for frame, caption in zip(percept.frames, CAPTIONS, strict=True)
        )
        bot, player = percept.now.points
        return (
            f"You have {_count(player)}, the bot has {_count(bot)}. Positions are pixels: x runs "
            "from 0 at the left to 159, y from 0 at the top to 209, and the ball bounces off walls "
            "above y 34 and below y 193. The bot's paddle is at x 16-19, yours at x 140-143. "
            "The four latest frames, oldest first, with the bot's and your points:\n"
            + "\n".join(lines)
        )

    def read(self, images: Sequence[Image.Image]) -> PongPercept:
        """The four frames, from pictures in the order in which they were drawn."""
        if len(images) != FRAMES:
            raise UnreadableError(f"expected {FRAMES} pictures, got {len(images)}")
        frames = (self._read(image, age) for image, age in zip(images, CAPTIONS, strict=True))
        return PongPercept(0, tuple(frames))

    def labels(self, percept: PongPercept) -> dict[str, str]:
        """The middles of paddles and ball in the latest frame, and the points."""
        left, right, ball = percept.now.left, percept.now.right, percept.now.ball
        return {
            "right paddle y": str(_middle(right)),
            "left paddle y": "none" if left is None else str(_middle(left)),
            "ball x": "none" if ball is None else str(ball.x),
            "ball y": "none" if ball is None else str(ball.y),
            "score": f"{percept.now.points[0]} : {percept.now.points[1]}",
        }

    def credit(self, element: str, truth: str, said: str) -> float:
        """Full within ten pixels of a position, and falling off beyond: half at twenty, a third
        at thirty. The score must be exact."""
        if element == "score":
            return float(re.findall(r"\d+", said) == re.findall(r"\d+", truth))
        try:
            off = abs(float(said) - float(truth))
        except ValueError:
            return super().credit(element, truth, said)
        return RADIUS / max(off, RADIUS)

    def _picture(self, frame: Frame, caption: str) -> Image.Image:
        picture = self._background.copy()
        picture.paste(_enlarged(frame), (LEFT, TOP))
        _CAPTION.draw(picture, caption)
        return picture

    def _read(self, image: Image.Image, caption: str) -> Frame:
        if image.size != SIZE:
            raise UnreadableError(f"the picture is {image.size}, where {SIZE} was expected")
        if _CAPTION.read(rgb(image.crop((0, 0, SIZE[0], TOP)))) != caption:
            raise UnreadableError("the pictures are not in the order of their captions")
        return scan(_reduced(image))

    @cached_property
    def _background(self) -> Image.Image:
        def paint_margin(brush: Brush) -> None:
            brush.text((LEFT, TOP - 19), "BOT", 22, "orange", "lm")
            brush.text((LEFT + WIDTH * ZOOM, TOP - 19), "YOU", 22, "green", "rm")
            if self.axes:
                _paint_axes(brush)

        return PALETTE.sprite(*SIZE, "margin", paint_margin)


def _caption(text: str) -> Image.Image:
    return PALETTE.lettering(*CAPTION, text, size=22, ink="ink", on="margin")


def _carrier() -> Image.Image:
    carrier = Image.new("P", (1, 1))
    carrier.putpalette([channel for name in COLOURS for channel in PALETTE.colours[name]])
    return carrier


_CARRIER = _carrier()
_CAPTION = Choice((LEFT + (WIDTH * ZOOM - CAPTION[0]) // 2, 6), CAPTIONS, _caption)


@lru_cache(maxsize=64)
def _enlarged(frame: Frame) -> Image.Image:
    """The screen in the picture's palette, whose first colours are the screen's.

    Three of four frames were in the pictures of the step before.
    """
    small = Image.fromarray(paint(frame))
    return small.resize((WIDTH * ZOOM, HEIGHT * ZOOM), Image.Resampling.NEAREST)


def _reduced(image: Image.Image) -> Screen:
    """The screen in a picture: the nearest of its colours in the middle of each square."""
    field = image.crop((LEFT, TOP, LEFT + WIDTH * ZOOM, TOP + HEIGHT * ZOOM))
    small = field.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST).convert("RGB")
    return np.array(small.quantize(palette=_CARRIER, dither=Image.Dither.NONE))


def _paint_axes(brush: Brush) -> None:
    """Numbers on the left and below, in the console's pixels."""
    bottom = TOP + HEIGHT * ZOOM
    for x in range(0, WIDTH + 1, TICK):
        at = LEFT + x * ZOOM
        brush.line([(at, bottom), (at, bottom + 6)], "dim", 2)
        brush.text((at, bottom + 17), str(x), 15, "ink")
    for y in range(0, HEIGHT + 1, TICK):
        at = TOP + y * ZOOM
        brush.line([(LEFT - 6, at), (LEFT, at)], "dim", 2)
        brush.text((LEFT - 9, at), str(y), 15, "ink", "rm")


def _middle(paddle: int) -> int:
    return sum(visible(paddle)) // 2


def _told(frame: Frame) -> str:
    ball, left = frame.ball, frame.left
    return "; ".join(
        (
            "no ball" if ball is None else _told_ball(ball),
            "no bot's paddle" if left is None else f"bot's paddle {_rows(visible(left))}",
            f"your paddle {_rows(visible(frame.right))}",
            f"points {frame.points[0]} : {frame.points[1]}",
        )
    )


def _told_ball(ball: Ball) -> str:
    halves = ", its top row half" * ball.late + ", its bottom row half" * ball.early
    return f"ball x {ball.x}-{ball.x + 1}, {_rows((ball.top, ball.bottom))}{halves}"


def _rows(rows: tuple[int, int]) -> str:
    return f"y {rows[0]}-{rows[1]}"


def _count(points: int) -> str:
    return f"{points} point{'' if points == 1 else 's'}"
