"""How ball and bot move, frame by frame: a light model of the console, exact to the pixel.

The rules were found by watching the console's memory and are held to the emulator by a test. In
every frame the ball goes one column along and ``dy`` rows down, and the bot two rows towards it,
except that it pauses in one frame of eight. A step is four frames.

``y`` is the ball's upper row and ``bot`` the upper row of the left paddle, both as if no wall hid
them; ``x`` is the ball's left column.
"""

from __future__ import annotations

from typing import NamedTuple

from vsbench_envs.atari_pong.percept import LEFT_X, RIGHT_X

CEILING, FLOOR = 32, 191
"""The rows beyond which the ball turns back."""
REACH_LEFT = range(LEFT_X - 1, LEFT_X + 4)
REACH_RIGHT = range(RIGHT_X - 1, RIGHT_X + 4)
"""Where the ball's left column is while it overlaps a paddle's columns."""
WON, LOST = 3, 156
"""The columns where a point is made."""
PAUSE = 1
"""The frame of eight in which the bot stays where it is."""


class Motion(NamedTuple):
    """Ball and bot as a frame shows them, and where they are going."""

    x: int
    y: int
    dx: int
    """+1 towards the right, -1 towards the left."""
    dy: int
    bot: int
    tick: int
    """The frame's number modulo 8. Steps end at 3 and 7."""


def deflection(offset: int) -> int:
    """The ball's ``dy`` after it met a paddle that many rows below it."""
    return -(offset >> 1) >> 1


def struck(motion: Motion, dy: int) -> Motion:
    """The frame after one in which the right paddle met the ball."""
    return _move(motion.x, motion.y, -1, dy, motion.bot, motion.tick)


def advance(motion: Motion) -> Motion:
    """The next frame, if no right paddle is in the way."""
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
    if tick != PAUSE:
        bot += 2 * ((bot + 1 < y) - (bot + 1 > y))
    return Motion(x, y, dx, dy, bot, tick)


def arrival(motion: Motion) -> tuple[int, Motion | None]:
    """The frames until the ball comes into the right paddle's reach, and how it comes.

    None when the bot misses it. A ball within reach or past it has arrived.
    """
    frames = 0
    while motion.dx < 0 or motion.x < REACH_RIGHT.start:
        if motion.x <= WON:
            return frames, None
        motion = advance(motion)
        frames += 1
    return frames, motion
