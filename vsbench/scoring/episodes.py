"""Compute the figures of episodes from their journals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean

from vsbench.errors import UsageError
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    Fault,
    JournalRecord,
    Step,
)
from vsbench.records.manifest import BOT, EnvironmentPlan
from vsbench.records.results import AnchorSet, EnvironmentResult, EpisodeResult, Figure
from vsbench.scoring.intervals import UNBOUNDED, Mean, Scale, estimate, figure
from vsbench.scoring.prefix import Prefix
from vsbench.scoring.tally import Tally
from vsbench_envs import registry
from vsbench_envs.anchors import by_measured, measured, spread
from vsbench_envs.errors import NotMeasuredError
from vsbench_envs.spec import (
    EpisodeSummary,
    GameSpec,
    Measure,
    PlayedEpisode,
    own_return,
    shared_return,
)

Grouped = Callable[[Sequence[float], Scale], Figure]
"""Makes the figure of all scored episodes' values, over their groups."""

PLUG_IN_VALUE = "plug-in value"
"""Name of the measure that :attr:`vsbench_envs.game.Game.policy_value` computes."""


@dataclass(frozen=True)
class Finished:
    """A finished episode."""

    opened: EpisodeOpened
    summary: EpisodeSummary
    moves: tuple[str, ...]
    """Action labels in order, those of a joint move in order of seat."""

    def behaviour(self, event: str, seats: Iterable[int]) -> float:
        """Count of a behaviour, over the players in some seats."""
        counts = self.summary.events.get(event)
        return float(sum(counts[seat] for seat in seats)) if counts else 0.0


class Scales:
    """The prior spread and the bounds of a game's figures."""

    def __init__(self, spec: GameSpec) -> None:
        self._spec = spec
        # Whatever anchors scores are normalised by, raw figures are the same.
        self._stated = registry.get(spec.id).spec
        self._spread = spread(spec.id)

    @property
    def score(self) -> Scale:
        """The scale of the normalised score."""
        spec = self._spec
        return Scale(self._spread.score, spec.score_bounds, spec.group, spec.binary)

    def measure(self, measure: Measure) -> Scale:
        """The scale of a measure, in its own unit."""
        unit = abs(measure.best - measure.random) / 100
        bounds = measure.low, measure.high
        return Scale(self._spread.score * unit, bounds, self._spec.group, measure.binary)

    @property
    def own_return(self) -> Scale:
        """The scale of a seat's own return, which is what the score is made of or a part of it."""
        measure = self._stated.weighted[0]
        scale = self.measure(measure)
        if measure.extract in (own_return, shared_return):
            return scale
        return replace(scale, bounds=UNBOUNDED, binary=False)

    def behaviour(self, event: str, counts: Sequence[float], seats: int = 1) -> Scale:
        """The scale of a behaviour's count over some seats."""
        known = self._spread.behaviours.get(event)
        if known is not None:
            return Scale(known * seats, (0.0, math.inf), self._spec.group)
        # Without a measured spread, that of a Poisson count with this mean.
        return Scale(math.sqrt(max(fmean(counts), 1.0)), (0.0, math.inf))


def check_players(plan: EnvironmentPlan, lines: Sequence[JournalRecord]) -> None:
    """Raise UsageError if an episode has other players than the plan."""
    opened = lines[0] if lines else None
    if isinstance(opened, EpisodeOpened) and (
        sorted(opened.seats) != sorted(plan.seats.players)
        or len(opened.measured) != len(plan.seats.measured)
    ):
        raise UsageError(
            f"{plan.env}/{opened.episode} has other players than run.json; "
            "vsbench replay shows the details"
        )


def count_by_seat(lines: Iterable[JournalRecord], tallies: dict[tuple[int, str], Tally]) -> None:
    """Add an episode's lines to the tallies by seat and player."""
    seats: tuple[str, ...] = ()
    for line in lines:
        match line:
            case EpisodeOpened():
                seats = line.seats
            case Attempt() | Decision() | Fault():
                key = (line.seat, seats[line.seat])
                tallies.setdefault(key, Tally()).add(line)


def score_episodes(
    plan: EnvironmentPlan,
    journals: Iterable[tuple[int, Sequence[JournalRecord]]],
    anchors: AnchorSet = "paper",
) -> tuple[EnvironmentResult, Mean | None, Tally]:
    """Compute the figures of one environment's episodes, the mean score, and their tally.

    Args:
        plan: of the environment.
        journals: the number and the lines of each episode, in order; no lines if it is not begun.
        anchors: that returns are normalised by.
    """
    spec = normalised_by(anchors, registry.get(plan.env).spec)
    tallies: dict[tuple[int, str], Tally] = {}
    prefix = Prefix[Finished]()
    for number, lines in journals:
        check_players(plan, lines)
        count_by_seat(lines, tallies)
        prefix.add(number, lines, finished(lines))
    ended = prefix.scored
    total = Tally()
    for tally in tallies.values():
        total.merge(tally)
    scores = [spec.score(each.summary, each.opened.measured) for each in ended]
    scales, size = Scales(spec), interval_unit(plan)
    numbers = [each.opened.episode for each in ended]
    grouped = partial(figure, size=size, numbers=numbers)
    result = EnvironmentResult(
        **dict(prefix.progress),
        env=plan.env,
        score=grouped(scores, scales.score) if ended else None,
        measures=_measures(plan, ended, scales, grouped) if ended else {},
        behaviours=_behaviours(plan, ended, scales, grouped) if ended else {},
        behaviours_by_seat=_behaviours_by_seat(spec, ended, scales),
        seats=tuple(
            tally.seat_result(seat, player) for (seat, player), tally in sorted(tallies.items())
        ),
        episodes=tuple(
            EpisodeResult(
                episode=each.opened.episode,
                seats=each.opened.seats,
                returns=each.summary.returns,
                length=each.summary.length,
                score=score,
            )
            for each, score in zip(ended, scores, strict=True)
        ),
    )
    mean = estimate(scores, scales.score, size, numbers) if ended else None
    return result, mean, total


def interval_unit(plan: EnvironmentPlan) -> int:
    """Return the episodes per unit of an interval: those of a fair sample, or of one deal."""
    if plan.seats.seating == "duplicate":
        return len(plan.seats.players)
    return registry.get(plan.env).spec.group


def normalised_by(anchors: AnchorSet, spec: GameSpec) -> GameSpec:
    """Return a game's spec with the anchors that returns are normalised by.

    Raises:
        UsageError: they have not been measured.
    """
    if anchors == "paper":
        return spec
    try:
        return by_measured(spec, measured(spec.id))
    except NotMeasuredError as error:
        raise UsageError(str(error)) from None


def _measures(
    plan: EnvironmentPlan, ended: Sequence[Finished], scales: Scales, grouped: Grouped
) -> dict[str, Figure]:
    found = {
        measure.name: grouped(
            [measure.extract(each.summary, each.opened.measured) for each in ended],
            scales.measure(measure),
        )
        for measure in registry.get(plan.env).spec.measures
    }
    value = plug_in_value(plan, ended)
    return found if value is None else found | {PLUG_IN_VALUE: value.figure}


def plug_in_value(plan: EnvironmentPlan, ended: Sequence[Finished]) -> Mean | None:
    """The expected return of the measured policy; None unless it holds one seat against a bot."""
    policy_value = registry.get(plan.env).policy_value
    seats = plan.seats
    others = {name for seat, name in enumerate(seats.players) if seat not in seats.measured}
    if policy_value is None or len(seats.measured) != 1 or len(others) != 1:
        return None
    (opponent,) = others
    if not opponent.startswith(BOT):
        return None
    episodes = (
        PlayedEpisode(each.opened.seed, each.opened.measured[0], each.moves) for each in ended
    )
    try:
        value = policy_value(episodes, opponent.removeprefix(BOT))
    except (LookupError, ValueError):
        # The record names no bot of this game; verification reports it.
        return None
    if value is None:
        return None
    return Mean(value.mean, value.error, value.df, value.n, value.bounds)


def _behaviours(
    plan: EnvironmentPlan, ended: Sequence[Finished], scales: Scales, grouped: Grouped
) -> dict[str, Figure]:
    """Each event, summed over the model's seats."""
    return {
        event: grouped(
            counts := [each.behaviour(event, each.opened.measured) for each in ended],
            scales.behaviour(event, counts, seats=len(plan.seats.measured)),
        )
        for event in registry.get(plan.env).spec.events
    }


def _behaviours_by_seat(
    spec: GameSpec, ended: Sequence[Finished], scales: Scales
) -> dict[str, dict[str, Figure]]:
    """Each event by seat, over the episodes in which the model held that seat."""
    split: dict[str, dict[str, Figure]] = {}
    for event in spec.events:
        for seat in range(spec.seats):
            counts = [
                each.behaviour(event, [seat]) for each in ended if seat in each.opened.measured
            ]
            if counts:
                scale = scales.behaviour(event, counts)
                split.setdefault(event, {})[str(seat)] = figure(counts, scale)
    return split


def finished(lines: Sequence[JournalRecord]) -> Finished | None:
    """Return an episode from its journal; None if it has not ended."""
    if not lines:
        return None
    opened, closed = lines[0], lines[-1]
    if not isinstance(opened, EpisodeOpened) or not isinstance(closed, EpisodeClosed):
        return None
    moves = tuple(
        move for line in lines if isinstance(line, Step) for _, move in sorted(line.moves.items())
    )
    return Finished(opened, EpisodeSummary(closed.returns, closed.length, closed.events), moves)
