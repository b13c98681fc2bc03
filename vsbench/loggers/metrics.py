"""Running figures of a run, from its journal records."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import takewhile

from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    EpisodeClosed,
    EpisodeOpened,
    JournalRecord,
    SampleOpened,
    Verdict,
)
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.results import Figure
from vsbench.scoring.episodes import Scales, interval_unit
from vsbench.scoring.intervals import figure
from vsbench.scoring.results import Judged, sample_score, strata_of
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.spec import EpisodeSummary


class RunMetrics:
    """Counts records and scores finished episodes and samples."""

    def __init__(self, manifest: Manifest) -> None:
        self._plans = {plan.env: plan for plan in manifest.environments}
        self._tally = Tally()
        self._opened: dict[UnitKey, EpisodeOpened | SampleOpened] = {}
        """Of units that are not finished."""
        self._scores: dict[str, dict[int, float]] = {}
        """Environment -> number of each finished episode -> its score."""
        self._judged: dict[tuple[Evaluation, str], dict[int, Judged]] = {}
        """Evaluation and environment -> number of each sample with a verdict -> the sample."""

    def add(self, key: UnitKey, record: JournalRecord) -> bool:
        """Count a record; return whether it ends an episode or sample."""
        self._tally.add(record)
        match record:
            case EpisodeOpened() | SampleOpened():
                self._opened[key] = record
            case EpisodeClosed():
                opened = self._opened.pop(key)
                if isinstance(opened, EpisodeOpened):
                    summary = EpisodeSummary(record.returns, record.length, record.events)
                    score = registry.get(key.env).spec.score(summary, opened.measured)
                    self._scores.setdefault(key.env, {})[key.number] = score
                return True
            case Verdict():
                asked = self._opened.pop(key)
                if isinstance(asked, SampleOpened):
                    part = self._judged.setdefault((key.evaluation, key.env), {})
                    part[key.number] = Judged(asked, record)
                return True
        return False

    @property
    def replies(self) -> int:
        """Replies so far: the step of all metrics."""
        return self._tally.attempts.total()

    def snapshot(self) -> dict[str, float]:
        """All metrics by name. Scores come with the ends of their 95 % intervals."""
        tally = self._tally
        decisions, replies = tally.decisions.total(), self.replies
        found: dict[str, float] = {
            "progress/replies": replies,
            "progress/episodes": sum(map(len, self._scores.values())),
            "progress/samples": sum(map(len, self._judged.values())),
            "tokens/input": tally.tokens["input"],
            "tokens/output": tally.tokens["output"],
            "tokens/reasoning": tally.tokens["reasoning"],
            "faults": tally.faults.total(),
            **{f"outcomes/{outcome}": n for outcome, n in tally.decisions.items()},
        }
        if tally.cost is not None:
            found["cost/usd"] = tally.cost
        if billed := replies - tally.from_cache:
            found["latency/mean_s"] = tally.latency / billed
        if decisions:
            found["outcomes/stand_in_share"] = 1 - tally.decisions["ok"] / decisions
        for name, score in self._figures():
            found |= with_bounds(f"score/{name}", score.mean, score.low, score.high)
        return found

    def _figures(self) -> Iterator[tuple[str, Figure]]:
        for env, scores in self._scores.items():
            plan = self._plans[env]
            if numbers := _prefix(plan, "decision", scores):
                scale = Scales(registry.get(env).spec).score
                values = [scores[number] for number in numbers]
                yield f"decision/{env}", figure(values, scale, interval_unit(plan), numbers)
        for (evaluation, env), judged in self._judged.items():
            plan = self._plans[env]
            if samples := [judged[number] for number in _prefix(plan, evaluation, judged)]:
                strata = strata_of(plan, samples)
                yield f"{evaluation}/{env}", sample_score(evaluation, samples, strata)[0]


def _prefix(plan: EnvironmentPlan, evaluation: Evaluation, finished: Container[int]) -> list[int]:
    """The numbers before the first unfinished one, which figures are over, ascending."""
    return sorted(takewhile(finished.__contains__, plan.order(evaluation)))


def with_bounds(name: str, value: float, low: float, high: float) -> dict[str, float]:
    """A figure as three metrics: the value and the ends of its interval."""
    return {name: value, f"{name}.low": low, f"{name}.high": high}
