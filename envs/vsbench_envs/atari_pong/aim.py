"""Where to meet the ball, and how to get the paddle there: planning in the light model.

A flight of the ball towards the right paddle is settled once it has begun, so what is left is to
steer. For each place of the dial, height of the paddle and position of the stick, and for each
number of steps left, dynamic programming over the ways in which the stick may be late gives the
prospects of each action. A flight's table takes some 30 ms and serves all of its decisions.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.paddle import ACTIONS, COURSES, HEIGHTS, LOWEST, PLACES, Course, Ints
from vsbench_envs.atari_pong.physics import (
    CEILING,
    FLOOR,
    REACH_RIGHT,
    Motion,
    advance,
    arrival,
    deflection,
    struck,
)
from vsbench_envs.atari_pong.rules import FRAME_SKIP

Values = NDArray[np.float32]
Prospects = NDArray[np.float32]
"""(old action, new action, place, height): the expected value of choosing the new action."""

HORIZON = 12
"""Steps before the meeting at which the paddle begins to move; it crosses the field in nine."""

_HEIGHT = np.arange(LOWEST, LOWEST + HEIGHTS)


def prospects(motion: Motion, returned: float) -> Prospects | None:
    """What each action is worth at a step's beginning, with the ball on its way.

    A point won is worth 1, a point lost 0, and a ball that the bot will return ``returned``.
    None while there is nothing to do: the ball flies away, is far off yet, or has passed.
    """
    if motion.dx < 0:
        return None
    frames, meeting = arrival(motion)
    if meeting is None or meeting.x > REACH_RIGHT.start:
        return None
    steps, rest = divmod(frames - 1, FRAME_SKIP)
    return _plan(meeting, rest, returned)[steps] if 0 <= steps < HORIZON else None


@lru_cache(maxsize=6)
def _plan(meeting: Motion, rest: int, returned: float) -> list[Prospects]:
    """Prospects by the number of whole steps before the one in which the ball comes into reach.

    It does so in that step's frame ``rest``, counted from 0, and stays in reach for five frames,
    of which the last are in the step after.
    """
    values = _values(meeting, returned)
    shown = dict(enumerate(values, start=rest))
    after = {frame - FRAME_SKIP: value for frame, value in shown.items()}
    best = np.zeros((ACTIONS, PLACES, HEIGHTS), np.float32)
    for hits in (after, shown):
        table = _back(best, hits)
        best = table.max(axis=1)
    tables = [table]
    while len(tables) < HORIZON:
        tables.append(_back(best, {}))
        best = tables[-1].max(axis=1)
    return tables


def _values(meeting: Motion, returned: float) -> list[Values]:
    """For each frame in reach, what meeting the ball is worth by the paddle's height then.

    Not a number where the paddle does not meet it.
    """
    values, motion = [], meeting
    while motion.x in REACH_RIGHT:
        value = np.full(HEIGHTS, np.nan, np.float32)
        if CEILING <= motion.y <= FLOOR:
            for index, height in enumerate(_HEIGHT.tolist()):
                if meets(height, motion.y):
                    dy = deflection(height + 5 - motion.y)
                    value[index] = returned if _comes_back(motion, dy) else 1.0
        values.append(value)
        motion = advance(motion)
    return values


def meets(height: int, y: int) -> bool:
    """Whether the right paddle overlaps a ball in its columns, as the screen shows them."""
    return -3 <= (y & ~1) - (height & ~1) <= 14


@lru_cache(maxsize=1024)
def _comes_back(motion: Motion, dy: int) -> bool:
    return arrival(struck(motion, dy))[1] is not None


def _back(best: Values, hits: dict[int, Values]) -> Prospects:
    """The prospects a step before those of which ``best`` is known.

    ``hits`` has, by frame of the step, the values of meeting the ball there.
    """
    table = np.zeros((ACTIONS, ACTIONS, PLACES, HEIGHTS), np.float32)
    for course, middle, end in _ways():
        value = best[course.new, course.end[:, None], end]
        for frame, height in ((3, end), (2, middle), (1, middle), (0, _SAME)):
            if frame in hits:
                met = hits[frame][height]
                value = np.where(np.isnan(met), value, met)
        table[course.old, course.new] += course.chance * value
    return table


_SAME = np.arange(HEIGHTS)[None, :]


@cache
def _ways() -> list[tuple[Course, Ints, Ints]]:
    """Each course, and the indices of the heights during it from each (place, height)."""
    heights, places = _HEIGHT[None, :], np.arange(PLACES)[:, None]
    ways = []
    for course in COURSES:
        middle, end = course.heights(heights, places)
        ways.append((course, middle - LOWEST, end - LOWEST))
    return ways
