"""Compute a run's results from its journals: episodes, samples, and their means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.protocols import standing_of
from vsbench.records.chain import Head
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    OUTCOMES,
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    Fault,
    JournalRecord,
    SampleOpened,
    Verdict,
)
from vsbench.records.journals import JournalFiles, Journals
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.results import (
    AnchorSet,
    EnvironmentResult,
    EpisodeResult,
    Figure,
    Results,
    SampleResult,
)
from vsbench.scoring.intervals import blocks, figure, mean_figure, wilson
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.anchors import by_measured, measured
from vsbench_envs.errors import NotMeasuredError
from vsbench_envs.spec import EpisodeSummary, GameSpec

THIRDS = ("first", "second", "last")
MISREAD = 20
"""Number of confusions listed in results."""


@dataclass(frozen=True)
class Judged:
    """A sample and its verdict."""

    opened: SampleOpened
    verdict: Verdict

    @property
    def percent(self) -> float:
        """The credit in percent."""
        return 100 * self.verdict.credit


def judged(journals: Iterable[Sequence[JournalRecord]]) -> tuple[list[Judged], Tally]:
    """Return the samples that have a verdict, and the tally of all samples."""
    done, tally = [], Tally()
    for lines in journals:
        for line in lines:
            tally.add(line)
        if lines and isinstance(lines[0], SampleOpened) and isinstance(lines[-1], Verdict):
            done.append(Judged(lines[0], lines[-1]))
    return done, tally


def score_samples(
    evaluation: Evaluation, env: str, planned: int, done: Sequence[Judged], tally: Tally
) -> SampleResult:
    """Compute the figures of one environment's samples."""
    reasoning = evaluation == "reasoning"

    def share(samples: Sequence[Judged]) -> Figure:
        if reasoning:
            return wilson([sample.verdict.credit for sample in samples])
        return figure([sample.percent for sample in samples])

    def split(by: Callable[[SampleOpened], str | int | None]) -> dict[str, Figure]:
        parts: dict[str, list[Judged]] = {}
        for sample in done:
            if (part := by(sample.opened)) is not None:
                parts.setdefault(str(part), []).append(sample)
        return {name: share(parts[name]) for name in sorted(parts)}

    chances = [s.verdict.chance for s in done if s.verdict.chance is not None]
    outcomes = Counter(sample.verdict.outcome for sample in done)
    confusions = Counter(pair for s in done for pair in s.verdict.misread.values())
    return SampleResult(
        evaluation="reasoning" if reasoning else "perception",
        env=env,
        planned=planned,
        finished=len(done),
        score=share(done) if done else None,
        chance=100 * sum(chances) / len(chances) if chances else None,
        by_source=split(lambda opened: opened.source),
        by_seat=split(lambda opened: opened.target),
        by_third=split(lambda opened: None if opened.third is None else THIRDS[opened.third]),
        unusable={name: outcomes[name] for name in OUTCOMES if name != "ok" and outcomes[name]},
        misread=tuple((*pair, times) for pair, times in confusions.most_common(MISREAD)),
        usage=tally.usage,
    )


NOTHING_READ = Head()


def results_of(directory: Path, manifest: Manifest, anchors: AnchorSet = "paper") -> Results:
    """Compute the results of a run so far from its directory.

    Raises:
        UsageError: a journal is damaged, or the anchors of a game have not been measured.
    """
    journals = JournalFiles(directory, manifest)
    results = score(manifest, journals, anchors)
    # Scoring has read all journals, so their seals are known.
    return results.model_copy(update={"head": journals.chain().head})


def score(
    manifest: Manifest,
    journals: Journals,
    anchors: AnchorSet = "paper",
    head: Head = NOTHING_READ,
) -> Results:
    """Compute the results of a run so far. Journals are read one after the other.

    Raises:
        UsageError: a journal has other players than the plan.
    """
    environments, samples = [], []
    overall: dict[Evaluation, Figure | None] = {}
    total = Tally()
    for evaluation in manifest.evaluations:
        scores: list[list[float]] = []
        units: list[list[float]] = []
        for plan in manifest.environments:
            lines = (
                journals[key]
                for number in plan.numbers(evaluation)
                if (key := UnitKey(evaluation, plan.env, number)) in journals
            )
            if evaluation == "decision":
                played, tally = score_episodes(plan, lines, anchors)
                environments.append(played)
                scores.append([episode.score for episode in played.episodes])
                numbers = [episode.episode for episode in played.episodes]
                units.append(blocks(scores[-1], interval_unit(plan), numbers))
            elif plan.samples is not None:
                done, tally = judged(lines)
                samples.append(score_samples(evaluation, plan.env, plan.samples.count, done, tally))
                scores.append([sample.percent for sample in done])
                units.append(scores[-1])
            else:
                continue
            total.merge(tally)
        overall[evaluation] = mean_figure(scores, units) if scores and all(scores) else None
    return Results(
        model=manifest.model,
        model_settings=manifest.model_settings,
        in_force=manifest.models.get(manifest.model),
        standing=standing_of(manifest),
        anchors=anchors,
        head=head,
        complete=all(env.finished == env.planned for env in environments)
        and all(part.finished == part.planned for part in samples),
        overall=overall,
        environments=tuple(environments),
        samples=tuple(samples),
        usage=total.usage,
    )


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
    journals: Iterable[Sequence[JournalRecord]],
    anchors: AnchorSet = "paper",
) -> tuple[EnvironmentResult, Tally]:
    """Compute the figures of one environment's episodes, and their tally."""
    spec = normalised_by(anchors, registry.get(plan.env).spec)
    tallies: dict[tuple[int, str], Tally] = {}
    ended = []
    for lines in journals:
        check_players(plan, lines)
        count_by_seat(lines, tallies)
        if (pair := finished(lines)) is not None:
            ended.append(pair)
    total = Tally()
    for tally in tallies.values():
        total.merge(tally)
    numbers = [opened.episode for opened, _ in ended]
    grouped = partial(figure, group=interval_unit(plan), numbers=numbers)
    episodes, summaries = [], []
    for opened, summary in ended:
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
    result = EnvironmentResult(
        env=plan.env,
        planned=plan.episodes,
        finished=len(episodes),
        score=grouped([e.score for e in episodes]) if episodes else None,
        measures={
            measure.name: grouped([measure.extract(*pair) for pair in summaries])
            for measure in spec.measures
            if summaries
        },
        behaviours=_behaviours(spec, summaries, grouped),
        behaviours_by_seat=_behaviours_by_seat(spec, ended, interval_unit(plan)),
        seats=tuple(
            tally.seat_result(seat, player) for (seat, player), tally in sorted(tallies.items())
        ),
        episodes=tuple(episodes),
    )
    return result, total


def interval_unit(plan: EnvironmentPlan) -> int:
    """Return the episodes per unit of an interval: those of a published run, or of one deal."""
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


def _behaviours(
    spec: GameSpec,
    summaries: Sequence[tuple[EpisodeSummary, Sequence[int]]],
    grouped: Callable[[list[float]], Figure],
) -> dict[str, Figure]:
    return {
        event: grouped(
            [
                sum(summary.events.get(event, (0,) * spec.seats)[seat] for seat in mine)
                for summary, mine in summaries
            ]
        )
        for event in spec.events
        if summaries
    }


def _behaviours_by_seat(
    spec: GameSpec, ended: Sequence[tuple[EpisodeOpened, EpisodeSummary]], group: int
) -> dict[str, dict[str, Figure]]:
    """Compute event -> seat -> figure, over the episodes in which the model held that seat."""
    split: dict[str, dict[str, Figure]] = {}
    for event in spec.events:
        for seat in range(spec.seats):
            held = [pair for pair in ended if seat in pair[0].measured]
            if held:
                counts = [
                    float(summary.events.get(event, (0,) * spec.seats)[seat]) for _, summary in held
                ]
                numbers = [opened.episode for opened, _ in held]
                split.setdefault(event, {})[str(seat)] = figure(counts, group, numbers)
    return split


def finished(lines: Sequence[JournalRecord]) -> tuple[EpisodeOpened, EpisodeSummary] | None:
    """Return the opening and the summary of an episode; None if it has not ended."""
    if not lines:
        return None
    opened, closed = lines[0], lines[-1]
    if not isinstance(opened, EpisodeOpened) or not isinstance(closed, EpisodeClosed):
        return None
    return opened, EpisodeSummary(closed.returns, closed.length, closed.events)
