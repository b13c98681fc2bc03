"""Measure anchors: returns and decisions of random play and of the oracle, on all processors.

The episodes are those of ``vsbench run --model bot/random`` and ``bot/oracle`` with the standard
opponents, without journals.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import fmean, stdev

from vsbench.bots import workers
from vsbench.planning.units import episode_plan
from vsbench.records.manifest import BOT, Manifest
from vsbench.runner import runs
from vsbench.scoring.intervals import Scale, Z, figure, group_means
from vsbench.settings import RunSettings
from vsbench.versions import versions
from vsbench_envs import registry
from vsbench_envs.anchors import Anchors, Decisions, Estimate, GameAnchors
from vsbench_envs.rollout import rollout
from vsbench_envs.spec import GameSpec, Measure

RANDOM, ORACLE = "random", "oracle"

PRECISION = 0.5
"""Target half-width of an interval, in points of the normalised score."""

FIRST_ROUND, MIN_EPISODES = 20, 400
"""Episodes of the first round, and before an interval is trusted."""

MAX_GROWTH = 8
"""Largest factor between the episodes of successive rounds."""

CHUNKS = 16
"""Chunks per processor into which a round of episodes is cut."""

DIGITS = 5
"""Digits after the point that are kept."""

Progress = Callable[[str, int, int], None]
"""Called with the bot, the episodes played, and the episodes expected in total."""


@dataclass(frozen=True)
class Played:
    """A measured episode."""

    figures: tuple[float, ...]
    """The game's measures, in order."""
    decisions: int
    """Of the measured seats."""


@dataclass(frozen=True)
class StoppingRule:
    """The end of a measurement: narrow intervals, or one of these limits."""

    episodes: int | None = None
    """Play exactly this many episodes per bot, whatever the intervals."""
    seconds: float = 60.0
    """Time limit per bot."""
    precision: float = PRECISION
    """Half-width of narrow intervals, in points of the normalised score."""


def measure(
    env: str, rule: StoppingRule, seed: int, progress: Progress, pool: Executor | None = None
) -> GameAnchors:
    """Measure the anchors of one environment.

    Args:
        env: environment id.
        rule: when to stop.
        seed: random seed.
        progress: called as episodes end.
        pool: runs the episodes; by default a process for each processor.

    Raises:
        UnknownNameError: there is no such environment, or it lacks one of the two bots.
        MissingExtraError: it needs an extra that is not installed.
    """
    game = registry.get(env)
    spec = game.spec
    for name in (RANDOM, ORACLE):
        registry.bot(game, name)
    random, oracle = (
        _play(spec, bot, rule, seed, partial(progress, bot), pool or workers())
        for bot in (RANDOM, ORACLE)
    )
    return GameAnchors(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        seed=seed,
        versions=versions(),
        measures={
            measure.name: Anchors(
                estimate([each.figures[place] for each in random], spec.group, win(measure)),
                estimate([each.figures[place] for each in oracle], spec.group, win(measure)),
            )
            for place, measure in enumerate(spec.measures)
        },
        decisions=_count_decisions(random, oracle),
    )


def _count_decisions(random: Sequence[Played], oracle: Sequence[Played]) -> Decisions:
    """Mean and largest numbers of decisions in measured episodes."""
    return Decisions(
        random=round(fmean(each.decisions for each in random), DIGITS),
        oracle=round(fmean(each.decisions for each in oracle), DIGITS),
        longest=max(each.decisions for each in (*random, *oracle)),
    )


def estimate(values: Sequence[float], group: int = 1, win: float | None = None) -> Estimate:
    """Mean of at least two values, and its 95 % interval over groups of them.

    Args:
        values: Of episodes.
        group: Episodes in a group.
        win: The value of a win in a game of wins and losses, whose interval is Wilson's. Others
            have a normal interval, as there are many episodes.
    """
    mean = fmean(values)
    if win is not None:
        found = figure(values, Scale(abs(win), (-abs(win), abs(win)), binary=True))
        low, high = found.low, found.high
    else:
        units, _ = group_means(values, group)
        if len(units) < 2:
            units = list(values)
        half = Z * stdev(units) / math.sqrt(len(units))
        low, high = mean - half, mean + half
    return Estimate(round(mean, DIGITS), round(low, DIGITS), round(high, DIGITS), len(values))


def win(measure: Measure) -> float | None:
    """The value of a win in a game of wins and losses; None for other measures."""
    return measure.high if measure.binary else None


def _play(
    spec: GameSpec,
    bot: str,
    rule: StoppingRule,
    seed: int,
    progress: Callable[[int, int], None],
    pool: Executor,
) -> list[Played]:
    (manifest,) = runs.plan(
        RunSettings(
            models=(BOT + bot,), envs=(spec.id,), evals=("decision",), episodes=1, seed=seed
        )
    )
    played: list[Played] = []
    began = time.monotonic()
    while more := _episodes_to_play(spec, played, rule, time.monotonic() - began):
        played += _round(manifest, len(played), len(played) + more, progress, pool)
    return played


def _episodes_to_play(
    spec: GameSpec, episodes: Sequence[Played], rule: StoppingRule, elapsed: float
) -> int:
    """Episodes of the next round, a multiple of those in a fair sample; 0 to stop."""
    played = len(episodes)
    if rule.episodes is not None:
        return rule.episodes - played
    fair = max(spec.group, spec.seats)
    if not played:
        return fair * max(2, math.ceil(FIRST_ROUND / fair))
    wanted = (
        max(played * (_half_width(spec, episodes) / rule.precision) ** 2, MIN_EPISODES) - played
    )
    affordable = played * (rule.seconds - elapsed) / elapsed
    more = min(wanted, affordable, MAX_GROWTH * played)
    # A few more episodes are not worth another round.
    return fair * math.ceil(more / fair) if more > max(fair, 0.05 * played) else 0


def _half_width(spec: GameSpec, episodes: Sequence[Played]) -> float:
    """Half the width of the widest interval, in points of the normalised score."""
    halves = []
    for place, measure in enumerate(spec.measures):
        found = estimate([each.figures[place] for each in episodes], spec.group, win(measure))
        width = measure.normalise(found.high) - measure.normalise(found.low)
        # A measure without weight in the score is measured as precisely as the score itself.
        halves.append((measure.weight or 1.0) * width / 2)
    return max(halves)


def _round(
    manifest: Manifest,
    start: int,
    stop: int,
    progress: Callable[[int, int], None],
    pool: Executor,
) -> list[Played]:
    """Play the episodes from ``start`` to ``stop``, and return them in order."""
    size = math.ceil((stop - start) / (CHUNKS * (os.cpu_count() or 1)))
    chunks = [range(at, min(at + size, stop)) for at in range(start, stop, size)]
    futures = {pool.submit(play_episodes, manifest, chunk): chunk for chunk in chunks}
    played, done = {}, start
    try:
        for future in as_completed(futures):
            chunk = futures[future]
            played[chunk.start] = future.result()
            done += len(chunk)
            progress(done, stop)
    finally:
        for future in futures:
            future.cancel()
    return [episode for chunk in chunks for episode in played[chunk.start]]


def play_episodes(manifest: Manifest, episodes: Sequence[int]) -> list[Played]:
    """Play episodes of a run whose seats are all bots; a function of the module for pickling."""
    (environment,) = manifest.environments
    game = registry.get(environment.env)
    played: list[Played] = []
    for episode in episodes:
        plan = episode_plan(manifest, environment, episode)
        players = [player.removeprefix(BOT) for player in plan.seats]
        steps = [
            (state, len(joint.keys() & set(plan.measured)))
            for state, joint in rollout(game, plan.seed, players, plan.bot_stream)
        ]
        end = steps[-1][0].summary
        figures = tuple(each.extract(end, plan.measured) for each in game.spec.measures)
        played.append(Played(figures, sum(number for _, number in steps)))
    return played
