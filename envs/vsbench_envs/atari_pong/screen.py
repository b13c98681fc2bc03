"""The console's screen, 210 x 160 pixels: painting a frame, and reading one back.

Both directions serve twice. Reading makes the percept from the emulator's own pixels, and again
from the pictures that were drawn of it; since a frame counts as read only when painting it gives
the same pixels, what is known and what is shown cannot differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.percept import (
    BALL_WIDTH,
    FIELD_BOTTOM,
    FIELD_TOP,
    LEFT_X,
    PADDLE_WIDTH,
    RIGHT_X,
    Ball,
    Frame,
    paddle_top,
    visible,
)
from vsbench_envs.errors import UnreadableError

Screen = NDArray[np.uint8]
"""(210, 160), a colour in each pixel."""

HEIGHT, WIDTH = 210, 160
WALL_TOP = 24
GROUND, WHITE, ORANGE, GREEN, BLACK = range(5)

DIGIT_TOP, DOT = 1, 4
"""The row where the points begin, and how large the dots are that they are made of."""
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
"""The points 0 to 3."""


def _empty() -> Screen:
    screen = np.full((HEIGHT, WIDTH), GROUND, np.uint8)
    screen[WALL_TOP:FIELD_TOP] = WHITE
    screen[FIELD_BOTTOM:] = WHITE
    screen[0, :8] = BLACK  # The console hides a glitch of its own there.
    return screen


_EMPTY = _empty()


def paint(frame: Frame) -> Screen:
    """The screen that shows a frame."""
    screen = _EMPTY.copy()
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


def scan(screen: Screen) -> Frame:
    """The frame that a screen shows.

    Raises:
        UnreadableError: it shows something else, be it in one pixel.
    """
    right = _paddle(screen, RIGHT_X, GREEN)
    if right is None:
        raise UnreadableError("there is no right paddle")
    points = (_points(screen, DIGIT_X[0], ORANGE), _points(screen, DIGIT_X[1], GREEN))
    frame = Frame(points, _paddle(screen, LEFT_X, ORANGE), right, _ball(screen))
    if not np.array_equal(paint(frame), screen):
        raise UnreadableError("there is more on the screen than points, paddles and a ball")
    return frame


def _points(screen: Screen, x: int, colour: int) -> int:
    height, width = DIGITS[0].shape
    seen = screen[DIGIT_TOP : DIGIT_TOP + height, x : x + width] == colour
    for points, digit in enumerate(DIGITS):
        if np.array_equal(seen, digit):
            return points
    raise UnreadableError("the points are no digit from 0 to 3")


def _paddle(screen: Screen, x: int, colour: int) -> int | None:
    """The top row; an end that a wall hides follows from the one that is seen."""
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
