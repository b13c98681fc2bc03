"""Bots for Nim, and the recipe of its data set."""

from __future__ import annotations

from functools import reduce
from operator import xor

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.recipe import Recipe, mixed, self_play
from vsbench_nim.rules import MOVES, NimPercept


def perfect(turn: Turn[NimPercept]) -> int:
    """Leave heaps whose binary digits add up to nothing (Bouton, 1901), or else one stone fewer."""
    heaps = turn.percept.heaps
    excess = reduce(xor, heaps)
    winning = [
        action
        for action in turn.legal
        if heaps[MOVES[action][0]] - MOVES[action][1] == heaps[MOVES[action][0]] ^ excess
    ]
    single = [action for action in turn.legal if MOVES[action][1] == 1]
    return turn.rng.choice(winning or single)


def greedy(turn: Turn[NimPercept]) -> int:
    """Take as many stones as possible."""
    return max(turn.legal, key=lambda action: MOVES[action][1])


BOTS: dict[str, Bot[NimPercept]] = {
    "oracle": Bot(perfect, "Plays perfectly: wins whenever the heaps allow it."),
    "greedy": Bot(greedy, "Takes the largest heap whole."),
    "random": RANDOM,
}

RECIPE = Recipe(
    (self_play("oracle", 1), self_play("greedy", 1), mixed("oracle", "greedy", 1)), per_episode=2
)
