"""Decisions that one seat takes in an episode: from the measured anchors, or from rollouts."""

from __future__ import annotations

from functools import lru_cache
from statistics import fmean
from typing import Any

from vsbench.estimates.ranges import Count, Range
from vsbench_envs import registry
from vsbench_envs.anchors import Decisions, decisions
from vsbench_envs.game import Game
from vsbench_envs.rollout import rollout

ROLLOUTS = 3
"""Episodes that each of the two bots plays where no anchors are measured."""

RANDOM = "random"

SHORTER = 0.75
"""Share of its mean by which an episode of variable length may be shorter."""

LONGER = 1.5
"""Factor by which deviations above the mean exceed that of the longest measured episode, if there
are many units: the longest says more of single episodes than of sums."""


@lru_cache(maxsize=64)
def decisions_per_seat(env: str) -> Count:
    """Return the decisions of one seat in an episode, from random play to the oracle's.

    Raises:
        UnknownNameError: the game has no anchors, and lacks one of the two bots.
    """
    spec = registry.get(env).spec
    found = decisions(env)
    if found is None:
        found = roll_out(env)
    low, high = sorted((found.random, found.oracle))
    longest = max(float(found.longest), high)
    varies = longest > low
    return Count(
        Range(low, high),
        below=SHORTER * low if varies else 0.0,
        above=LONGER * (longest - high),
        most=longest,
    ) * (1 / spec.model_seats)


def roll_out(env: str) -> Decisions:
    """Count the decisions in a few episodes of both bots, with the standard opponents."""
    game = registry.get(env)
    random, oracle = (
        [_play(game, name, episode) for episode in range(ROLLOUTS)]
        for name in (RANDOM, game.spec.oracle)
    )
    return Decisions(fmean(random), fmean(oracle), max(*random, *oracle))


def _play(game: Game[Any], bot: str, episode: int) -> int:
    """Play an episode with the standard opponents, and count the decisions of measured seats."""
    spec = game.spec
    # Against opponents the model's seat rotates.
    measured = {(episode + place) % spec.seats for place in range(spec.model_seats)}
    bots = [bot if seat in measured else str(spec.opponent) for seat in range(spec.seats)]
    return sum(len(moves.keys() & measured) for _, moves in rollout(game, episode, bots))
