"""Simple controllers: they see where the ball is or will be, and steer the paddle there."""

from __future__ import annotations

from vsbench_envs.atari_pong.estimate import motions
from vsbench_envs.atari_pong.percept import PADDLE_HEIGHT, Frame, PongPercept
from vsbench_envs.atari_pong.physics import arrival
from vsbench_envs.game import Turn

STAY, UP, DOWN = 0, 1, 2
SLACK = 9
"""Rows off the mark that are left alone: half of what one step of the stick does."""
GLIDE = 0.6
"""How much further the paddle glides, as a share of the rows it went in the last step."""
MIDDLE = PADDLE_HEIGHT // 2 - 2
"""From a paddle's upper row to that of a ball at its middle."""
HALF = 80
"""The column in the middle of the field."""


def follow(turn: Turn[PongPercept]) -> int:
    """Keep the paddle level with the ball."""
    ball = turn.percept.now.ball
    return STAY if ball is None else steer(turn.percept.frames, ball.top - MIDDLE)


def novice(turn: Turn[PongPercept], lapse: float) -> int:
    """Follow the ball once it has crossed the middle, but often do something else."""
    ball = turn.percept.now.ball
    if turn.rng.random() < lapse:
        return turn.rng.choice(turn.legal)
    return follow(turn) if ball is not None and ball.x > HALF else STAY


def skilled(turn: Turn[PongPercept], aim: float, error: float) -> int:
    """Foresee where the ball comes in, and meet it ``aim`` rows below the paddle's middle, give or
    take ``error``."""
    row = meeting_row(turn.percept)
    if row is None:
        return STAY
    return steer(turn.percept.frames, row - MIDDLE - aim + turn.rng.gauss(0, error))


def meeting_row(percept: PongPercept) -> int | None:
    """The ball's upper row when it comes into the paddle's reach; None while it flies away."""
    coming = (motion for motion in sorted(motions(percept.frames)) if motion.dx > 0)
    for motion in coming:
        _, meeting = arrival(motion)
        if meeting is not None:
            return meeting.y
    return None


def steer(frames: tuple[Frame, ...], target: float) -> int:
    """Move the paddle's upper row towards ``target``, unless it glides there by itself."""
    before, now = frames[-2].right, frames[-1].right
    off = target - (now + GLIDE * (now - before))
    if abs(off) <= SLACK:
        return STAY
    return DOWN if off > 0 else UP
