"""Results from journals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vsbench.records.files import journal_keys, read_journal
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    Fault,
    JournalRecord,
)
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.results import EnvironmentResult, EpisodeResult, Figure, Results
from vsbench.scoring.intervals import figure, mean_figure
from vsbench.scoring.tally import Tally
from vsbench_envs import registry
from vsbench_envs.spec import EpisodeSummary, GameSpec

Journals = Mapping[str, Sequence[Sequence[JournalRecord]]]
"""By environment: the lines of each episode, finished or not, in order of episode."""


def results_of(directory: Path, manifest: Manifest) -> Results:
    """The figures that a run directory's journals amount to, as far as the run has come.

    Raises:
        UsageError: a journal is damaged.
    """
    journals: dict[str, list[Sequence[JournalRecord]]] = {}
    for key in journal_keys(directory, manifest, "decision"):
        journals.setdefault(key.env, []).append(read_journal(key.path(directory)))
    return score(manifest, journals)


def score(manifest: Manifest, journals: Journals) -> Results:
    """The figures of a run, as far as it has come."""
    environments = []
    everything = Tally()
    for plan in manifest.environments:
        tallies: dict[tuple[int, str], Tally] = {}
        for lines in journals.get(plan.env, ()):
            count_by_seat(lines, tallies)
        for tally in tallies.values():
            everything.merge(tally)
        environments.append(_environment(plan, journals.get(plan.env, ()), tallies))
    scored = [env for env in environments if env.episodes]
    overall = None
    if environments and len(scored) == len(environments):
        overall = mean_figure(
            [[episode.score for episode in env.episodes] for env in scored],
            [registry.get(env.env).spec.group for env in scored],
        )
    return Results(
        model=manifest.model,
        complete=all(env.finished == env.planned for env in environments),
        overall=overall,
        environments=tuple(environments),
        usage=everything.usage,
    )


def count_by_seat(lines: Iterable[JournalRecord], tallies: dict[tuple[int, str], Tally]) -> None:
    """Add an episode's lines to the tallies of its seats and the players in them."""
    seats: tuple[str, ...] = ()
    for line in lines:
        match line:
            case EpisodeOpened():
                seats = line.seats
            case Attempt() | Decision() | Fault():
                key = (line.seat, seats[line.seat])
                tallies.setdefault(key, Tally()).add(line)


def _environment(
    plan: EnvironmentPlan,
    journals: Sequence[Sequence[JournalRecord]],
    tallies: Mapping[tuple[int, str], Tally],
) -> EnvironmentResult:
    spec = registry.get(plan.env).spec
    finished = [pair for lines in journals if (pair := _finished(lines)) is not None]
    episodes, summaries = [], []
    for opened, summary in finished:
        summaries.append((summary, opened.measured))
        episodes.append(
            EpisodeResult(
                episode=opened.episode,
                seats=opened.seats,
                returns=summary.returns,
                length=summary.length,
                score=spec.score(summary, opened.measured),
            )
        )
    return EnvironmentResult(
        env=plan.env,
        planned=plan.episodes,
        finished=len(episodes),
        score=figure([e.score for e in episodes], spec.group) if episodes else None,
        measures={
            measure.name: figure([measure.extract(*pair) for pair in summaries], spec.group)
            for measure in spec.measures
            if summaries
        },
        behaviours=_behaviours(spec, summaries),
        seats=tuple(
            tally.seat_result(seat, player) for (seat, player), tally in sorted(tallies.items())
        ),
        episodes=tuple(episodes),
    )


def _behaviours(
    spec: GameSpec, summaries: Sequence[tuple[EpisodeSummary, Sequence[int]]]
) -> dict[str, Figure]:
    return {
        event: figure(
            [
                sum(summary.events.get(event, (0,) * spec.seats)[seat] for seat in mine)
                for summary, mine in summaries
            ],
            spec.group,
        )
        for event in spec.events
        if summaries
    }


def _finished(lines: Sequence[JournalRecord]) -> tuple[EpisodeOpened, EpisodeSummary] | None:
    if not lines:
        return None
    opened, closed = lines[0], lines[-1]
    if not isinstance(opened, EpisodeOpened) or not isinstance(closed, EpisodeClosed):
        return None
    return opened, EpisodeSummary(closed.returns, closed.length, closed.events)
