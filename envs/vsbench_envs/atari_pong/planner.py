"""The oracle: dynamic programming in the model of :mod:`.physics`, from the frames alone.

A flight of the ball towards the right paddle is determined once it has begun, so only the paddle
has to be planned. For each place of the dial, height of the paddle, previous action and number of
steps left, dynamic programming over the joystick's delays yields the expected value of each action.
The table of a flight takes some 30 ms and serves all of its decisions.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.estimate import Paddles, possible_motions, possible_paddles
from vsbench_envs.atari_pong.percept import PongPercept
from vsbench_envs.atari_pong.physics import (
    ACTIONS,
    CEILING,
    COURSES,
    FLOOR,
    HEIGHTS,
    LOWEST,
    PLACES,
    REACH_RIGHT,
    Course,
    Ints,
    Motion,
    advance,
    arrival,
    deflection,
    struck,
)
from vsbench_envs.atari_pong.rules import FRAME_SKIP
from vsbench_envs.game import Turn

HitValues = NDArray[np.float32]
"""(height,): the value of hitting the ball; NaN where the paddle misses it."""
ActionValues = NDArray[np.float32]
"""(old action, new action, place, height): the expected value of choosing the new action."""

STAY = 0
TIE_TOLERANCE = 1e-6

HORIZON = 12
"""Steps before the ball's arrival at which planning begins; the paddle needs nine at most."""

_HEIGHT = np.arange(LOWEST, LOWEST + HEIGHTS)
_UNCHANGED = np.arange(HEIGHTS)[None, :]


def plan_ahead(turn: Turn[PongPercept], patience: float) -> int:
    """Choose the action with the highest expected value over all hypotheses.

    ``patience`` is the value of a ball that the opponent returns, where a point is 1. Higher values
    make it wait for surer winners, in longer rallies.
    """
    expected = _values_by_motion(turn.percept, patience)
    if not expected:
        return STAY
    values = np.sum(expected, axis=0)
    return STAY if values[STAY] >= values.max() - TIE_TOLERANCE else int(values.argmax())


def mean_action_values(percept: PongPercept, patience: float) -> NDArray[np.float64] | None:
    """The value of each action in points, averaged over the hypotheses; shape (actions,).

    None while no ball approaches, when no action matters.
    """
    expected = _values_by_motion(percept, patience)
    return np.asarray(np.mean(expected, axis=0), np.float64) if expected else None


def _values_by_motion(percept: PongPercept, patience: float) -> list[NDArray[np.float64]]:
    """The value of each action, for each possible motion of the ball."""
    frames = percept.frames
    tables = [
        table
        for motion in sorted(possible_motions(frames))
        if (table := action_values(motion, patience)) is not None
    ]
    hypotheses = possible_paddles(tuple(frame.right for frame in frames)) if tables else None
    return [_expected(table, hypotheses) for table in tables if hypotheses is not None]


def _expected(table: NDArray[np.float32], hypotheses: Paddles) -> NDArray[np.float64]:
    """The value of each action, averaged over the hypotheses about the paddle."""
    if not hypotheses.weight.sum():
        return np.zeros(ACTIONS)
    values = table[hypotheses.action, :, hypotheses.dial, hypotheses.height - LOWEST]
    return np.asarray(np.average(values, axis=0, weights=hypotheses.weight), np.float64)


def action_values(motion: Motion, returned: float) -> ActionValues | None:
    """The value of each action at the start of a step, with the ball approaching.

    A point won counts 1, a point lost 0, a ball that the opponent returns ``returned``. None while
    no action matters: the ball moves away, is still far off, or has passed.
    """
    if motion.dx < 0:
        return None
    frames, meeting = arrival(motion)
    if meeting is None or meeting.x > REACH_RIGHT.start:
        return None
    steps, rest = divmod(frames - 1, FRAME_SKIP)
    return _plan(meeting, rest, returned)[steps] if 0 <= steps < HORIZON else None


@lru_cache(maxsize=6)
def _plan(meeting: Motion, rest: int, returned: float) -> list[ActionValues]:
    """Action values by the number of whole steps before the one in which the ball arrives.

    The ball comes into reach in frame ``rest`` of that step, counted from 0, and stays in reach for
    five frames, so that the last of these belong to the next step.
    """
    values = _hit_values(meeting, returned)
    arrival_step = dict(enumerate(values, start=rest))
    next_step = {frame - FRAME_SKIP: value for frame, value in arrival_step.items()}
    best = np.zeros((ACTIONS, PLACES, HEIGHTS), np.float32)
    for hits in (next_step, arrival_step):
        table = _backup(best, hits)
        best = table.max(axis=1)
    tables = [table]
    while len(tables) < HORIZON:
        tables.append(_backup(best, {}))
        best = tables[-1].max(axis=1)
    return tables


def _hit_values(meeting: Motion, returned: float) -> list[HitValues]:
    """The value of hitting the ball in each frame in which it is in reach."""
    values, motion = [], meeting
    while motion.x in REACH_RIGHT:
        value = np.full(HEIGHTS, np.nan, np.float32)
        if CEILING <= motion.y <= FLOOR:
            for index, height in enumerate(_HEIGHT.tolist()):
                if touches(height, motion.y):
                    dy = deflection(height + 5 - motion.y)
                    value[index] = returned if _is_returned(motion, dy) else 1.0
        values.append(value)
        motion = advance(motion)
    return values


def touches(height: int, y: int) -> bool:
    """Whether the right paddle overlaps a ball in its columns, as the screen shows them."""
    return -3 <= (y & ~1) - (height & ~1) <= 14


@lru_cache(maxsize=1024)
def _is_returned(motion: Motion, dy: int) -> bool:
    """Whether the opponent returns a ball that leaves the right paddle with ``dy``."""
    return arrival(struck(motion, dy))[1] is not None


def _backup(best: NDArray[np.float32], hits: dict[int, HitValues]) -> ActionValues:
    """Compute the action values a step earlier.

    Args:
        best: the best values at the end of the step.
        hits: frame of the step -> values of hitting the ball in it.
    """
    table = np.zeros((ACTIONS, ACTIONS, PLACES, HEIGHTS), np.float32)
    for course, middle, end in _courses_by_height():
        value = best[course.new, course.end[:, None], end]
        for frame, height in ((3, end), (2, middle), (1, middle), (0, _UNCHANGED)):
            if frame in hits:
                hit = hits[frame][height]
                value = np.where(np.isnan(hit), value, hit)
        table[course.old, course.new] += course.chance * value
    return table


@cache
def _courses_by_height() -> list[tuple[Course, Ints, Ints]]:
    """Each course with the paddle's height indices during and after it, by (place, height)."""
    heights, places = _HEIGHT[None, :], np.arange(PLACES)[:, None]
    courses = []
    for course in COURSES:
        middle, end = course.heights(heights, places)
        courses.append((course, middle - LOWEST, end - LOWEST))
    return courses
