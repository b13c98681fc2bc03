"""How the right paddle moves: a light model of the console's paddle, exact to the pixel.

The joystick turns a dial, from end to end in 33 frames. The console reads the dial in every second
frame, to two rows, and moves the paddle half the way there. So the paddle starts slowly, glides
on after the stick is let go, and one step of the stick takes it about 23 rows.

With sticky actions and steps of whole frames the dial is only ever at about a hundred places:
whole frames away from either end or from the middle, where it starts. ``height`` is the paddle's
upper row; the screen shows it rounded down to an even one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.rules import FRAME_SKIP, STICKINESS

Ints = NDArray[np.int64]

ACTIONS = 3
DIAL, FRAME = 398, 12
"""The dial's range, and how much of it the stick turns in a frame."""
_ROWS = 5.76211
"""Rows that a frame of the stick is worth in the end."""
_DEAD = 25.3531
"""Rows at the upper end of the dial that the console does not tell apart."""
LOWEST = 25
HEIGHTS = 167
"""The paddle's upper row runs from 25 to 191."""

_PLACES = sorted(
    place for start in (0, DIAL // 2, DIAL) for place in range(start % FRAME, DIAL + 1, FRAME)
)
PLACES = len(_PLACES)


def _turned(by: int) -> Ints:
    ends = np.clip(np.array(_PLACES) + by, 0, DIAL)
    return np.asarray(np.searchsorted(_PLACES, ends), np.int64)


TURN = np.stack([_turned(0), _turned(-FRAME), _turned(FRAME)])
"""Where an action takes the dial in a frame: (action, place)."""
_ROWS_TURNED = np.array(_PLACES) * _ROWS / FRAME
READING = LOWEST + 2 * np.maximum(0, np.ceil((_ROWS_TURNED - _DEAD) / 2)).astype(int)
"""What the console makes of each place: the height at which the paddle comes to rest."""


class Course(NamedTuple):
    """A step of the paddle: how the stick goes from one action to another."""

    old: int
    new: int
    chance: float
    """That the stick is that late, of all steps with these actions."""
    readings: tuple[Ints, Ints]
    """By the dial's place at the start: what the console reads in the first and third frame."""
    end: Ints
    """By the dial's place at the start: its place at the end."""

    def heights(self, height: Ints, place: Ints) -> tuple[Ints, Ints]:
        """The paddle's heights during the second and third frame, and in the fourth."""
        first, third = self.readings
        middle = (height + first[place]) >> 1
        return middle, (middle + third[place]) >> 1


def _course(old: int, new: int, late: int, chance: float) -> Course:
    place, places = np.arange(PLACES), []
    for frame in range(FRAME_SKIP):
        place = TURN[old if frame < late else new][place]
        places.append(place)
    return Course(old, new, chance, (READING[places[0]], READING[places[2]]), place)


def _courses() -> list[Course]:
    courses = [_course(action, action, 0, 1.0) for action in range(ACTIONS)]
    for old in range(ACTIONS):
        for new in range(ACTIONS):
            for late in range(FRAME_SKIP):
                chance = STICKINESS**late * (1 - STICKINESS if late < FRAME_SKIP - 1 else 1)
                if old != new:
                    courses.append(_course(old, new, late, chance))
    return courses


COURSES = tuple(_courses())
"""Every way to go through a step; a stick that is late for all of it, once in 256 times, counts as
late for three frames."""
