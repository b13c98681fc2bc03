"""What the shipped sets are made of: who plays whom, and which moments are taken.

The mixes and balances are those of the VS-Bench paper (2025). Where it took moments from games of
people or of models, scripted players of several strengths stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from vsbench.errors import UsageError
from vsbench_envs import registry

SAMPLES = 400
"""In a set, as in the paper."""

OTHERS = "others"
"""The group of every action that a recipe does not name."""


@dataclass(frozen=True)
class Table:
    """A pairing of scripted players, and how much of a set it gives."""

    players: tuple[str, ...]
    """By seat: ``name`` or ``name:option=value,...``."""
    shares: tuple[float, ...]
    """By seat: samples that ask what this seat does, relative to the other shares. A seat whose
    moves nobody could predict has none."""


@dataclass(frozen=True)
class Recipe:
    """How a set of one environment is made."""

    tables: tuple[Table, ...]
    groups: Mapping[str, float] = field(default_factory=lambda: {OTHERS: 1.0})
    """Groups of actions, named by the first word of their labels -> their shares in the set."""
    per_episode: int = 10
    """About as many samples are taken from one episode."""

    def group(self, label: str) -> str:
        """The group that an action belongs to."""
        verb = label.partition(" ")[0]
        return verb if verb in self.groups else OTHERS


def self_play(player: str, samples: float) -> Table:
    """A player in both seats."""
    return Table((player, player), (samples / 2, samples / 2))


def mixed(one: str, other: str, samples: float) -> Table:
    """Two players; both are asked about."""
    return Table((one, other), (samples / 2, samples / 2))


def beside_chance(player: str, samples: float) -> tuple[Table, Table]:
    """A player beside a random one, in either seat; only the player is asked about."""
    return (
        Table(("random", player), (0, samples / 2)),
        Table((player, "random"), (samples / 2, 0)),
    )


def _depths(one: int, other: int, samples: int) -> tuple[Table, ...]:
    """Two search depths that have met; each plays either colour."""
    names = f"alphabeta:depth={one}", f"alphabeta:depth={other}"
    if one == other:
        return (self_play(names[0], samples),)
    # Even numbers, for the two who are asked about.
    half = samples // 4 * 2
    return mixed(*names, samples - half), mixed(*names[::-1], half)


ALPHAS = tuple(f"equilibrium:alpha={alpha}" for alpha in ("0", "1/6", "1/3"))
NOISES = tuple(f"human:noise={noise}" for noise in ("0", "0.1", "0.2"))

RECIPES: Mapping[str, Recipe] = {
    "hanabi": Recipe(
        (
            self_play("oracle", 100),
            self_play("convention", 100),
            self_play("beginner", 100),
            self_play("greedy", 100),
        ),
        {"play": 2, "discard": 3, "reveal": 4},
    ),
    "breakthrough": Recipe(
        (
            *_depths(3, 4, 68),
            *_depths(3, 5, 68),
            *_depths(4, 5, 66),
            *_depths(4, 6, 66),
            *_depths(4, 4, 66),
            *_depths(5, 5, 66),
        )
    ),
    "kuhn_poker": Recipe(
        tuple(mixed(one, other, 1) for one, other in product(ALPHAS, repeat=2)), per_episode=1
    ),
    "overcooked": Recipe(
        tuple(mixed(one, other, 1) for one, other in product(NOISES, repeat=2)),
        {"stay": 0.1, OTHERS: 0.9},
    ),
    "atari_pong": Recipe(
        tuple(
            Table((player,), (1,))
            for player in ("oracle", "oracle:patience=0", "skilled:aim=4", "skilled:aim=-4")
        ),
        {"stay": 1, "up": 1, "down": 1},
        per_episode=25,
    ),
    "coin_dilemma": Recipe(
        (
            self_play("common_welfare", 100),
            self_play("self_interest", 100),
            mixed("common_welfare", "self_interest", 50),
            mixed("self_interest", "common_welfare", 50),
            *beside_chance("self_interest", 100),
        )
    ),
    "monster_hunt": Recipe(
        (
            self_play("to_the_monster", 80),
            self_play("wait_in_middle", 80),
            self_play("wait_in_corner", 80),
            self_play("nearest_apple", 80),
            *beside_chance("nearest_apple", 80),
        )
    ),
    "battle_of_the_colors": Recipe(
        (
            self_play("common_welfare", 100),
            self_play("self_interest", 100),
            mixed("common_welfare", "self_interest", 50),
            mixed("self_interest", "common_welfare", 50),
            self_play("both_red", 50),
            self_play("both_blue", 50),
        )
    ),
}


def recipe(env: str) -> Recipe:
    """The recipe of an environment.

    Raises:
        UsageError, UnknownNameError: there is none, or no such environment.
    """
    if env not in registry.names():
        raise registry.UnknownNameError("environment", env, registry.names())
    if env not in RECIPES:
        raise UsageError(
            f"there is no recipe for {env}, only for {', '.join(RECIPES)}; "
            "vsbench dataset build --from-run makes a set of any environment's runs"
        )
    return RECIPES[env]
