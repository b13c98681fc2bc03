"""Bots for Battle of the Colors: each goes to a block and waits on it."""

from __future__ import annotations

from functools import partial

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.grid.board import Cell, distance, step_towards
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.recipe import Recipe, mixed, self_play


def _walk(turn: Turn[GridPercept], goal: Cell) -> int:
    return step_towards(turn.rng, turn.percept.here, goal)


def common_welfare(turn: Turn[GridPercept]) -> int:
    """Go to the block with the smaller sum of both players' distances; to red if they are equal.

    The choice is stable while both walk: no step brings the other block nearer by more.
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
    """Go to the block of the own colour."""
    return _walk(turn, turn.percept.things[turn.percept.seat])


def to_block(turn: Turn[GridPercept], block: int) -> int:
    """Go to the block with this index."""
    return _walk(turn, turn.percept.things[block])


BOTS: dict[str, Bot[GridPercept]] = {
    "oracle": Bot(common_welfare, "Goes to the block that is nearer to both players together."),
    "common_welfare": Bot(
        common_welfare, "Goes to the block that is nearer to both players together."
    ),
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
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
