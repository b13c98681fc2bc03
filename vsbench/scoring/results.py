"""Compute a run's results from its journals: episodes, samples, and their means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vsbench.protocols import standing_of
from vsbench.records.chain import Head
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    OUTCOMES,
    JournalRecord,
    SampleOpened,
    Verdict,
)
from vsbench.records.journals import JournalFiles, Journals
from vsbench.records.manifest import SHIPPED, EnvironmentPlan, Manifest
from vsbench.records.results import (
    AnchorSet,
    Figure,
    Progress,
    Results,
    SampleResult,
)
from vsbench.scoring.episodes import score_episodes
from vsbench.scoring.intervals import Mean, Scale, accuracy, clustered, mean_of_means
from vsbench.scoring.prefix import Prefix
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation

THIRDS = ("first", "second", "last")
MISREAD = 20
"""Number of confusions listed in results."""

PERCENT = Scale(spread=20.0, bounds=(0.0, 100.0))
"""Shares of elements named correctly: prior standard deviation between recorded episodes."""


@dataclass(frozen=True)
class Judged:
    """A sample and its verdict."""

    opened: SampleOpened
    verdict: Verdict

    @property
    def percent(self) -> float:
        """The credit in percent."""
        return 100 * self.verdict.credit

    @property
    def cluster(self) -> Hashable:
        """The recorded episode, whose samples are correlated; the sample if it is not known."""
        if self.opened.episode is None:
            return "sample", self.opened.sample
        return "episode", self.opened.episode


def judged(
    journals: Iterable[tuple[int, Sequence[JournalRecord]]],
) -> tuple[list[Judged], Progress, Tally]:
    """Return the samples that figures are over by number, how many there are, and the tally of all.

    Args:
        journals: the number and the lines of each sample, in the order in which they are asked; no
            lines if it is not begun.
    """
    prefix, tally = Prefix[Judged](), Tally()
    for number, lines in journals:
        for line in lines:
            tally.add(line)
        prefix.add(number, lines, _judged(lines))
    by_number = sorted(prefix.scored, key=lambda sample: sample.opened.sample)
    return by_number, prefix.progress, tally


def _judged(lines: Sequence[JournalRecord]) -> Judged | None:
    if lines and isinstance(lines[0], SampleOpened) and isinstance(lines[-1], Verdict):
        return Judged(lines[0], lines[-1])
    return None


def score_samples(
    evaluation: Evaluation,
    plan: EnvironmentPlan,
    done: Sequence[Judged],
    progress: Progress,
    tally: Tally,
) -> tuple[SampleResult, Mean | None]:
    """Compute the figures of one environment's samples, and the mean score."""
    assert plan.samples is not None
    strata = strata_of(plan, done)

    def share(samples: Sequence[Judged]) -> Figure:
        return sample_score(evaluation, samples, strata)[0]

    def split(by: Callable[[SampleOpened], str | int | None]) -> dict[str, Figure]:
        parts: dict[str, list[Judged]] = {}
        for sample in done:
            if (part := by(sample.opened)) is not None:
                parts.setdefault(str(part), []).append(sample)
        return {name: share(parts[name]) for name in sorted(parts)}

    chances = [s.verdict.chance for s in done if s.verdict.chance is not None]
    outcomes = Counter(sample.verdict.outcome for sample in done)
    confusions = Counter(pair for s in done for pair in s.verdict.misread.values())
    score, mean = sample_score(evaluation, done, strata) if done else (None, None)
    result = SampleResult(
        **dict(progress),
        evaluation="reasoning" if evaluation == "reasoning" else "perception",
        env=plan.env,
        score=score,
        chance=100 * sum(chances) / len(chances) if chances else None,
        by_source=split(lambda opened: opened.source),
        by_seat=split(lambda opened: opened.target),
        by_third=split(lambda opened: None if opened.third is None else THIRDS[opened.third]),
        unusable={name: outcomes[name] for name in OUTCOMES if name != "ok" and outcomes[name]},
        misread=tuple((*pair, times) for pair, times in confusions.most_common(MISREAD)),
        usage=tally.usage,
    )
    return result, mean


def sample_score(
    evaluation: Evaluation, samples: Sequence[Judged], strata: Mapping[Hashable, Hashable]
) -> tuple[Figure, Mean]:
    """Return the score of samples, in percent, of which there is at least one.

    Args:
        evaluation: reasoning or perception.
        samples: with their verdicts.
        strata: of each cluster; see :func:`strata_of`.
    """
    clusters = [sample.cluster for sample in samples]
    layers = [strata.get(cluster) for cluster in clusters]
    if evaluation == "reasoning":
        right = [sample.verdict.credit for sample in samples]
        return _in_percent(*accuracy(right, clusters, layers))
    mean = clustered([sample.percent for sample in samples], clusters, PERCENT, layers)
    return mean.figure, mean


def strata_of(plan: EnvironmentPlan, samples: Sequence[Judged]) -> dict[Hashable, Hashable]:
    """Recorded episode -> the sources in it, as samples of an episode may be of several seats.

    Shipped sets take a fixed number of samples of each source. Sets made from runs do not, and are
    not stratified.
    """
    if plan.samples is None or plan.samples.dataset != SHIPPED:
        return {}
    sources: dict[Hashable, set[str | None]] = {}
    for sample in samples:
        sources.setdefault(sample.cluster, set()).add(sample.opened.source)
    return {cluster: frozenset(found) for cluster, found in sources.items()}


def _in_percent(figure: Figure, mean: Mean) -> tuple[Figure, Mean]:
    shown = Figure(mean=100 * figure.mean, low=100 * figure.low, high=100 * figure.high, n=figure.n)
    return shown, replace(mean, value=shown.mean, error=100 * mean.error, bounds=(0.0, 100.0))


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
        scores: list[Figure | None] = []
        means: list[Mean] = []
        for plan in manifest.environments:
            lines = (
                (number, journals.get(UnitKey(evaluation, plan.env, number), ()))
                for number in plan.order(evaluation)
            )
            if evaluation == "decision":
                played, mean, tally = score_episodes(plan, lines, anchors)
                environments.append(played)
                found = played.score
            elif plan.samples is not None:
                done, progress, tally = judged(lines)
                asked, mean = score_samples(evaluation, plan, done, progress, tally)
                samples.append(asked)
                found = asked.score
            else:
                continue
            scores.append(found)
            means += [] if mean is None else [mean]
            total.merge(tally)
        overall[evaluation] = _overall(scores, means)
    return Results(
        model=manifest.model,
        model_settings=manifest.model_settings,
        in_force=manifest.models.get(manifest.model),
        standing=standing_of(manifest),
        anchors=anchors,
        head=head,
        complete=not any(part.pending for part in (*environments, *samples)),
        overall=overall,
        environments=tuple(environments),
        samples=tuple(samples),
        usage=total.usage,
    )


def _overall(scores: Sequence[Figure | None], means: Sequence[Mean]) -> Figure | None:
    """Return the mean over environments; None until each has something scored."""
    if not means or len(means) < len(scores):
        return None
    # The interval of a single environment may be by another method.
    return scores[0] if len(scores) == 1 else mean_of_means(means).figure
