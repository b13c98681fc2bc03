"""The oracle: it plays from the frames alone, and thinks in the light model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.atari_pong.aim import prospects
from vsbench_envs.atari_pong.estimate import Paddles, motions, paddles
from vsbench_envs.atari_pong.paddle import ACTIONS, LOWEST
from vsbench_envs.atari_pong.percept import PongPercept
from vsbench_envs.game import Turn

TIE = 1e-6
STAY = 0


def plan_ahead(turn: Turn[PongPercept], patience: float) -> int:
    """Weigh all that the frames may mean, and choose the action with the best prospects.

    ``patience`` is what a ball that the bot returns is worth, where a point is worth 1: the higher,
    the surer a winner must be before it is tried, and the longer the rallies.
    """
    expected = _by_motion(turn.percept, patience)
    if not expected:
        return STAY
    values = np.sum(expected, axis=0)
    return STAY if values[STAY] >= values.max() - TIE else int(values.argmax())


def prospects_by_action(percept: PongPercept, patience: float) -> NDArray[np.float64] | None:
    """What each action is worth, in points; the mean over all that the frames may mean.

    None while no ball comes, when nothing depends on the action.
    """
    expected = _by_motion(percept, patience)
    return np.asarray(np.mean(expected, axis=0), np.float64) if expected else None


def _by_motion(percept: PongPercept, patience: float) -> list[NDArray[np.float64]]:
    """The value of each action, for each motion that the frames may mean."""
    frames = percept.frames
    tables = [
        table
        for motion in sorted(motions(frames))
        if (table := prospects(motion, patience)) is not None
    ]
    known = paddles(tuple(frame.right for frame in frames)) if tables else None
    return [_expected(table, known) for table in tables if known is not None]


def _expected(table: NDArray[np.float32], known: Paddles) -> NDArray[np.float64]:
    """The value of each action, over what the paddle may be doing."""
    if not known.weight.sum():
        return np.zeros(ACTIONS)
    values = table[known.stick, :, known.place, known.height - LOWEST]
    return np.asarray(np.average(values, axis=0, weights=known.weight), np.float64)
