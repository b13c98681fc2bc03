"""Playing the episodes that data sets are taken from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vsbench.bots import workers
from vsbench.datasets.samples import RecordedEpisode
from vsbench.records.manifest import BOT
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import derive

Progress = Callable[[int], None]
"""Told how much more is done."""

MANY_STEPS = 4000
"""So many take longer than starting other processes does."""

Booking = tuple[int, tuple[str, ...]]
"""A seed, and bots by seat: ``name:option=value,...``."""


def game_seed(game: Game[Any], seed: int, players: Sequence[str], number: int) -> int:
    """The seed of the ``number``-th episode of a pairing; starts are equally frequent."""
    strata = game.spec.strata
    drawn = derive(seed, "data set", game.spec.id, *players, number)
    return drawn - drawn % strata + number % strata


def record(game: Game[Any], seed: int, players: Sequence[str]) -> RecordedEpisode:
    """Play an episode. All chance, the players' too, comes from its seed."""
    joints = (joint for _, joint in rollout(game, seed, players) if joint)
    return RecordedEpisode(
        seed=seed,
        players=tuple(BOT + name for name in players),
        moves=tuple(tuple(action for _, action in sorted(joint.items())) for joint in joints),
    )


def record_all(
    game: Game[Any], booked: Sequence[Booking], progress: Progress
) -> list[RecordedEpisode]:
    """Play some episodes; where that takes long, on all processors."""
    recorded = []
    for episode in _play(game, booked):
        recorded.append(episode)
        progress(1)
    return recorded


def _play(game: Game[Any], booked: Sequence[Booking]) -> Iterator[RecordedEpisode]:
    names = {name for _, players in booked for name in players}
    searching = any(registry.bot(game, name)[0].slow for name in names)
    if searching or len(booked) * game.spec.typical_length > MANY_STEPS:
        yield from workers().map(_record, ((game.spec.id, *booking) for booking in booked))
    else:
        yield from (record(game, *booking) for booking in booked)


def _record(booking: tuple[str, int, tuple[str, ...]]) -> RecordedEpisode:
    env, seed, players = booking
    return record(registry.get(env), seed, players)
