"""Bots for Hanabi, from the bold to the perfect."""

from __future__ import annotations

from functools import partial

from vsbench_envs.bots import RANDOM
from vsbench_envs.game import Bot
from vsbench_envs.hanabi import convention, oracle, simple
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.variant import Variant
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Recipe, self_play


def bots(variant: Variant) -> dict[str, Bot[HanabiPercept]]:
    """The bots of a variant."""
    return {
        "oracle": Bot(
            partial(oracle.decide, variant=variant),
            "Points at cards to play by its choice of clue, and weighs every action.",
        ),
        "convention": Bot(
            partial(convention.decide, variant=variant),
            "Plays by the conventions that people use, and remembers what clues meant.",
        ),
        "beginner": Bot(
            partial(simple.beginner, variant=variant),
            "Plays what is certain, tells of playable cards, discards the oldest.",
        ),
        "greedy": Bot(
            partial(simple.greedy, variant=variant),
            "Plays the likeliest card if its chance is high enough.",
            {"chance": Parameter(0.6, 0.0, 1.0, above_low=True)},
        ),
        "random": RANDOM,
    }


RECIPE = Recipe(
    (
        self_play("oracle", 100),
        self_play("convention", 100),
        self_play("beginner", 100),
        self_play("greedy", 100),
    ),
    {"play": 2, "discard": 3, "reveal": 4},
)
"""The mixes and balances of the VS-Bench paper (2025), bots in place of people."""
