"""Results from journals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.protocols import standing_of
from vsbench.records.chain import Head
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    Fault,
    JournalRecord,
)
from vsbench.records.journals import JournalFiles, Journals
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.results import (
    AnchorSet,
    EnvironmentResult,
    EpisodeResult,
    Figure,
    Results,
)
from vsbench.scoring.intervals import blocks, figure, mean_figure
from vsbench.scoring.samples import judged, score_samples
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.anchors import by_measured, measured
from vsbench_envs.errors import NotMeasuredError
from vsbench_envs.spec import EpisodeSummary, GameSpec

NOTHING_READ = Head()


def results_of(directory: Path, manifest: Manifest, anchors: AnchorSet = "paper") -> Results:
    """The figures that a run directory's journals amount to, as far as the run has come.

    Raises:
        UsageError: a journal is damaged, or nobody has measured a game's anchors.
    """
    journals = JournalFiles(directory, manifest)
    results = score(manifest, journals, anchors)
    # By now the journals have been read, and their places in the chain are known.
    return results.model_copy(update={"head": journals.chain().head})


def score(
    manifest: Manifest,
    journals: Journals,
    anchors: AnchorSet = "paper",
    head: Head = NOTHING_READ,
) -> Results:
    """The figures of a run, as far as it has come. Journals are read one after the other.

    Raises:
        UsageError: a journal is of other players than the plan's.
    """
    environments, samples = [], []
    overall: dict[Evaluation, Figure | None] = {}
    everything = Tally()
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
            everything.merge(tally)
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
        usage=everything.usage,
    )


def check_players(plan: EnvironmentPlan, lines: Sequence[JournalRecord]) -> None:
    """Raise UsageError if an episode was begun by others than those of the plan."""
    opened = lines[0] if lines else None
    if isinstance(opened, EpisodeOpened) and (
        sorted(opened.seats) != sorted(plan.seats.players)
        or len(opened.measured) != len(plan.seats.measured)
    ):
        raise UsageError(
            f"{plan.env}/{opened.episode} was played by others than run.json says; "
            "vsbench replay says more"
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


def score_episodes(
    plan: EnvironmentPlan,
    journals: Iterable[Sequence[JournalRecord]],
    anchors: AnchorSet = "paper",
) -> tuple[EnvironmentResult, Tally]:
    """The figures of one environment's episodes, and the calls that they took."""
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
    """Episodes that intervals take together: a published run's, or those of one deal."""
    if plan.seats.seating == "duplicate":
        return len(plan.seats.players)
    return registry.get(plan.env).spec.group


def normalised_by(anchors: AnchorSet, spec: GameSpec) -> GameSpec:
    """A game's facts with the anchors that returns are to be normalised by.

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
    """Each event by seat, over the episodes in which the model held that seat."""
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
    """How an episode began and ended; None if it has not ended."""
    if not lines:
        return None
    opened, closed = lines[0], lines[-1]
    if not isinstance(opened, EpisodeOpened) or not isinstance(closed, EpisodeClosed):
        return None
    return opened, EpisodeSummary(closed.returns, closed.length, closed.events)
