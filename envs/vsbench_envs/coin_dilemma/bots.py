"""Bots for Coin Dilemma, from the kindest to the greediest."""

from __future__ import annotations

from vsbench_envs.bots import RANDOM
from vsbench_envs.game import Bot, Turn
from vsbench_envs.grid.board import distance, towards
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.recipe import Recipe, beside_chance, mixed, self_play


def common_welfare(turn: Turn[GridPercept]) -> int:
    """Go for your own coin and walk round the others'."""
    percept = turn.percept
    own = percept.things[percept.seat]
    others = frozenset(coin for coin in percept.things if coin != own)
    return turn.rng.choice(towards(percept.here, own, others))


def straight(turn: Turn[GridPercept]) -> int:
    """Go for your own coin the shortest way, whatever lies on it."""
    percept = turn.percept
    return turn.rng.choice(towards(percept.here, percept.things[percept.seat]))


def self_interest(turn: Turn[GridPercept]) -> int:
    """Go for the nearest coin, one of them if several are."""
    percept = turn.percept
    nearest = min(distance(percept.here, coin) for coin in percept.things)
    coin = turn.rng.choice(
        [coin for coin in percept.things if distance(percept.here, coin) == nearest]
    )
    return turn.rng.choice(towards(percept.here, coin))


BOTS: dict[str, Bot[GridPercept]] = {
    "oracle": Bot(common_welfare, "Takes its own coins only, as fast as that can be done."),
    "common_welfare": Bot(common_welfare, "Takes its own coins only; the best for both."),
    "straight": Bot(straight, "Walks straight to its own coin, over another if one is there."),
    "self_interest": Bot(self_interest, "Goes for the nearest coin, whosever it is."),
    "greedy": Bot(self_interest, "Goes for the nearest coin, whosever it is."),
    "random": RANDOM,
}

RECIPE = Recipe(
    (
        self_play("common_welfare", 100),
        self_play("self_interest", 100),
        mixed("common_welfare", "self_interest", 50),
        mixed("self_interest", "common_welfare", 50),
        *beside_chance("self_interest", 100),
    )
)
"""The mixes and balances of the VS-Bench paper (2025), bots in place of people."""
