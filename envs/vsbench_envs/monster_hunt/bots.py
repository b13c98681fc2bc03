"""Bots for Monster Hunt: they wait for the monster, approach it, or eat apples."""

from __future__ import annotations

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.grid.board import MIDDLE, nearest, step_towards
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.recipe import Recipe, self_play, with_random

CORNER = (0, 0)


def wait_in_middle(turn: Turn[GridPercept]) -> int:
    """Go to the middle and wait for the monster."""
    return step_towards(turn.rng, turn.percept.here, MIDDLE)


def wait_in_corner(turn: Turn[GridPercept]) -> int:
    """Go to the upper left corner and wait for the monster."""
    return step_towards(turn.rng, turn.percept.here, CORNER)


def to_the_monster(turn: Turn[GridPercept]) -> int:
    """Walk towards the monster."""
    *_, monster = turn.percept.things
    return step_towards(turn.rng, turn.percept.here, monster)


def nearest_apple(turn: Turn[GridPercept]) -> int:
    """Go to the nearest apple; choose at random if both are equally near."""
    here = turn.percept.here
    *apples, _ = turn.percept.things
    return step_towards(turn.rng, here, nearest(turn.rng, here, apples))


BOTS: dict[str, Bot[GridPercept]] = {
    "oracle": Bot(
        wait_in_middle, "Waits in the middle; two such players defeat the monster there."
    ),
    "wait_in_middle": Bot(wait_in_middle, "Goes to the middle and waits there."),
    "wait_in_corner": Bot(wait_in_corner, "Goes to the upper left corner and waits there."),
    "to_the_monster": Bot(to_the_monster, "Walks towards the monster."),
    "nearest_apple": Bot(nearest_apple, "Goes to the nearest apple."),
    "greedy": Bot(nearest_apple, "Goes to the nearest apple."),
    "random": RANDOM,
}

RECIPE = Recipe(
    (
        self_play("to_the_monster", 80),
        self_play("wait_in_middle", 80),
        self_play("wait_in_corner", 80),
        self_play("nearest_apple", 80),
        *with_random("nearest_apple", 80),
    )
)
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
