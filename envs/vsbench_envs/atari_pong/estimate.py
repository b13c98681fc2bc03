"""From four frames to what they do not show: where all is going, by the light model.

A frame rounds the paddle's height to two rows and hides the dial, the stick, the ball's speed and
at times a row of its position. Everything that could have led to the frames is a hypothesis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.paddle import ACTIONS, COURSES, PLACES, Ints
from vsbench_envs.atari_pong.percept import FIELD_BOTTOM, FIELD_TOP, Ball, Frame
from vsbench_envs.atari_pong.physics import Motion, advance
from vsbench_envs.atari_pong.rules import FRAME_SKIP

BALL_HEIGHT = 4
CLEAN = 126
"""Left of this column the ball is shown just where it is."""
TICKS = (3, 7)
STEEPEST = 3
SAME_ACTION = 0.5
"""How likely the stick is taken to stay where it was, before the frames tell."""


def rows(ball: Ball) -> tuple[int, ...]:
    """The upper rows, as if no wall hid them, at which the ball may be."""
    if ball.bottom + 1 - ball.top < BALL_HEIGHT and ball.top == FIELD_TOP:
        top = ball.bottom + 1 - BALL_HEIGHT
    else:
        top = ball.top
    if ball.x < CLEAN:
        return (top,)
    if ball.late or ball.bottom - ball.top == BALL_HEIGHT:
        return (top + 1,)
    if ball.early:
        return (top,)
    return (top, top + 1)


def motions(frames: tuple[Frame, ...]) -> set[Motion]:
    """How ball and bot may be moving now; none without a ball, or just after it was hit.

    The further back a motion explains the frames, the better; where a paddle came in between it
    is the later frames that count.
    """
    for first in range(len(frames) - 1):
        found = _motions(frames[first:])
        if found:
            return found
    return set()


def _motions(frames: tuple[Frame, ...]) -> set[Motion]:
    start = frames[0]
    if start.ball is None or start.left is None or frames[-1].ball is None:
        return set()
    found = {
        Motion(start.ball.x, y, dx, dy, start.left, tick)
        for y in rows(start.ball)
        for dx in (-1, 1)
        for dy in range(-STEEPEST, STEEPEST + 1)
        for tick in TICKS
    }
    for frame in frames[1:]:
        found = {later for motion in found if _shows(frame, later := _step(motion))}
    return found


def _step(motion: Motion) -> Motion:
    for _ in range(FRAME_SKIP):
        motion = advance(motion)
    return motion


def _shows(frame: Frame, motion: Motion) -> bool:
    if motion.bot != frame.left:
        return False
    if frame.ball is None:
        return not FIELD_TOP - BALL_HEIGHT < motion.y < FIELD_BOTTOM
    return motion.x == frame.ball.x and motion.y in rows(frame.ball)


class Paddles(NamedTuple):
    """What the right paddle may be doing: weights, and for each the stick's action, the dial's
    place and the height."""

    weight: NDArray[np.float64]
    stick: Ints
    place: Ints
    height: Ints


def paddles(tops: tuple[int, ...]) -> Paddles:
    """What the paddle may be doing now, from its rows in frames one step apart."""
    stick, place, odd = (grid.ravel() for grid in np.mgrid[0:ACTIONS, 0:PLACES, 0:2])
    found = Paddles(np.ones(stick.size), stick, place, tops[0] + odd)
    for top in tops[1:]:
        found = _watch(found, top)
    return found


def _watch(before: Paddles, top: int) -> Paddles:
    """After one more step, at the end of which the paddle's row is ``top``."""
    parts = []
    for course in COURSES:
        now = before.stick == course.old
        place = before.place[now]
        _, height = course.heights(before.height[now], place)
        seen = height & ~1 == top
        likely = SAME_ACTION if course.old == course.new else (1 - SAME_ACTION) / (ACTIONS - 1)
        parts.append(
            Paddles(
                before.weight[now][seen] * course.chance * likely,
                np.full(seen.sum(), course.new),
                course.end[place][seen],
                height[seen],
            )
        )
    return Paddles(*(np.concatenate(part) for part in zip(*parts, strict=True)))
