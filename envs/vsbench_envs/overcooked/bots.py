"""Bots for Overcooked: a planner for both chefs, and cooks like people are."""

from __future__ import annotations

from itertools import product

from vsbench_envs.bots import RANDOM
from vsbench_envs.game import Bot, Turn
from vsbench_envs.overcooked.human import human, stands_still
from vsbench_envs.overcooked.percept import FRAMES, STEPS, OvercookedPercept
from vsbench_envs.overcooked.planner import plan
from vsbench_envs.overcooked.rules import STAY
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import OTHERS, Recipe, mixed

AGES = range(1, FRAMES)
"""How many steps ago the earlier kitchens of a percept were."""


def planned(turn: Turn[OvercookedPercept]) -> int:
    """One's part in the joint plan, which the other chef finds alike.

    Next to a chef who stands about when the plan wanted it to move, it works alone.
    """
    percept = turn.percept
    if stands_still(percept) and any(
        _planned(percept, age)[1 - percept.seat] != STAY for age in AGES
    ):
        return greedy(turn)
    return _planned(percept)[percept.seat]


def _planned(percept: OvercookedPercept, age: int = 0) -> tuple[int, int]:
    """The joint move planned for a kitchen ``age`` steps ago."""
    moves = plan(percept.floor_plan, percept.kitchens[-1 - age], STEPS - percept.step + age)
    return moves[0] if moves else (STAY, STAY)


def greedy(turn: Turn[OvercookedPercept]) -> int:
    """A cook who makes no mistakes, but no plans either."""
    return human(turn, noise=0.0)


BOTS: dict[str, Bot[OvercookedPercept]] = {
    "oracle": Bot(planned, "Plans ahead for both chefs and plays its part.", slow=True),
    "human": Bot(
        human,
        "Does what the kitchen needs next, with random moves at a rate of noise.",
        {"noise": Parameter(0.1, 0.0, 1.0)},
    ),
    "greedy": Bot(greedy, "The same without mistakes."),
    "random": RANDOM,
}

NOISES = tuple(f"human:noise={noise}" for noise in ("0", "0.1", "0.2"))

RECIPE = Recipe(
    tuple(mixed(one, other, 1) for one, other in product(NOISES, repeat=2)),
    {"stay": 0.1, OTHERS: 0.9},
)
"""The mixes and balances of the VS-Bench paper (2025), bots in place of people."""
