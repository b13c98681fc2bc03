"""Play a run in batches, look after each, and stop as soon as the verdict is certain.

All decisions follow from the journals: a run that was killed repeats its looks over the episodes
that it has, and goes on with the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vsbench.ci.attempts import Job, Work
from vsbench.ci.config import CISettings
from vsbench.ci.verdicts import Played, level_of_look, tolerance_of
from vsbench.errors import Exit
from vsbench.records.files import UnitKey
from vsbench.records.journal import Attempt
from vsbench.records.results import Results
from vsbench.runner import runs
from vsbench.runner.budget import Budget
from vsbench.runner.observer import Observer
from vsbench.runner.schedule import Until
from vsbench.scoring.comparison import ComparedRun
from vsbench.scoring.episodes import Scales, interval_unit
from vsbench.scoring.gate import GAME_TOLERANCE
from vsbench.scoring.sequential import Look, Series, look, next_batch
from vsbench_envs import registry


def why_not(job: Job) -> str:
    """Why a run cannot be compared episode by episode with its baseline; empty if it can."""
    if job.baseline.directory is None:
        return "there is no baseline yet"
    base = ComparedRun.open(job.baseline.directory, job.baseline.source)
    if not _paired_games(base, job):
        return "it has no episodes in common with the baseline"
    if base.manifest.seed != job.manifest.seed:
        return f"the baseline has another seed, {base.manifest.seed}"
    return ""


async def play_in_batches(work: Work, job: Job, observer: Observer, budget: Budget) -> Played:
    """Play a run until its verdict is certain, or to its end. Samples are all asked at first.

    Raises:
        UsageError: the run cannot begin, or the baseline is damaged.
    """
    if why_not(job):
        (report,) = await runs.play([job.prepared()], work.settings, observer, budget)
        return Played(report)
    assert job.baseline.directory is not None
    base = ComparedRun.open(job.baseline.directory, job.baseline.source)
    games = _paired_games(base, job)
    seen: Look | None = None
    found = {name: game.series({}, 0) for name, game in games.items()}
    while True:
        aims = next_batch(found)
        until: Until = {("decision", name): aim for name, aim in aims.items()}
        (report,) = await runs.play([job.prepared()], work.settings, observer, budget, until)
        if report.exit != Exit.COMPLETE:
            return Played(report, seen)
        scores = _scores(report.results)
        found = {name: game.series(scores[name], aims[name]) for name, game in games.items()}
        seen = _look(found, job, work.config.settings)
        if seen is not None and seen.verdict is not None:
            return Played(report, seen)


@dataclass(frozen=True)
class _Game:
    """A game that both runs have."""

    base: Mapping[int, float]
    """Scores of the baseline's episodes, by number."""
    planned: int
    size: int
    cost: float
    """Of an episode, in tokens."""
    scales: Scales

    def series(self, new: Mapping[int, float], count: int) -> Series:
        """The differences of the first ``count`` episodes."""
        return Series(
            differences=[new[number] - self.base[number] for number in range(count)],
            planned=self.planned,
            scale=self.scales.score,
            size=self.size,
            cost=self.cost,
        )


def _paired_games(base: ComparedRun, job: Job) -> dict[str, _Game]:
    scores = _scores(base.results)
    return {
        plan.env: _Game(
            base=scores[plan.env],
            planned=planned,
            size=interval_unit(plan),
            cost=_tokens_per_episode(base, plan.env, planned),
            scales=Scales(registry.get(plan.env).spec),
        )
        for plan in job.manifest.environments
        if (planned := min(plan.episodes, len(scores.get(plan.env, {}))))
    }


def _scores(results: Results) -> dict[str, dict[int, float]]:
    """Game -> number of each scored episode, from 0 on, and its score."""
    return {
        part.env: {episode.episode: episode.score for episode in part.episodes}
        for part in results.environments
    }


def _tokens_per_episode(base: ComparedRun, env: str, count: int) -> float:
    """The mean tokens of the baseline's episodes; 1 where none are recorded."""
    tokens = sum(
        line.usage.input + line.usage.output
        for number in range(count)
        for line in base.journals[UnitKey("decision", env, number)]
        if isinstance(line, Attempt)
    )
    return tokens / count or 1.0


def _look(games: Mapping[str, Series], job: Job, settings: CISettings) -> Look | None:
    return look(
        games,
        tolerance=tolerance_of("decision", settings),
        game_tolerance=settings.game_tolerance.get("decision", GAME_TOLERANCE),
        detect=settings.detect.get("decision"),
        level=level_of_look(job.manifest.evaluations),
    )
