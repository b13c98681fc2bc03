"""Bots for Atari Pong: simple controllers, a search on the emulator, and the planning oracle."""

from __future__ import annotations

from random import Random

from vsbench_envs.atari_pong.estimate import possible_motions
from vsbench_envs.atari_pong.percept import PADDLE_HEIGHT, Frame, PongPercept
from vsbench_envs.atari_pong.physics import REACH_RIGHT, arrival
from vsbench_envs.atari_pong.planner import plan_ahead
from vsbench_envs.game import RANDOM, Bot, State, Turn
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Lineup, Recipe

STAY, UP, DOWN = 0, 1, 2
DEAD_ZONE = 9
"""Rows off target that need no action: half of the effect of one step of pushing."""
GLIDE = 0.6
"""Rows that the paddle glides on, as a share of the rows it moved in the last step."""
BALL_OFFSET = PADDLE_HEIGHT // 2 - 2
"""Rows from a paddle's upper row to that of a ball at its middle."""
CENTRE_LINE = 80
"""Column in the middle of the field."""

FIELD_ROWS = 160.0
"""Rows of the field."""

LOOKAHEAD_COLUMNS = 10 * 4
"""Distance from the paddle at which lookahead begins: ten steps of the ball."""
ROLLOUT_AIMS = (-7, -4, 0, 4, 7)
"""Rows from the paddle's middle at which rollouts aim to hit the ball."""
ROLLOUT_STEPS = 50
"""Length of a rollout: the ball's way to the opponent and back."""
DISCOUNT = 0.985
"""Discount of a point per step."""
BEST_ROLLOUTS = 2
"""Number of best rollouts that determine an action's value, since the aim can still change."""


def follow(turn: Turn[PongPercept]) -> int:
    """Keep the paddle level with the ball."""
    ball = turn.percept.now.ball
    return STAY if ball is None else steer(turn.percept.frames, ball.top - BALL_OFFSET)


def novice(turn: Turn[PongPercept], lapse: float) -> int:
    """Follow the ball once it has crossed the middle; move at random at a rate of ``lapse``."""
    ball = turn.percept.now.ball
    if turn.rng.random() < lapse:
        return turn.rng.choice(turn.legal)
    return follow(turn) if ball is not None and ball.x > CENTRE_LINE else STAY


def skilled(turn: Turn[PongPercept], aim: float, error: float) -> int:
    """Predict the ball's arrival and hit it ``aim`` rows below the paddle's middle.

    ``error`` is the standard deviation of the hit in rows.
    """
    row = arrival_row(turn.percept)
    if row is None:
        return STAY
    return steer(turn.percept.frames, row - BALL_OFFSET - aim + turn.rng.gauss(0, error))


def arrival_row(percept: PongPercept) -> int | None:
    """The ball's upper row when it comes into the paddle's reach; None while it moves away."""
    approaching = (motion for motion in sorted(possible_motions(percept.frames)) if motion.dx > 0)
    for motion in approaching:
        _, meeting = arrival(motion)
        if meeting is not None:
            return meeting.y
    return None


def steer(frames: tuple[Frame, ...], target: float) -> int:
    """Move the paddle's upper row towards ``target``, unless it glides there anyway."""
    before, now = frames[-2].right, frames[-1].right
    off = target - (now + GLIDE * (now - before))
    if abs(off) <= DEAD_ZONE:
        return STAY
    return DOWN if off > 0 else UP


def look_ahead(turn: Turn[PongPercept]) -> int:
    """Choose the action with the best rollouts of a controller with various aims."""
    row, ball = arrival_row(turn.percept), turn.percept.now.ball
    if row is None or ball is None:
        return STAY
    if REACH_RIGHT.start - ball.x > LOOKAHEAD_COLUMNS:
        return steer(turn.percept.frames, row - BALL_OFFSET)
    if turn.state is None:
        raise ValueError("lookahead needs the state")
    values = {action: _action_value(turn.state, action, turn.rng) for action in turn.legal}
    return max(turn.legal, key=lambda action: values[action])


def _action_value(state: State[PongPercept], action: int, rng: Random) -> float:
    values = sorted((_rollout(state, action, aim, rng) for aim in ROLLOUT_AIMS), reverse=True)
    return sum(values[:BEST_ROLLOUTS]) / BEST_ROLLOUTS + 0.1 * sum(values) / len(values)


def _rollout(state: State[PongPercept], action: int, aim: int, rng: Random) -> float:
    """The discounted value of the next point, in one random future."""
    future = state.copy()
    future.seed = rng.getrandbits(63)
    for depth in range(ROLLOUT_STEPS):
        if not future.acting:
            break
        future.apply({0: action})
        if future.rewards[0]:
            return future.rewards[0] * DISCOUNT**depth
        row = arrival_row(future.percept(0))
        action = STAY if row is None else steer(future.percept(0).frames, row - BALL_OFFSET - aim)
    return 0.0


BOTS: dict[str, Bot[PongPercept]] = {
    "oracle": Bot(
        plan_ahead,
        "Plans in a model of the console, from the frames alone, and wins 3-0. Patience is the "
        "value of a ball that the opponent returns, in points: more patience waits for surer "
        "winners.",
        {"patience": Parameter(0.993, 0.0, 1.0)},
    ),
    "lookahead": Bot(
        look_ahead,
        "Tries each action on a copy of the console, with rollouts of a controller.",
        needs_state=True,
        slow=True,
    ),
    "skilled": Bot(
        skilled,
        "Predicts the ball's arrival and hits it some rows below the paddle's middle (aim), with "
        "a random error in rows.",
        {"aim": Parameter(-5.0, -FIELD_ROWS, FIELD_ROWS), "error": Parameter(2.0, 0.0, FIELD_ROWS)},
    ),
    "greedy": Bot(follow, "Keeps the paddle level with the ball."),
    "novice": Bot(
        novice,
        "Follows the ball in its own half; a share of its moves is random (lapse).",
        {"lapse": Parameter(0.3, 0.0, 1.0)},
    ),
    "random": RANDOM,
}

RECIPE = Recipe(
    tuple(
        Lineup((player,), (1,))
        for player in ("oracle", "oracle:patience=0", "skilled:aim=4", "skilled:aim=-4")
    ),
    {"stay": 1, "up": 1, "down": 1},
    per_episode=25,
)
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
