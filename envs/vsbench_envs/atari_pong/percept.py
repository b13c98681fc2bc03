"""The percept of Atari Pong: the four latest frames, as coordinates and as pixels.

Coordinates are the console's pixels: ``x`` grows to the right from 0 to 159, ``y`` downwards from
0 to 209. Ball and paddles are visible between the walls, in rows 34 to 193.

:func:`parse_screen` reads both the emulator's pixels and the pictures drawn from a percept. It
accepts a frame only if :func:`render` reproduces the same pixels, so percepts and pictures cannot
differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import Percept

FRAMES = 4
FIELD_TOP, FIELD_BOTTOM = 34, 194
"""First row between the walls, and the first row of the lower wall."""
LEFT_X, RIGHT_X = 16, 140
"""Left columns of the two paddles."""
PADDLE_WIDTH, PADDLE_HEIGHT = 4, 16
BALL_WIDTH = 2


class Ball(NamedTuple):
    """The visible part of the ball: two columns of pixels, usually four rows high.

    A wall hides the part that is in it. On the right side of the field the console switches the
    ball on and off while the beam already passes, so it appears a row higher there, and sometimes
    with a row more, a row less or half a row.
    """

    x: int
    """The left column."""
    top: int
    bottom: int
    """The last row, inclusive."""
    late: bool = False
    """Whether the top row lacks its left pixel."""
    early: bool = False
    """Whether the bottom row lacks its right pixel."""

    @property
    def y(self) -> int:
        """The middle row."""
        return (self.top + self.bottom) // 2


class Frame(NamedTuple):
    """One frame of the screen."""

    points: tuple[int, int]
    """Points of the console on the left, and of the player on the right."""
    left: int | None
    """Top row of the console's paddle, possibly behind the upper wall; None before the first ball,
    when there is no paddle yet."""
    right: int
    """Top row of the player's paddle, possibly behind the upper wall."""
    ball: Ball | None
    """None between two points, and while a wall hides the ball."""


def visible(paddle: int) -> tuple[int, int]:
    """First and last row of a paddle that the walls do not hide."""
    return max(paddle, FIELD_TOP), min(paddle + PADDLE_HEIGHT, FIELD_BOTTOM) - 1


def paddle_top(first: int, last: int) -> int:
    """Top row of a paddle, from its visible rows."""
    return last + 1 - PADDLE_HEIGHT if first == FIELD_TOP else first


@dataclass(frozen=True)
class PongPercept(Percept):
    """Four frames, one step apart. The first is repeated while there are fewer."""

    frames: tuple[Frame, ...]
    """Oldest first; the last is now."""

    @property
    def now(self) -> Frame:
        """The latest frame."""
        return self.frames[-1]


Screen = NDArray[np.uint8]
"""Colour numbers of the pixels, shape (210, 160)."""

HEIGHT, WIDTH = 210, 160
UPPER_WALL = 24
GROUND, WHITE, ORANGE, GREEN, BLACK = range(5)

DIGIT_TOP, DOT = 1, 4
"""Top row of the points, and the size of the dots that digits consist of."""
DIGIT_X = (36, 116)
DIGITS = tuple(
    np.kron(np.array([[dot == "#" for dot in row] for row in rows]), np.ones((DOT, DOT), bool))
    for rows in (
        ("###", "#.#", "#.#", "#.#", "###"),
        (".#.", ".#.", ".#.", ".#.", ".#."),
        ("###", "..#", "###", "#..", "###"),
        ("###", "..#", ".##", "..#", "###"),
    )
)
"""Pixels of the digits 0 to 3."""


def _background() -> Screen:
    screen = np.full((HEIGHT, WIDTH), GROUND, np.uint8)
    screen[UPPER_WALL:FIELD_TOP] = WHITE
    screen[FIELD_BOTTOM:] = WHITE
    screen[0, :8] = BLACK  # The console hides one of its glitches there.
    return screen


_BACKGROUND = _background()


def render(frame: Frame) -> Screen:
    """Render a frame as the console's screen."""
    screen = _BACKGROUND.copy()
    for points, x, colour in zip(frame.points, DIGIT_X, (ORANGE, GREEN), strict=True):
        digit = DIGITS[points]
        height, width = digit.shape
        screen[DIGIT_TOP : DIGIT_TOP + height, x : x + width][digit] = colour
    for paddle, x, colour in ((frame.left, LEFT_X, ORANGE), (frame.right, RIGHT_X, GREEN)):
        if paddle is not None:
            top, bottom = visible(paddle)
            screen[top : bottom + 1, x : x + PADDLE_WIDTH] = colour
    if frame.ball is not None:
        x, top, bottom, late, early = frame.ball
        screen[top + late : bottom + 1, x] = WHITE
        screen[top : bottom + 1 - early, x + 1] = WHITE
    return screen


def parse_screen(screen: Screen) -> Frame:
    """Parse the frame that a screen shows.

    Raises:
        UnreadableError: any pixel shows something else.
    """
    right = _paddle(screen, RIGHT_X, GREEN)
    if right is None:
        raise UnreadableError("there is no right paddle")
    points = (_points(screen, DIGIT_X[0], ORANGE), _points(screen, DIGIT_X[1], GREEN))
    frame = Frame(points, _paddle(screen, LEFT_X, ORANGE), right, _ball(screen))
    if not np.array_equal(render(frame), screen):
        raise UnreadableError("the screen shows more than points, paddles and a ball")
    return frame


def _points(screen: Screen, x: int, colour: int) -> int:
    height, width = DIGITS[0].shape
    seen = screen[DIGIT_TOP : DIGIT_TOP + height, x : x + width] == colour
    for points, digit in enumerate(DIGITS):
        if np.array_equal(seen, digit):
            return points
    raise UnreadableError("the points are not a digit from 0 to 3")


def _paddle(screen: Screen, x: int, colour: int) -> int | None:
    """Top row of a paddle; a hidden end follows from the visible one."""
    field = screen[FIELD_TOP:FIELD_BOTTOM, x : x + PADDLE_WIDTH]
    rows = np.flatnonzero((field == colour).any(axis=1)) + FIELD_TOP
    if not rows.size:
        return None
    return paddle_top(int(rows[0]), int(rows[-1]))


def _ball(screen: Screen) -> Ball | None:
    rows, columns = np.nonzero(screen[FIELD_TOP:FIELD_BOTTOM] == WHITE)
    if not rows.size:
        return None
    x, top, bottom = int(columns.min()), int(rows[0]) + FIELD_TOP, int(rows[-1]) + FIELD_TOP
    if x + BALL_WIDTH > WIDTH:
        raise UnreadableError("the ball is cut off at the side")
    return Ball(
        x,
        top,
        bottom,
        late=bool(screen[top, x] != WHITE),
        early=bool(screen[bottom, x + 1] != WHITE),
    )
