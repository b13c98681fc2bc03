"""Lookahead: try each action on a copy of the console itself, and play on from there."""

from __future__ import annotations

from random import Random

from vsbench_envs.atari_pong.controllers import MIDDLE, STAY, meeting_row, steer
from vsbench_envs.atari_pong.percept import PongPercept
from vsbench_envs.atari_pong.physics import REACH_RIGHT
from vsbench_envs.game import State, Turn

NEAR = 10 * 4
"""Columns from the paddle at which it pays to look closely: ten steps of the ball."""
AIMS = (-7, -4, 0, 4, 7)
"""Rows from the paddle's middle at which a rollout tries to meet the ball."""
DEPTH = 50
"""Steps of a rollout: there, back, and the bot's answer."""
FADE = 0.985
"""A point is worth that much less with every step that it is off."""
BEST = 2
"""An action is judged by its best rollouts, since aim can still be chosen, and a little by all."""


def look_ahead(turn: Turn[PongPercept]) -> int:
    """The action after which rollouts of a controller, with various aims, end best."""
    row, ball = meeting_row(turn.percept), turn.percept.now.ball
    if row is None or ball is None:
        return STAY
    if REACH_RIGHT.start - ball.x > NEAR:
        return steer(turn.percept.frames, row - MIDDLE)
    if turn.state is None:
        raise ValueError("looking ahead needs the state")
    chances = {action: _judge(turn.state, action, turn.rng) for action in turn.legal}
    return max(turn.legal, key=lambda action: chances[action])


def _judge(state: State[PongPercept], action: int, luck: Random) -> float:
    values = sorted((_rollout(state, action, aim, luck) for aim in AIMS), reverse=True)
    return sum(values[:BEST]) / BEST + 0.1 * sum(values) / len(values)


def _rollout(state: State[PongPercept], action: int, aim: int, luck: Random) -> float:
    """The next point's value, in a future with luck of its own."""
    twin = state.copy()
    twin.seed = luck.getrandbits(63)
    for depth in range(DEPTH):
        if not twin.acting:
            break
        twin.apply({0: action})
        if twin.rewards[0]:
            return twin.rewards[0] * FADE**depth
        row = meeting_row(twin.percept(0))
        action = STAY if row is None else steer(twin.percept(0).frames, row - MIDDLE - aim)
    return 0.0
