"""Bots for Atari Pong, from a random one to an oracle."""

from __future__ import annotations

from vsbench_envs.atari_pong.controllers import follow, novice, skilled
from vsbench_envs.atari_pong.lookahead import look_ahead
from vsbench_envs.atari_pong.oracle import plan_ahead
from vsbench_envs.atari_pong.percept import PongPercept
from vsbench_envs.bots import RANDOM
from vsbench_envs.game import Bot
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Lineup, Recipe

ROWS = 160.0
"""Of the field."""

BOTS: dict[str, Bot[PongPercept]] = {
    "oracle": Bot(
        plan_ahead,
        "Plans in a model of the console, from the frames alone, and wins 3-0. With more patience "
        "it waits for surer winners: a ball that the bot returns is worth that share of a point.",
        {"patience": Parameter(0.993, 0.0, 1.0)},
    ),
    "lookahead": Bot(
        look_ahead,
        "Tries each action on a copy of the console and plays on with a controller.",
        needs_state=True,
        slow=True,
    ),
    "skilled": Bot(
        skilled,
        "Foresees where the ball comes in and meets it so many rows below the paddle's middle, "
        "with an error of so many.",
        {"aim": Parameter(-5.0, -ROWS, ROWS), "error": Parameter(2.0, 0.0, ROWS)},
    ),
    "greedy": Bot(follow, "Keeps the paddle level with the ball."),
    "novice": Bot(
        novice,
        "Follows the ball in its own half, with lapses: that share of its moves is random.",
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
"""The mixes and balances of the VS-Bench paper (2025), bots in place of people."""
