"""Bots as predictors of recorded play.

A predictor decides in the place of the one who was asked about: it sees what that seat saw, on
its own turn, and has luck of its own. No one who sees another seat's percept can be expected to
do better than the player that really sat there, so that one is an upper bound.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from vsbench.blocking import run_blocking
from vsbench.bots import bot_name, decide
from vsbench.datasets.playback import Decision
from vsbench.datasets.recording import Progress
from vsbench.datasets.samples import Dataset
from vsbench_envs import registry
from vsbench_envs.game import Game, Turn
from vsbench_envs.seeding import stream


def players(game: Game[Any], *, slow: bool = True) -> dict[str, str]:
    """The game's bots by what to call them; those that are the same stand together.

    Each has its options' default values.
    """
    same: dict[Any, list[str]] = {}
    for name, player in game.bots.items():
        if slow or not player.slow:
            defaults = tuple(player.defaults.items())
            same.setdefault((player.decide, defaults), []).append(name)
    return {" = ".join(names): names[0] for names in same.values()}


def hits(
    dataset: Dataset,
    made: Sequence[Decision],
    written: Mapping[int, str],
    progress: Progress = lambda more: None,
) -> list[bool]:
    """Whether players say what is right about some samples: by place, ``name:option=value,...``.

    Searching players use all processors. Call it from a thread, if an event loop is running.
    """
    return run_blocking(_hits(dataset, made, written, progress))


async def _hits(
    dataset: Dataset, made: Sequence[Decision], written: Mapping[int, str], progress: Progress
) -> list[bool]:
    game, seed = dataset.game, dataset.header.seed
    room = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def predict(place: int, name: str) -> bool:
        async with room:
            decision, luck = made[place], stream(seed, "prediction", name, place)
            state = decision.state.copy() if registry.bot(game, name)[0].needs_state else None
            turn = Turn(decision.percepts, decision.legal, luck, state)
            action = await decide(game.spec.id, name, turn)
        progress(1)
        return game.spec.actions[action] in dataset.samples[place].answers

    return await asyncio.gather(*(predict(place, name) for place, name in written.items()))


def sources(dataset: Dataset, *, slow: bool = True) -> dict[int, str]:
    """The samples whose source is a bot of the game, and that player."""
    named = {source: bot_name(source) for source in {sample.source for sample in dataset.samples}}
    known = {
        source: name
        for source, name in named.items()
        if name is not None and _can_play(dataset.game, name, slow)
    }
    return {
        place: known[sample.source]
        for place, sample in enumerate(dataset.samples)
        if sample.source in known
    }


def _can_play(game: Game[Any], name: str, slow: bool) -> bool:
    try:
        player, _ = registry.bot(game, name)
    except (LookupError, ValueError):
        return False
    return slow or not player.slow
