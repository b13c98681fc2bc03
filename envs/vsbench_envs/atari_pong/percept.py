"""What the right paddle may know: the four latest frames, as coordinates.

Coordinates are the console's pixels: ``x`` grows to the right from 0 to 159, ``y`` downwards from
0 to 209. Ball and paddles are seen between the walls, in the rows 34 to 193.
"""

from dataclasses import dataclass
from typing import NamedTuple

from vsbench_envs.game import Percept

FRAMES = 4
FIELD_TOP, FIELD_BOTTOM = 34, 194
"""The rows between the walls, the second exclusive."""
LEFT_X, RIGHT_X = 16, 140
"""The left edges of the two paddles."""
PADDLE_WIDTH, PADDLE_HEIGHT = 4, 16
BALL_WIDTH = 2


class Ball(NamedTuple):
    """The ball as it is seen: two columns of pixels, nearly always four rows high.

    It is cut off where it dips into a wall. On the right side of the field the console switches
    it on and off while the beam is already passing, so that it sits a row higher there, with a
    row more or less now and then, or with half a row.
    """

    x: int
    """Its left column."""
    top: int
    bottom: int
    """Its last row, inclusive."""
    late: bool = False
    """The top row lacks its left pixel."""
    early: bool = False
    """The bottom row lacks its right pixel."""

    @property
    def y(self) -> int:
        """The middle row."""
        return (self.top + self.bottom) // 2


class Frame(NamedTuple):
    """One frame of the screen."""

    points: tuple[int, int]
    """Of the bot on the left, and of the player on the right."""
    left: int | None
    """The top row of the bot's paddle, which may lie behind the upper wall; None before the
    first ball, when there is no paddle yet."""
    right: int
    """The top row of the player's paddle, likewise."""
    ball: Ball | None
    """None between two points, and while the ball is hidden in a wall."""


def visible(paddle: int) -> tuple[int, int]:
    """The first and the last row of a paddle that the walls do not hide."""
    return max(paddle, FIELD_TOP), min(paddle + PADDLE_HEIGHT, FIELD_BOTTOM) - 1


def paddle_top(first: int, last: int) -> int:
    """A paddle's top row, from the rows that are seen of it."""
    return last + 1 - PADDLE_HEIGHT if first == FIELD_TOP else first


@dataclass(frozen=True)
class PongPercept(Percept):
    """Four frames, one step apart. The first is repeated while there were fewer."""

    frames: tuple[Frame, ...]
    """Oldest first; the last is now."""

    @property
    def now(self) -> Frame:
        """The latest frame."""
        return self.frames[-1]
