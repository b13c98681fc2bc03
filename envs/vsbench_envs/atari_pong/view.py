"""Pictures and text of Atari Pong: the latest frames of the screen, enlarged three times.

The pictures show only the console's pixels; their order gives the order of the frames. Perception
asks for positions in one frame, so its picture has axes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vsbench_envs.atari_pong.percept import (
    BALL_WIDTH,
    FIELD_BOTTOM,
    FIELD_TOP,
    FRAMES,
    HEIGHT,
    LEFT_X,
    PADDLE_WIDTH,
    RIGHT_X,
    WIDTH,
    Ball,
    Frame,
    PongPercept,
    Screen,
    paddle_top,
    parse_screen,
    render,
    visible,
)
from vsbench_envs.canvas import Brush, Palette
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import View
from vsbench_envs.scene import reduced

ZOOM = 3
PLAIN_SIZE = (WIDTH * ZOOM, HEIGHT * ZOOM)
"""The size of a frame without axes."""
LEFT, TOP = 42, 12
"""Upper left corner of the screen in a picture with axes."""
AXES_SIZE = (LEFT + PLAIN_SIZE[0] + 20, TOP + PLAIN_SIZE[1] + 30)
"""The size of a picture with axes."""
TICK = 20
"""Distance between two numbers on an axis, in the console's pixels."""
FULL_CREDIT_PIXELS = 10
"""Error of a position, in pixels, up to which it gets full credit."""

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
"""Colour numbers of the screen -> names in the palette."""
_RGB: NDArray[np.float32] = np.array([PALETTE.colours[name] for name in COLOURS], np.float32)

LATE_TEXT = ", but for the left pixel of its top row"
EARLY_TEXT = ", but for the right pixel of its bottom row"

ROW_SPAN = r"y (\d{1,3})-(\d{1,3})"
INTRODUCTION = (
    "Positions are in pixels: x from 0 at the left to 159 at the right, y from 0 at the top to 209 "
    f"at the bottom. The upper wall ends at y {FIELD_TOP - 1}, the lower one begins at y "
    f"{FIELD_BOTTOM}. The left paddle is at x {LEFT_X}-{LEFT_X + PADDLE_WIDTH - 1}, the right "
    f"paddle at x {RIGHT_X}-{RIGHT_X + PADDLE_WIDTH - 1}.\n"
    f"The {FRAMES} latest frames, one step apart, the oldest first:"
)
FRAME_LINE = re.compile(
    rf"^Frame \d: (?:the ball covers x (\d{{1,3}})-\d{{1,3}}, {ROW_SPAN}"
    rf"({LATE_TEXT})?({EARLY_TEXT})?|no ball); "
    rf"(?:the left paddle covers {ROW_SPAN}|no left paddle); "
    rf"the right paddle covers {ROW_SPAN}; points: left (\d), right (\d)\.$",
    re.MULTILINE,
)


class PongView(View[PongPercept]):
    """Four pictures, the latest last; for perception the latest alone, with axes."""

    frames = FRAMES

    def draw(self, percept: PongPercept) -> tuple[Image.Image, ...]:
        """Draw the four frames as the console shows them."""
        return tuple(_enlarged(frame) for frame in percept.frames)

    def draw_for_perception(self, percept: PongPercept) -> tuple[Image.Image, ...]:
        """Draw the latest frame with axes that number the console's pixels."""
        picture = self._axes.copy()
        picture.paste(_enlarged(percept.now), (LEFT, TOP))
        return (picture,)

    def describe(self, percept: PongPercept) -> str:
        """Give points, paddles and ball in every frame, to the pixel."""
        frames = (
            f"Frame {number}: {_frame_text(frame)}"
            for number, frame in enumerate(percept.frames, 1)
        )
        return "\n".join([INTRODUCTION, *frames])

    def read(self, images: Sequence[Image.Image]) -> PongPercept:
        """Read one to four frames, with or without axes; the first is repeated up to four."""
        if not 1 <= len(images) <= FRAMES:
            raise UnreadableError(f"expected one to {FRAMES} pictures, got {len(images)}")
        frames = tuple(parse_screen(_screen(image)) for image in images)
        missing = FRAMES - len(frames)
        return PongPercept(0, (frames[0],) * missing + frames)

    def _read_text(self, text: str) -> PongPercept:
        frames = tuple(map(_parse_frame, FRAME_LINE.finditer(text)))
        if len(frames) != FRAMES:
            raise ValueError(f"expected {FRAMES} frames, found {len(frames)}")
        return PongPercept(0, frames)

    def labels(self, percept: PongPercept) -> dict[str, str]:
        """Label the middles of paddles and ball in the latest frame, and the score."""
        left, right, ball = percept.now.left, percept.now.right, percept.now.ball
        return {
            "right paddle y": str(_middle(right)),
            "left paddle y": "none" if left is None else str(_middle(left)),
            "ball x": "none" if ball is None else str(ball.x),
            "ball y": "none" if ball is None else str(ball.y),
            "score": f"{percept.now.points[0]} : {percept.now.points[1]}",
        }

    def credit(self, element: str, truth: str, said: str) -> float:
        """Full credit within ten pixels of a position, then less: half at twenty, a third at
        thirty. The score must be exact."""
        if element == "score":
            return float(re.findall(r"\d+", said) == re.findall(r"\d+", truth))
        try:
            off = abs(float(said) - float(truth))
        except ValueError:
            return super().credit(element, truth, said)
        return FULL_CREDIT_PIXELS / max(off, FULL_CREDIT_PIXELS)

    @cached_property
    def _axes(self) -> Image.Image:
        """A picture of the axes, without a frame."""
        return PALETTE.sprite(*AXES_SIZE, "margin", _paint_axes)


@lru_cache(maxsize=64)
def _enlarged(frame: Frame) -> Image.Image:
    """Enlarge a frame. Cached, since three of four frames repeat in the next step."""
    picture = PALETTE.blank(*PLAIN_SIZE, "ground")
    # The palette begins with the screen's colours, in the same order.
    small = Image.fromarray(render(frame))
    picture.paste(small.resize(PLAIN_SIZE, Image.Resampling.NEAREST))
    return picture


def _screen(image: Image.Image) -> Screen:
    """Recover the screen from a picture: the colour nearest to the mean of each block."""
    if image.width * HEIGHT != image.height * WIDTH:
        image = reduced(image, AXES_SIZE).crop(
            (LEFT, TOP, LEFT + PLAIN_SIZE[0], TOP + PLAIN_SIZE[1])
        )
    pixels = np.asarray(reduced(image, (WIDTH, HEIGHT)).convert("RGB"), np.float32)
    # Squared distance to each colour, without the square of the pixel, which is common to all.
    off = (_RGB**2).sum(axis=1) - 2 * pixels @ _RGB.T
    return np.asarray(off.argmin(axis=2), np.uint8)


def _paint_axes(brush: Brush) -> None:
    bottom = TOP + PLAIN_SIZE[1]
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


def _parse_frame(match: re.Match[str]) -> Frame:
    """Parse one line of the text."""
    x, top, bottom, late, early, *paddles, left, right = match.groups()
    ball = None
    if x is not None:
        ball = Ball(int(x), int(top), int(bottom), bool(late), bool(early))
    first, last, *right_rows = paddles
    return Frame(
        (int(left), int(right)),
        None if first is None else paddle_top(int(first), int(last)),
        paddle_top(int(right_rows[0]), int(right_rows[1])),
        ball,
    )


def _frame_text(frame: Frame) -> str:
    ball, left = frame.ball, frame.left
    one, two = frame.points
    return "; ".join(
        (
            "no ball" if ball is None else _ball_text(ball),
            "no left paddle" if left is None else f"the left paddle covers {_rows(*visible(left))}",
            f"the right paddle covers {_rows(*visible(frame.right))}",
            f"points: left {one}, right {two}.",
        )
    )


def _ball_text(ball: Ball) -> str:
    columns, rows = f"{ball.x}-{ball.x + BALL_WIDTH - 1}", _rows(ball.top, ball.bottom)
    return f"the ball covers x {columns}, {rows}{LATE_TEXT * ball.late}{EARLY_TEXT * ball.early}"


def _rows(first: int, last: int) -> str:
    return f"y {first}-{last}"
