"""How Atari Pong looks and reads: the latest frames of the screen, enlarged three times.

The pictures are the console's own pixels, each a crisp square, and nothing else: which frame is
which is told by their order. Perception asks for positions in one frame, and so draws axes round
it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vsbench_envs.atari_pong import telling
from vsbench_envs.atari_pong.percept import FRAMES, Frame, PongPercept, visible
from vsbench_envs.atari_pong.screen import HEIGHT, WIDTH, Screen, paint, scan
from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import View
from vsbench_envs.scene import reduced

ZOOM = 3
PLAIN = (WIDTH * ZOOM, HEIGHT * ZOOM)
"""The size of a frame without axes."""
LEFT, TOP = 42, 12
"""Where the field begins in a picture with axes."""
SIZE = (LEFT + PLAIN[0] + 20, TOP + PLAIN[1] + 30)
"""The size of a picture with axes."""
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


class PongView(View[PongPercept]):
    """Four pictures, the latest last; for perception the latest alone, with axes."""

    frames = FRAMES

    def draw(self, percept: PongPercept) -> tuple[Image.Image, ...]:
        """The four frames as the console shows them."""
        return tuple(_plain(frame) for frame in percept.frames)

    def draw_for_perception(self, percept: PongPercept) -> tuple[Image.Image, ...]:
        """The latest frame, with the console's pixels numbered on the left and below."""
        picture = self._axes.copy()
        picture.paste(_plain(percept.now), (LEFT, TOP))
        return (picture,)

    def describe(self, percept: PongPercept) -> str:
        """Points, paddles and ball in every frame, by the pixel."""
        return telling.describe(percept)

    def read(self, images: Sequence[Image.Image]) -> PongPercept:
        """The frames, plain or with axes; the first is repeated where there are fewer than four."""
        if not 1 <= len(images) <= FRAMES:
            raise UnreadableError(f"expected one to {FRAMES} pictures, got {len(images)}")
        frames = tuple(scan(_screen(image)) for image in images)
        missing = FRAMES - len(frames)
        return PongPercept(0, (frames[0],) * missing + frames)

    def _read_text(self, text: str) -> PongPercept:
        return telling.read(text)

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

    @cached_property
    def _axes(self) -> Image.Image:
        """A picture with axes, but for the frame."""
        return PALETTE.sprite(*SIZE, "margin", _paint_axes)


@lru_cache(maxsize=64)
def _plain(frame: Frame) -> Image.Image:
    """The screen, enlarged. Three of four frames were in the pictures of the step before."""
    picture = PALETTE.blank(*PLAIN, "ground")
    # The palette begins with the screen's colours, in its numbering.
    small = Image.fromarray(paint(frame))
    picture.paste(small.resize(PLAIN, Image.Resampling.NEAREST))
    return picture


def _screen(image: Image.Image) -> Screen:
    """The screen in a picture, plain or with axes: the colour nearest to the mean of each block."""
    if image.width * HEIGHT != image.height * WIDTH:
        image = reduced(image, SIZE).crop((LEFT, TOP, LEFT + PLAIN[0], TOP + PLAIN[1]))
    pixels = np.asarray(reduced(image, (WIDTH, HEIGHT)).convert("RGB"), np.float32)
    # The squared distance to a colour, less the square of the pixel's own, the same for all.
    off = (_COLOURS**2).sum(axis=1) - 2 * pixels @ _COLOURS.T
    return np.asarray(off.argmin(axis=2), np.uint8)


_COLOURS: NDArray[np.float32] = np.array([PALETTE.colours[name] for name in COLOURS], np.float32)


def _paint_axes(brush: Brush) -> None:
    bottom = TOP + PLAIN[1]
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
