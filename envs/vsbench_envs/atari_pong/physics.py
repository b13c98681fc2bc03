"""A fast model of the console, exact to the pixel: ball and opponent, and the right paddle.

The rules were inferred from the console's memory; a test compares them with the emulator.

Ball and opponent: in each frame the ball moves one column sideways and ``dy`` rows down, and the
opponent ("bot") moves two rows towards it, except for a pause in one frame of eight. A step is four
frames. ``y`` is the ball's upper row and ``bot`` the upper row of the left paddle, both possibly
inside a wall; ``x`` is the ball's left column.

Right paddle: the joystick turns a dial, which takes 33 frames from end to end. In every second
frame the console reads the dial, rounded to two rows, and moves the paddle half of the way there.
So the paddle starts slowly and glides on after the joystick is released; one step of pushing moves
it about 23 rows. With sticky actions the dial only takes about a hundred places: whole frames from
either end or from the middle, where it starts. ``height`` is the paddle's upper row; the screen
shows it rounded down to an even row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.percept import LEFT_X, RIGHT_X
from vsbench_envs.atari_pong.rules import FRAME_SKIP, STICKINESS

CEILING, FLOOR = 32, 191
"""Rows beyond which the ball bounces back."""
REACH_LEFT = range(LEFT_X - 1, LEFT_X + 4)
REACH_RIGHT = range(RIGHT_X - 1, RIGHT_X + 4)
"""Values of ``x`` at which the ball overlaps a paddle's columns."""
WON_COLUMN, LOST_COLUMN = 3, 156
"""Columns where a point is won or lost."""
PAUSE_TICK = 1
"""The tick, of eight, at which the opponent does not move."""


class Motion(NamedTuple):
    """Position and velocity of the ball, and the opponent's position."""

    x: int
    y: int
    dx: int
    """+1 towards the right, -1 towards the left."""
    dy: int
    bot: int
    tick: int
    """Frame number modulo 8. Steps end at 3 and 7."""


def deflection(offset: int) -> int:
    """The ball's ``dy`` after it hits a paddle at this offset in rows."""
    return -(offset >> 1) >> 1


def struck(motion: Motion, dy: int) -> Motion:
    """The next frame after the right paddle hits the ball."""
    return _move(motion.x, motion.y, -1, dy, motion.bot, motion.tick)


def advance(motion: Motion) -> Motion:
    """The next frame, unless the right paddle hits the ball."""
    x, y, dx, dy, bot, tick = motion
    if y < CEILING:
        y, dy = y + 1, -dy
    elif y > FLOOR:
        y, dy = y - 1, -dy
    elif x in REACH_LEFT and bot - 3 <= y <= bot + 15:
        dx, dy = 1, deflection(bot + 7 - y)
    return _move(x, y, dx, dy, bot, tick)


def _move(x: int, y: int, dx: int, dy: int, bot: int, tick: int) -> Motion:
    x, y, tick = x + dx, y + dy, (tick + 1) % 8
    if tick != PAUSE_TICK:
        bot += 2 * ((bot + 1 < y) - (bot + 1 > y))
    return Motion(x, y, dx, dy, bot, tick)


def arrival(motion: Motion) -> tuple[int, Motion | None]:
    """Frames until the ball comes into the right paddle's reach, and its motion then.

    The motion is None if the opponent misses. A ball in reach or past it has arrived.
    """
    frames = 0
    while motion.dx < 0 or motion.x < REACH_RIGHT.start:
        if motion.x <= WON_COLUMN:
            return frames, None
        motion = advance(motion)
        frames += 1
    return frames, motion


Ints = NDArray[np.int64]

ACTIONS = 3
DIAL, DIAL_PER_FRAME = 398, 12
"""The dial's range, and how far the joystick turns it in a frame."""
_ROWS_PER_FRAME = 5.76211
"""Rows that one frame of pushing moves the paddle in the end."""
_DEAD_ROWS = 25.3531
"""Rows at the upper end of the dial that the console reads alike."""
LOWEST = 25
HEIGHTS = 167
"""The paddle's upper row ranges from 25 to 191."""

_PLACES = sorted(
    place
    for start in (0, DIAL // 2, DIAL)
    for place in range(start % DIAL_PER_FRAME, DIAL + 1, DIAL_PER_FRAME)
)
PLACES = len(_PLACES)


def _turn(by: int) -> Ints:
    ends = np.clip(np.array(_PLACES) + by, 0, DIAL)
    return np.asarray(np.searchsorted(_PLACES, ends), np.int64)


NEXT_PLACE = np.stack([_turn(0), _turn(-DIAL_PER_FRAME), _turn(DIAL_PER_FRAME)])
"""The dial's next place after a frame, shape (action, place)."""
_DIAL_ROWS = np.array(_PLACES) * _ROWS_PER_FRAME / DIAL_PER_FRAME
TARGET_HEIGHT = LOWEST + 2 * np.maximum(0, np.ceil((_DIAL_ROWS - _DEAD_ROWS) / 2)).astype(int)
"""The height at which the paddle comes to rest, by place of the dial."""


class Course(NamedTuple):
    """A step of the paddle in which the joystick changes from one action to another."""

    old: int
    new: int
    chance: float
    """Probability of this delay, among the steps with these actions."""
    targets: tuple[Ints, Ints]
    """Target heights in the first and third frame, by the dial's place at the start."""
    end: Ints
    """The dial's place at the end, by its place at the start."""

    def heights(self, height: Ints, place: Ints) -> tuple[Ints, Ints]:
        """The paddle's heights in the second and third frame, and in the fourth."""
        first, third = self.targets
        middle = (height + first[place]) >> 1
        return middle, (middle + third[place]) >> 1


def _course(old: int, new: int, late: int, chance: float) -> Course:
    place, places = np.arange(PLACES), []
    for frame in range(FRAME_SKIP):
        place = NEXT_PLACE[old if frame < late else new][place]
        places.append(place)
    return Course(old, new, chance, (TARGET_HEIGHT[places[0]], TARGET_HEIGHT[places[2]]), place)


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
"""All courses of a step. A joystick that stays late for all four frames, with probability 1/256,
counts as late for three."""
