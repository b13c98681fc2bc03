"""Bots for Breakthrough: alpha-beta search, Monte Carlo tree search, and a greedy bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyspiel

from vsbench_envs.breakthrough.bitboard import label, sides
from vsbench_envs.breakthrough.rules import (
    ACTIONS,
    EMPTY,
    ENGINE_MOVES,
    BreakthroughPercept,
    BreakthroughState,
    engine,
)
from vsbench_envs.breakthrough.search import best_steps
from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Lineup, Recipe, mixed, self_play

TREE_MEGABYTES = 1000
"""Memory limit of the engine's search tree; a thousand simulations need far less."""


def alphabeta(turn: Turn[BreakthroughPercept], depth: int) -> int:
    """Choose at random among the best moves of an alpha-beta search."""
    seat = turn.percept.seat
    steps = best_steps(*sides(turn.percept.board, seat), depth)
    return ACTIONS.index(label(turn.rng.choice(steps), seat))


def mcts(turn: Turn[BreakthroughPercept], c: float, simulations: int, rollouts: int) -> int:
    """Choose the most visited move of OpenSpiel's Monte Carlo tree search.

    ``c`` is the exploration constant of UCT; a leaf's value is the mean of ``rollouts`` random
    games.
    """
    if not isinstance(turn.state, BreakthroughState):
        raise TypeError("the tree search needs the state itself")
    evaluator = pyspiel.RandomRolloutEvaluator(rollouts, turn.rng.getrandbits(31))
    bot = pyspiel.MCTSBot(
        engine(),
        evaluator,
        uct_c=c,
        max_simulations=simulations,
        max_memory_mb=TREE_MEGABYTES,
        solve=False,
        seed=turn.rng.getrandbits(31),
        verbose=False,
    )
    return ENGINE_MOVES[bot.step(turn.state.engine_state)]


def greedy(turn: Turn[BreakthroughPercept]) -> int:
    """Win if possible, else capture, else advance the foremost piece."""
    percept = turn.percept
    forward = 1 if percept.seat else -1

    def urgency(action: int) -> tuple[bool, bool, int]:
        target = ACTIONS[action][2:]
        return target[1] in "18", percept.at(target) != EMPTY, forward * int(target[1])

    best = max(map(urgency, turn.legal))
    return turn.rng.choice([action for action in turn.legal if urgency(action) == best])


_DEPTH = {"depth": Parameter(5, 1, 7)}
_MCTS: Mapping[str, Parameter[Any]] = {
    "c": Parameter(2.0, 0.0, 100.0),
    "simulations": Parameter(100, 1, 1000),
    "rollouts": Parameter(10, 1, 20),
}
"""At the upper limits both searches take some seconds for a move."""

BOTS: dict[str, Bot[BreakthroughPercept]] = {
    "oracle": Bot(alphabeta, "Alpha-beta search, five plies deep.", _DEPTH, slow=True),
    "alphabeta": Bot(alphabeta, "Alpha-beta search to a depth in plies.", _DEPTH, slow=True),
    "mcts": Bot(
        mcts,
        "OpenSpiel's Monte Carlo tree search with random rollouts.",
        _MCTS,
        needs_state=True,
        slow=True,
    ),
    "greedy": Bot(greedy, "Wins if it can, else captures, else advances its foremost piece."),
    "random": RANDOM,
}


def _depths(one: int, other: int, samples: int) -> tuple[Lineup, ...]:
    """Lineups of two search depths; each plays both colours."""
    names = f"alphabeta:depth={one}", f"alphabeta:depth={other}"
    if one == other:
        return (self_play(names[0], samples),)
    # Even numbers, since samples are split between two seats.
    half = samples // 4 * 2
    return mixed(*names, samples - half), mixed(*names[::-1], half)


RECIPE = Recipe(
    (
        *_depths(3, 4, 68),
        *_depths(3, 5, 68),
        *_depths(4, 5, 66),
        *_depths(4, 6, 66),
        *_depths(4, 4, 66),
        *_depths(5, 5, 66),
    )
)
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
