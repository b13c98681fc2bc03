"""Measuring the anchors: episodes of random play and of the oracle, on all processors.

They are the episodes of ``vsbench run --model bot/random`` and ``bot/oracle``, in standard
seats, without journals.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import fmean, stdev

from vsbench import api
from vsbench.bots import workers
from vsbench.planning.units import episode_plan
from vsbench.records.manifest import BOT, Manifest
from vsbench.scoring.intervals import blocks
from vsbench.settings import RunSettings
from vsbench.versions import versions
from vsbench_envs import registry
from vsbench_envs.anchors import Anchors, Estimate, GameAnchors
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import move_stream
from vsbench_envs.spec import GameSpec

RANDOM, ORACLE = "random", "oracle"

PRECISION = 0.5
"""Half an interval's width that is narrow enough, in points of the normalised score."""

FIRST, LEAST = 20, 400
"""Episodes before anything is judged, and those played even if all have ended alike."""

GROWTH = 8
"""By how much a first impression may multiply the episodes."""

PIECES = 16
"""Into how many pieces each processor's share of the episodes is cut."""

Z = 1.96
DIGITS = 5

Watch = Callable[[str, int, int], None]
"""Told the player, the episodes played and those expected in all."""

Values = list[tuple[float, ...]]
"""For each episode its figures, by measure."""


@dataclass(frozen=True)
class Effort:
    """How long to go on: until intervals are narrow, but no longer than this."""

    episodes: int | None = None
    """Exactly so many, whatever the intervals."""
    seconds: float = 60.0
    """For each of the two players."""


def measure(env: str, effort: Effort, seed: int, watch: Watch) -> GameAnchors:
    """Measure one game's anchors.

    Raises:
        UnknownNameError, MissingExtraError: there is no such game, or it is not installed.
    """
    spec = registry.get(env).spec
    random, oracle = (_play(spec, player, effort, seed, watch) for player in (RANDOM, ORACLE))
    return GameAnchors(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        seed=seed,
        versions=versions(),
        measures={
            measure.name: Anchors(
                estimate([figures[place] for figures in random], spec.group),
                estimate([figures[place] for figures in oracle], spec.group),
            )
            for place, measure in enumerate(spec.measures)
        },
    )


def estimate(values: Sequence[float], group: int = 1) -> Estimate:
    """The mean of at least two values, and its normal 95 % interval over groups of them."""
    units = blocks(values, group)
    mean, half = fmean(values), Z * stdev(units) / math.sqrt(len(units))
    low, high = mean - half, mean + half
    return Estimate(round(mean, DIGITS), round(low, DIGITS), round(high, DIGITS), len(values))


def _play(spec: GameSpec, player: str, effort: Effort, seed: int, watch: Watch) -> Values:
    (manifest,) = api.plan(
        RunSettings(
            models=(BOT + player,), envs=(spec.id,), evals=("decision",), episodes=1, seed=seed
        )
    )
    values: Values = []
    began = time.monotonic()
    while more := _episodes_to_play(spec, values, effort, time.monotonic() - began):
        values += _round(manifest, len(values), len(values) + more, partial(watch, player))
    return values


def _episodes_to_play(spec: GameSpec, values: Values, effort: Effort, elapsed: float) -> int:
    """How many more are worth it: a multiple of what makes a fair sample, 0 when it is enough."""
    played = len(values)
    if effort.episodes is not None:
        return effort.episodes - played
    fair = max(spec.group, spec.seats)
    if not played:
        return fair * max(2, math.ceil(FIRST / fair))
    wanted = max(played * (_half_width(spec, values) / PRECISION) ** 2, LEAST) - played
    affordable = played * (effort.seconds - elapsed) / elapsed
    more = min(wanted, affordable, GROWTH * played)
    # A little more is not worth another round.
    return fair * math.ceil(more / fair) if more > max(fair, 0.05 * played) else 0


def _half_width(spec: GameSpec, values: Values) -> float:
    """Half the width of the widest interval, in points of the normalised score."""
    halves = []
    for measure, figures in zip(spec.measures, zip(*values, strict=True), strict=True):
        found = estimate(figures, spec.group)
        width = measure.normalise(found.high) - measure.normalise(found.low)
        # One that does not count for the score should be known as well as one that is all of it.
        halves.append((measure.weight or 1.0) * width / 2)
    return max(halves)


def _round(manifest: Manifest, start: int, stop: int, watch: Callable[[int, int], None]) -> Values:
    """The episodes from ``start`` to ``stop``, in order."""
    size = math.ceil((stop - start) / (PIECES * (os.cpu_count() or 1)))
    pieces = [range(at, min(at + size, stop)) for at in range(start, stop, size)]
    futures = {workers().submit(play_out, manifest, piece): piece for piece in pieces}
    played, done = {}, start
    try:
        for future in as_completed(futures):
            piece = futures[future]
            played[piece.start] = future.result()
            done += len(piece)
            watch(done, stop)
    finally:
        for future in futures:
            future.cancel()
    return [figures for piece in pieces for figures in played[piece.start]]


def play_out(manifest: Manifest, episodes: Sequence[int]) -> Values:
    """Some episodes of a run whose seats are all held by bots."""
    (environment,) = manifest.environments
    game = registry.get(environment.env)
    values: Values = []
    for episode in episodes:
        plan = episode_plan(manifest, environment, episode)
        players = [player.removeprefix(BOT) for player in plan.seats]
        luck = partial(move_stream, manifest.seed, plan.env, episode, use="scripted")
        *_, (end, _) = rollout(game, plan.opening.seed, players, luck)
        values.append(tuple(m.extract(end.summary, plan.measured) for m in game.spec.measures))
    return values
