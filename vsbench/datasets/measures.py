"""Measures of recorded play: its quality, its variety, and how well bots predict it.

Two are of Schweighofer et al., "A Dataset Perspective on Offline Reinforcement Learning" (CoLLAs
2022). *Trajectory quality* (TQ) is the mean return of the recorded episodes on a scale where random
play is 0 and the best known is 1; the environment's anchors stand for both. *State-action coverage*
(SACo) is the number of distinct pairs of a state and an action taken in it, relative to a reference
set; here that is random play of as many episodes.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from vsbench.blocking import run_blocking
from vsbench.bots import bot_name, decide
from vsbench.datasets.building import record
from vsbench.datasets.samples import Dataset, Progress, RecordedEpisode
from vsbench_envs import registry
from vsbench_envs.game import Game, Percept, State
from vsbench_envs.replay import Playthrough, turn_at
from vsbench_envs.seeding import derive, stream
from vsbench_envs.spec import EpisodeSummary

Pair = tuple[int, tuple[str, ...], int]
"""A state and an action taken in it: the seat, the elements of its picture, the action's id."""


@dataclass(frozen=True)
class RecordedDecision:
    """A seat's decision in a recorded episode."""

    seat: int
    percepts: tuple[Percept, ...]
    """One for each of its decisions so far, this one last."""
    action: int
    """The action id."""
    state: State[Any]
    """The state before it. It changes with the next move; ``copy`` what you keep."""


@dataclass(frozen=True)
class Playback:
    """The decisions and outcomes of a data set's episodes."""

    decisions: tuple[RecordedDecision, ...]
    """The decision of each sample."""
    summaries: tuple[EpisodeSummary, ...]
    """By episode."""
    pairs: frozenset[Pair]
    """Distinct pairs in all episodes."""


def play_back(dataset: Dataset, progress: Progress = lambda more: None) -> Playback:
    """Replay the episodes of a data set; ``progress`` is called for each."""
    samples = dataset.samples
    wanted = {(sample.episode, sample.step, sample.target) for sample in samples}
    found: dict[tuple[int, int, int], RecordedDecision] = {}
    summaries, pairs = [], set[Pair]()
    for index, episode in enumerate(dataset.episodes):
        for decision in decisions(dataset.game, episode):
            pairs.add(pair(dataset.game, decision))
            key = (index, decision.state.step, decision.seat)
            if key in wanted:
                found[key] = replace(decision, state=decision.state.copy())
        # The state of the last decision has advanced to the episode's end.
        summaries.append(decision.state.summary)
        progress(1)
    return Playback(
        tuple(found[sample.episode, sample.step, sample.target] for sample in samples),
        tuple(summaries),
        frozenset(pairs),
    )


def decisions(game: Game[Any], episode: RecordedEpisode) -> Iterator[RecordedDecision]:
    """Yield every decision of an episode, in order."""
    playthrough = Playthrough(game, game.new(episode.seed), range(game.spec.seats))
    states = playthrough.follow(episode.moves)
    for state, actions in zip(states, (*episode.moves, ()), strict=True):
        for seat, action in zip(state.acting, actions, strict=False):
            yield RecordedDecision(seat, playthrough.percepts(seat), action, state)


def pair(game: Game[Any], decision: RecordedDecision) -> Pair:
    """The state, as the deciding seat sees it, and the action."""
    elements = game.view.labels(decision.percepts[-1])
    return decision.seat, tuple(elements.values()), decision.action


def trajectory_quality(dataset: Dataset, playback: Playback) -> float:
    """TQ over all seats, so that it is uninformative in zero-sum games."""
    spec = dataset.game.spec
    scores = (spec.score(summary, range(spec.seats)) for summary in playback.summaries)
    return fmean(scores) / 100


def state_action_coverage(
    dataset: Dataset, playback: Playback, progress: Progress = lambda more: None
) -> float:
    """SACo; 1 means as many distinct pairs as in random play.

    ``progress`` is called for each episode of random play.
    """
    return len(playback.pairs) / len(set(_random_pairs(dataset, progress)))


def _random_pairs(dataset: Dataset, progress: Progress) -> Iterator[Pair]:
    game = dataset.game
    for number in range(len(dataset.episodes)):
        seed = derive(dataset.header.seed, "reference", game.spec.id, number)
        episode = record(game, seed, ("random",) * game.spec.seats)
        for decision in decisions(game, episode):
            yield pair(game, decision)
        progress(1)


def distinct_bots(game: Game[Any], *, slow: bool = True) -> dict[str, str]:
    """The game's bots with default options, by title; aliases share one, as in ``a = b``."""
    aliases: dict[Any, list[str]] = {}
    for name, bot in game.bots.items():
        if slow or not bot.slow:
            aliases.setdefault((bot.decide, tuple(bot.defaults.items())), []).append(name)
    return {" = ".join(names): names[0] for names in aliases.values()}


def sources(dataset: Dataset, *, slow: bool = True) -> dict[int, str]:
    """Sample index -> the bot that played the target, for samples of bots of the game."""
    named = {source: bot_name(source) for source in {sample.source for sample in dataset.samples}}
    known = {
        source: name
        for source, name in named.items()
        if name is not None and _is_bot(dataset.game, name, slow)
    }
    return {
        index: known[sample.source]
        for index, sample in enumerate(dataset.samples)
        if sample.source in known
    }


def _is_bot(game: Game[Any], name: str, slow: bool) -> bool:
    try:
        bot, _ = registry.bot(game, name)
    except (LookupError, ValueError):
        return False
    return slow or not bot.slow


def predict(
    dataset: Dataset,
    decisions: Sequence[RecordedDecision],
    bots: Mapping[int, str],
    progress: Progress = lambda more: None,
) -> list[bool]:
    """Let bots predict samples, and return whether each is right.

    A bot decides in the target's place: it gets what that seat perceived, and a random stream of
    its own. The bot that really played there is an upper bound for players that get only another
    seat's percept.

    Bots that search use all processors. In an event loop, call it from a thread.

    Args:
        dataset: of the samples.
        decisions: the decision of each sample.
        bots: sample index -> the bot that predicts it, ``name:option=value,...``.
        progress: called for each prediction.
    """
    return run_blocking(_predict(dataset, decisions, bots, progress))


async def _predict(
    dataset: Dataset,
    decisions: Sequence[RecordedDecision],
    bots: Mapping[int, str],
    progress: Progress,
) -> list[bool]:
    game, seed = dataset.game, dataset.header.seed
    slots = asyncio.Semaphore(2 * (os.cpu_count() or 1))

    async def is_right(index: int, bot: str) -> bool:
        async with slots:
            decision, rng = decisions[index], stream(seed, "prediction", bot, index)
            turn = turn_at(game, decision.state, decision.seat, decision.percepts, bot, rng)
            action = await decide(game.spec.id, bot, turn)
        progress(1)
        return game.spec.actions[action] in dataset.samples[index].answers

    return await asyncio.gather(*(is_right(index, bot) for index, bot in bots.items()))
