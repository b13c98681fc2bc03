"""Bots for Coin Dilemma, from cooperative to selfish."""

from __future__ import annotations

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.grid.board import nearest, step_towards
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.recipe import Recipe, mixed, self_play, with_random


def common_welfare(turn: Turn[GridPercept]) -> int:
    """Go to the coin of the own colour, avoiding the other coins."""
    percept = turn.percept
    own_coin = percept.things[percept.seat]
    other_coins = frozenset(coin for coin in percept.things if coin != own_coin)
    return step_towards(turn.rng, percept.here, own_coin, other_coins)


def shortest_path(turn: Turn[GridPercept]) -> int:
    """Go to the coin of the own colour by a shortest path, over other coins too."""
    percept = turn.percept
    return step_towards(turn.rng, percept.here, percept.things[percept.seat])


def self_interest(turn: Turn[GridPercept]) -> int:
    """Go to the nearest coin; choose at random among equally near ones."""
    percept = turn.percept
    coin = nearest(turn.rng, percept.here, percept.things)
    return step_towards(turn.rng, percept.here, coin)


BOTS: dict[str, Bot[GridPercept]] = {
    "oracle": Bot(common_welfare, "Takes only coins of its own colour, by shortest paths."),
    "common_welfare": Bot(common_welfare, "Takes only coins of its own colour."),
    "straight": Bot(shortest_path, "Walks straight to its own coin, over other coins too."),
    "self_interest": Bot(self_interest, "Goes to the nearest coin of any colour."),
    "greedy": Bot(self_interest, "Goes to the nearest coin of any colour."),
    "random": RANDOM,
}

RECIPE = Recipe(
    (
        self_play("common_welfare", 100),
        self_play("self_interest", 100),
        mixed("common_welfare", "self_interest", 50),
        mixed("self_interest", "common_welfare", 50),
        *with_random("self_interest", 100),
    )
)
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
