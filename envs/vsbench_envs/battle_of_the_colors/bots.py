"""Bots for Battle of the Colors, by the block that they go to and wait on."""

from __future__ import annotations

from functools import partial

from vsbench_envs.bots import RANDOM
from vsbench_envs.game import Bot, Turn
from vsbench_envs.grid.board import Cell, distance, towards
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.recipe import Recipe, mixed, self_play


def _walk(turn: Turn[GridPercept], goal: Cell) -> int:
    return turn.rng.choice(towards(turn.percept.here, goal))


def common_welfare(turn: Turn[GridPercept]) -> int:
    """The block with fewer steps to go for both together, red if they are even.

    It stays the same one while both walk to it: no step brings the other block nearer faster.
    """
    percept = turn.percept
    return _walk(
        turn,
        min(
            percept.things,
            key=lambda block: sum(distance(player, block) for player in percept.players),
        ),
    )


def self_interest(turn: Turn[GridPercept]) -> int:
    """The block of one's own colour."""
    return _walk(turn, turn.percept.things[turn.percept.seat])


def to_block(turn: Turn[GridPercept], block: int) -> int:
    """Always this block."""
    return _walk(turn, turn.percept.things[block])


BOTS: dict[str, Bot[GridPercept]] = {
    "oracle": Bot(common_welfare, "Goes to the block that is nearer to both players."),
    "common_welfare": Bot(common_welfare, "Goes to the block that is nearer to both players."),
    "self_interest": Bot(self_interest, "Goes to the block of its own colour."),
    "both_red": Bot(partial(to_block, block=0), "Goes to the red block."),
    "both_blue": Bot(partial(to_block, block=1), "Goes to the blue block."),
    "greedy": Bot(self_interest, "Goes to the block of its own colour."),
    "random": RANDOM,
}

RECIPE = Recipe(
    (
        self_play("common_welfare", 100),
        self_play("self_interest", 100),
        mixed("common_welfare", "self_interest", 50),
        mixed("self_interest", "common_welfare", 50),
        self_play("both_red", 50),
        self_play("both_blue", 50),
    )
)
"""The mixes and balances of the VS-Bench paper (2025), bots in place of people."""
