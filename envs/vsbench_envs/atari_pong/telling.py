"""The frames of Atari Pong in words, and read back from them."""

from __future__ import annotations

import re

from vsbench_envs.atari_pong.percept import (
    BALL_WIDTH,
    FIELD_BOTTOM,
    FIELD_TOP,
    FRAMES,
    LEFT_X,
    PADDLE_WIDTH,
    RIGHT_X,
    Ball,
    Frame,
    PongPercept,
    paddle_top,
    visible,
)

LATE = ", but for the left pixel of its top row"
EARLY = ", but for the right pixel of its bottom row"

ROWS = r"y (\d{1,3})-(\d{1,3})"
FRAME = re.compile(
    rf"^Frame \d: (?:the ball covers x (\d{{1,3}})-\d{{1,3}}, {ROWS}({LATE})?({EARLY})?|no ball); "
    rf"(?:the left paddle covers {ROWS}|no left paddle); "
    rf"the right paddle covers {ROWS}; points: left (\d), right (\d)\.$",
    re.MULTILINE,
)


def describe(percept: PongPercept) -> str:
    """Where all is in each frame, by the pixel, and the points."""
    return "\n".join(
        (
            "Positions are in pixels: x from 0 at the left to 159 at the right, y from 0 at the "
            f"top to 209 at the bottom. The upper wall ends at y {FIELD_TOP - 1}, the lower one "
            f"begins at y {FIELD_BOTTOM}. The left paddle is at x {_span(LEFT_X, PADDLE_WIDTH)}, "
            f"the right paddle at x {_span(RIGHT_X, PADDLE_WIDTH)}.",
            f"The {FRAMES} latest frames, one step apart, the oldest first:",
            *(f"Frame {place}: {_told(frame)}" for place, frame in enumerate(percept.frames, 1)),
        )
    )


def read(text: str) -> PongPercept:
    """The frames in a text.

    Raises:
        ValueError: they are not four.
    """
    frames = tuple(map(_frame, FRAME.finditer(text)))
    if len(frames) != FRAMES:
        raise ValueError(f"expected {FRAMES} frames, found {len(frames)}")
    return PongPercept(0, frames)


def _frame(told: re.Match[str]) -> Frame:
    x, top, bottom, late, early, *paddles, left, right = told.groups()
    ball = None
    if x is not None:
        ball = Ball(int(x), int(top), int(bottom), bool(late), bool(early))
    first, last, *mine = paddles
    return Frame(
        (int(left), int(right)),
        None if first is None else paddle_top(int(first), int(last)),
        paddle_top(int(mine[0]), int(mine[1])),
        ball,
    )


def _told(frame: Frame) -> str:
    ball, left = frame.ball, frame.left
    one, two = frame.points
    return "; ".join(
        (
            "no ball" if ball is None else _told_ball(ball),
            "no left paddle" if left is None else f"the left paddle covers {_rows(*visible(left))}",
            f"the right paddle covers {_rows(*visible(frame.right))}",
            f"points: left {one}, right {two}.",
        )
    )


def _told_ball(ball: Ball) -> str:
    columns, rows = _span(ball.x, BALL_WIDTH), _rows(ball.top, ball.bottom)
    return f"the ball covers x {columns}, {rows}{LATE * ball.late}{EARLY * ball.early}"


def _rows(first: int, last: int) -> str:
    return f"y {first}-{last}"


def _span(first: int, width: int) -> str:
    return f"{first}-{first + width - 1}"
