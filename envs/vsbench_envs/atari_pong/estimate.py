"""Estimation of the hidden state from four frames, by the model in :mod:`.physics`.

A frame rounds the paddle's height to two rows and hides the dial, the joystick, the ball's velocity
and sometimes one row of its position. Every consistent hidden state is a hypothesis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.percept import FIELD_BOTTOM, FIELD_TOP, Ball, Frame
from vsbench_envs.atari_pong.physics import ACTIONS, COURSES, PLACES, Ints, Motion, advance
from vsbench_envs.atari_pong.rules import FRAME_SKIP

BALL_HEIGHT = 4
EXACT_COLUMNS = 126
"""Left of this column the ball is displayed at its exact position."""
STEP_TICKS = (3, 7)
"""Values of ``Motion.tick`` at the end of a step."""
MAX_DY = 3
SAME_ACTION = 0.5
"""Prior probability that an action repeats the one before."""


def possible_rows(ball: Ball) -> tuple[int, ...]:
    """The ball's possible upper rows; they may be inside a wall."""
    if ball.bottom + 1 - ball.top < BALL_HEIGHT and ball.top == FIELD_TOP:
        top = ball.bottom + 1 - BALL_HEIGHT
    else:
        top = ball.top
    if ball.x < EXACT_COLUMNS:
        return (top,)
    if ball.late or ball.bottom - ball.top == BALL_HEIGHT:
        return (top + 1,)
    if ball.early:
        return (top,)
    return (top, top + 1)


def possible_motions(frames: tuple[Frame, ...]) -> set[Motion]:
    """The possible motions of ball and opponent; empty without a ball or right after a hit.

    Motions that explain as many frames as possible are preferred; after a hit only the later
    frames count.
    """
    for first in range(len(frames) - 1):
        if found := _motions_through(frames[first:]):
            return found
    return set()


def _motions_through(frames: tuple[Frame, ...]) -> set[Motion]:
    start = frames[0]
    if start.ball is None or start.left is None or frames[-1].ball is None:
        return set()
    found = {
        Motion(start.ball.x, y, dx, dy, start.left, tick)
        for y in possible_rows(start.ball)
        for dx in (-1, 1)
        for dy in range(-MAX_DY, MAX_DY + 1)
        for tick in STEP_TICKS
    }
    for frame in frames[1:]:
        found = {later for motion in found if _matches(frame, later := _advance_step(motion))}
    return found


def _advance_step(motion: Motion) -> Motion:
    for _ in range(FRAME_SKIP):
        motion = advance(motion)
    return motion


def _matches(frame: Frame, motion: Motion) -> bool:
    if motion.bot != frame.left:
        return False
    if frame.ball is None:
        return not FIELD_TOP - BALL_HEIGHT < motion.y < FIELD_BOTTOM
    return motion.x == frame.ball.x and motion.y in possible_rows(frame.ball)


class Paddles(NamedTuple):
    """Weighted hypotheses about the right paddle, one per array element."""

    weight: NDArray[np.float64]
    action: Ints
    dial: Ints
    height: Ints


def possible_paddles(tops: tuple[int, ...]) -> Paddles:
    """Hypotheses about the paddle now, from its top rows in frames one step apart."""
    action, dial, odd = (grid.ravel() for grid in np.mgrid[0:ACTIONS, 0:PLACES, 0:2])
    hypotheses = Paddles(np.ones(action.size), action, dial, tops[0] + odd)
    for top in tops[1:]:
        hypotheses = _update(hypotheses, top)
    return hypotheses


def _update(before: Paddles, top: int) -> Paddles:
    """Update the hypotheses with the paddle's top row after one more step."""
    parts = []
    for course in COURSES:
        now = before.action == course.old
        dial = before.dial[now]
        _, height = course.heights(before.height[now], dial)
        matching = height & ~1 == top
        prior = SAME_ACTION if course.old == course.new else (1 - SAME_ACTION) / (ACTIONS - 1)
        parts.append(
            Paddles(
                before.weight[now][matching] * course.chance * prior,
                np.full(matching.sum(), course.new),
                course.end[dial][matching],
                height[matching],
            )
        )
    return Paddles(*(np.concatenate(part) for part in zip(*parts, strict=True)))
