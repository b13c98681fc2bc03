"""Recipes of data sets: which bots play, and which of their moves become samples.

A game with a recipe has data sets before any model has played it: see
:attr:`vsbench_envs.game.Game.recipe`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vsbench_envs.frozen import FrozenMapping

OTHERS = "others"
"""The group of every action that a recipe does not name."""


@dataclass(frozen=True)
class Lineup:
    """A pairing of bots, and how much of a set it gives."""

    bots: tuple[str, ...]
    """By seat: ``name`` or ``name:option=value,...``."""
    shares: tuple[float, ...]
    """By seat: samples that predict this seat, relative to the other shares; 0 for a seat whose
    moves are random."""


@dataclass(frozen=True)
class Recipe:
    """Lineups, groups of actions and the density of samples."""

    lineups: tuple[Lineup, ...]
    groups: Mapping[str, float] = field(default_factory=lambda: {OTHERS: 1.0})
    """Groups of actions, named by the first word of their labels -> their shares in the set."""
    per_episode: int = 10
    """About as many samples are taken from one episode."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", FrozenMapping(self.groups))

    def group(self, label: str) -> str:
        """The group that an action belongs to."""
        verb = label.partition(" ")[0]
        return verb if verb in self.groups else OTHERS


def self_play(bot: str, samples: float) -> Lineup:
    """One bot in every seat."""
    return Lineup((bot, bot), (samples / 2, samples / 2))


def mixed(one: str, other: str, samples: float) -> Lineup:
    """Two bots; the moves of both become samples."""
    return Lineup((one, other), (samples / 2, samples / 2))


def with_random(bot: str, samples: float) -> tuple[Lineup, Lineup]:
    """A bot and a random one, in either order of seats; only the bot's moves become samples."""
    return (
        Lineup(("random", bot), (0, samples / 2)),
        Lineup((bot, "random"), (samples / 2, 0)),
    )
