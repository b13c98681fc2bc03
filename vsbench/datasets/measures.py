"""Measures of recorded play."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from vsbench.blocking import run_blocking
from vsbench.bots import bot_name, decide
from vsbench.datasets.building import Progress, record
from vsbench.datasets.samples import Dataset, RecordedEpisode
from vsbench_envs import registry
from vsbench_envs.game import Game, Percept, State
from vsbench_envs.replay import Playthrough, turn_at
from vsbench_envs.seeding import derive, stream
from vsbench_envs.spec import EpisodeSummary

Pair = tuple[int, tuple[str, ...], int]
"""A state and an action taken in it: who acts, the picture's elements then, the action's id."""


@dataclass(frozen=True)
class Decision:
    """A seat's decision in an episode."""

    seat: int
    percepts: tuple[Percept, ...]
    """What it saw on its turns so far, this one last."""
    action: int
    """What it took."""
    state: State[Any]
    """The state that it was taken in. It goes on changing; ``copy`` what you keep."""


@dataclass(frozen=True)
class Playback:
    """What was decided, and what came of it."""

    decisions: tuple[Decision, ...]
    """Those that the samples are of, in their order."""
    summaries: tuple[EpisodeSummary, ...]
    """By episode."""
    pairs: frozenset[Pair]
    """Distinct ones, in all of the play."""


def play_back(dataset: Dataset, progress: Progress = lambda more: None) -> Playback:
    """Replay a data set; progress is told of every episode."""
    samples = dataset.samples
    wanted = {(sample.episode, sample.step, sample.target) for sample in samples}
    kept: dict[tuple[int, int, int], Decision] = {}
    summaries, pairs = [], set[Pair]()
    for index, episode in enumerate(dataset.episodes):
        for decision in decisions(dataset.game, episode):
            pairs.add(pair(dataset.game, decision))
            key = (index, decision.state.step, decision.seat)
            if key in wanted:
                state = decision.state.copy()
                kept[key] = Decision(decision.seat, decision.percepts, decision.action, state)
        # The state that the decisions were of has come to the episode's end.
        summaries.append(decision.state.summary)
        progress(1)
    return Playback(
        tuple(kept[sample.episode, sample.step, sample.target] for sample in samples),
        tuple(summaries),
        frozenset(pairs),
    )


def decisions(game: Game[Any], episode: RecordedEpisode) -> Iterator[Decision]:
    """Every decision of an episode, in order."""
    playthrough = Playthrough(game, game.new(episode.seed), range(game.spec.seats))
    states = playthrough.follow(episode.moves)
    for state, actions in zip(states, (*episode.moves, ()), strict=True):
        for seat, action in zip(state.acting, actions, strict=False):
            yield Decision(seat, playthrough.percepts(seat), action, state)


def pair(game: Game[Any], decision: Decision) -> Pair:
    """The state, as the one who decides sees it, and the action."""
    elements = game.view.labels(decision.percepts[-1])
    return decision.seat, tuple(elements.values()), decision.action


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
            turn = turn_at(game, decision.state, decision.seat, decision.percepts, name, luck)
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


@dataclass(frozen=True)
class Coverage:
    """The two measures."""

    trajectory_quality: float
    """Over all seats, so that it tells nothing where one's gain is the other's loss."""
    state_actions: float
    """1: as many different pairs as in random play."""


def coverage(
    dataset: Dataset, playback: Playback, progress: Progress = lambda more: None
) -> Coverage:
    """Both measures of a data set's episodes; progress is told of each episode of random play."""
    spec = dataset.game.spec
    scores = [spec.score(summary, range(spec.seats)) for summary in playback.summaries]
    reference = set(_random_pairs(dataset, progress))
    return Coverage(fmean(scores) / 100, len(playback.pairs) / len(reference))


def _random_pairs(dataset: Dataset, progress: Progress) -> Iterator[Pair]:
    game = dataset.game
    for number in range(len(dataset.episodes)):
        seed = derive(dataset.header.seed, "reference", game.spec.id, number)
        episode = record(game, seed, ("random",) * game.spec.seats)
        for decision in decisions(game, episode):
            yield pair(game, decision)
        progress(1)
