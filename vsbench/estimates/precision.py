"""Precision to expect of a score from a number of episodes or samples.

Variances are those of the shipped spreads, or of the user's own earlier runs shrunk towards them
(:mod:`vsbench.scoring.intervals`). ``docs/PLANNING.md`` gives the formulas.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from statistics import fmean

from vsbench.datasets.published import PublishedSet
from vsbench.datasets.samples import Dataset
from vsbench.estimates.learning import Part
from vsbench.records.bounds import MAX_EPISODES
from vsbench.records.manifest import EnvironmentPlan, SamplePlan
from vsbench.records.results import FEW, EnvironmentResult, Figure, SampleResult
from vsbench.scoring.differences import detectable
from vsbench.scoring.episodes import Scales, interval_unit
from vsbench.scoring.intervals import (
    PRIOR_DF,
    Mean,
    Z,
    group_means,
    mean_of_means,
    t_quantile,
    wilson,
)
from vsbench.scoring.results import PERCENT
from vsbench.settings import Evaluation
from vsbench_envs import registry

PERCENT_BOUNDS = (0.0, 100.0)

EVEN = 0.5
"""Share of wins or right answers that is assumed before any is known; it needs the most units."""

PAIRED_SPREAD = math.sqrt(1.5)
"""Expected standard deviation of the difference of paired units, as a multiple of that of a unit:
a correlation of a quarter between episodes of the same seed."""

WITHIN = 2.0
"""Assumed variance between the samples of a recorded episode, over that between such episodes."""


class Score(ABC):
    """The score of one environment, as a function of its episodes or samples."""

    evaluation: Evaluation
    env: str
    step: int
    """Counts are multiples of this, so that deals and seats are balanced."""
    least: int
    """Least count of a plan: fewer units are marked as few."""
    most: int
    """Greatest count that a run takes."""
    runs: int
    """Earlier runs that the variance is learnt from."""

    @abstractmethod
    def mean(self, count: int) -> Mean:
        """The score as it is expected to be known from so many episodes or samples."""

    def half_width(self, count: int) -> float:
        """Expected half-width of the 95 % interval, in points, before it is cut to bounds."""
        return half_width(self.mean(count))

    @property
    def spread(self) -> float:
        """Standard deviation that is expected of a single episode or sample, in points."""
        return self.mean(self.most).error * math.sqrt(self.most)

    def round(self, count: float) -> int:
        """Round up to a count that can be planned."""
        whole = self.step * math.ceil(count / self.step - 1e-9)
        return min(max(whole, self.least), self.most)


def half_width(mean: Mean) -> float:
    """Half-width of a t interval."""
    return t_quantile(mean.df) * mean.error


def detectable_effect(means: Sequence[Mean], *, paired: bool) -> float:
    """The drop of a score, or of the mean of several, that a comparison finds.

    With 80 % probability at one-sided 5 %, if both runs have as many units. Units of the same seed
    are paired; see :data:`PAIRED_SPREAD`.
    """
    differences = [
        replace(mean, error=PAIRED_SPREAD * mean.error)
        if paired
        # Of two runs that vary as much, by Welch (1947).
        else replace(mean, error=math.sqrt(2) * mean.error, df=2 * mean.df)
        for mean in means
    ]
    return detectable(mean_of_means(differences))


class EpisodeScore(Score):
    """The score of a game, over groups of episodes.

    Args:
        plan: of the environment; its players and seats count.
        earlier: results of comparable runs.
    """

    evaluation: Evaluation = "decision"

    def __init__(self, plan: EnvironmentPlan, earlier: Sequence[Part] = ()) -> None:
        spec = registry.get(plan.env).spec
        self.env = plan.env
        self._group = interval_unit(plan)
        self._scale = Scales(spec).score
        rotation = len(plan.seats.players) if plan.seats.seating != "fixed" else 1
        self.step = math.lcm(self._group, rotation)
        self.least = self.step * math.ceil(FEW * self._group / self.step)
        self.most = MAX_EPISODES - MAX_EPISODES % self.step
        samples = [
            group_means(scores, self._group, numbers)
            for part in earlier
            if isinstance(part, EnvironmentResult) and part.episodes
            for numbers, scores in [
                zip(*sorted((each.episode, each.score) for each in part.episodes), strict=True)
            ]
            if all(map(math.isfinite, scores))
        ]
        units = [found for found, size in samples if size == self._group]
        self.runs = len(units)
        self._prior = self._scale.of_groups(self._group) ** 2
        if self._scale.binary:
            low, high = self._scale.bounds
            wins = [(score - low) / (high - low) for found in units for score in found]
            # Half a win and half a loss more, so that no share is certain.
            self._share = (sum(wins) + EVEN) / (len(wins) + 1)
            self._variance = (high - low) ** 2 * self._share * (1 - self._share)
        else:
            squares = sum(sum((x - fmean(found)) ** 2 for x in found) for found in units)
            df = sum(len(found) - 1 for found in units)
            self._variance = (PRIOR_DF * self._prior + squares) / (PRIOR_DF + df)

    def mean(self, count: int) -> Mean:
        """The score as it is expected to be known from so many episodes."""
        n = max(1, count // self._group)
        df = PRIOR_DF + n - 1
        variance = (PRIOR_DF * self._prior + (n - 1) * self._variance) / df
        return Mean(0.0, math.sqrt(variance / n), df, n)

    def half_width(self, count: int) -> float:
        """Expected half-width: Wilson's for wins and losses, otherwise that of shrunk t."""
        if not self._scale.binary:
            return super().half_width(count)
        low, high = self._scale.bounds
        return (high - low) * _half(wilson(self._share, max(1, count // self._group)))


class SampleScore(Score):
    """The score of an environment's samples, which are from recorded episodes.

    Args:
        evaluation: reasoning or perception.
        env: environment id.
        plan: the samples.
        dataset: that they are from.
        earlier: results of comparable runs.
    """

    step = 1

    def __init__(
        self,
        evaluation: Evaluation,
        env: str,
        plan: SamplePlan,
        dataset: Dataset | PublishedSet,
        earlier: Sequence[Part] = (),
    ) -> None:
        self.evaluation = evaluation
        self.env = env
        self._plan = plan
        self._dataset = dataset
        self._earlier = [
            (part, part.score)
            for part in earlier
            if isinstance(part, SampleResult) and part.score is not None and part.score.n > 0
        ]
        self.runs = len(self._earlier)
        self.most = min(plan.size, MAX_EPISODES)
        self.least = min(FEW, self.most)
        self._clusters = lru_cache(maxsize=None)(self._count_clusters)

    def _count_clusters(self, count: int) -> tuple[int, int]:
        """Recorded episodes among the samples used, and strata of them."""
        numbers = self._plan.model_copy(update={"count": count}).numbers
        if isinstance(self._dataset, PublishedSet):
            return len(numbers), 1
        sources: dict[Hashable, set[str]] = {}
        for number in numbers:
            sample = self._dataset.samples[number]
            sources.setdefault(sample.episode, set()).add(sample.source)
        return len(sources), len(set(map(frozenset, sources.values())))

    def _df(self, count: int) -> float:
        clusters, strata = self._clusters(count)
        return PRIOR_DF + max(0, clusters - strata)

    def _per_cluster(self, count: int) -> float:
        """Mean number of samples from a recorded episode."""
        return count / self._clusters(count)[0]

    def _asked(self, part: SampleResult) -> int:
        """The samples of an earlier run, as many as this set has at most."""
        return max(1, min(part.scored, self.most))


class Accuracy(SampleScore):
    """The accuracy of predictions: Wilson's interval with a design effect."""

    @cached_property
    def _share(self) -> float:
        n = sum(score.n for _, score in self._earlier)
        right = sum(score.n * score.mean / 100 for _, score in self._earlier)
        return (right + EVEN) / (n + 1)

    @cached_property
    def _correlation(self) -> float:
        """Of answers about one recorded episode; 0 before any run."""
        found = [
            (score.n / effective_size(score.mean / 100, (score.high - score.low) / 200) - 1)
            / (self._per_cluster(self._asked(part)) - 1)
            for part, score in self._earlier
            if self._per_cluster(self._asked(part)) > 1
        ]
        return min(1.0, max(0.0, fmean(found))) if found else 0.0

    def design_effect(self, count: int) -> float:
        """Factor by which clusters raise the variance (Kish, 1965)."""
        return 1 + (self._per_cluster(count) - 1) * self._correlation

    def mean(self, count: int) -> Mean:
        """The accuracy as it is expected to be known from so many samples."""
        half = 100 * _half(wilson(self._share, count, self.design_effect(count)))
        return Mean(0.0, half / Z, self._df(count), count, PERCENT_BOUNDS)

    def half_width(self, count: int) -> float:
        """Half-width of Wilson's interval."""
        return Z * self.mean(count).error


class PerceptionScore(SampleScore):
    """The share of elements named correctly: t over recorded episodes."""

    @cached_property
    def _between(self) -> float:
        """Variance between recorded episodes with many samples each."""
        found = []
        for part, score in self._earlier:
            # The other end may be cut to the bounds.
            half = max(score.mean - score.low, score.high - score.mean)
            variance = score.n * (half / t_quantile(PRIOR_DF + score.n - 1)) ** 2
            found.append(variance / self._factor(self._asked(part)))
        return fmean(found) if found else PERCENT.spread**2 / self._factor(self.most)

    def _factor(self, count: int) -> float:
        """Variance between means of recorded episodes' samples, over that with many samples."""
        return 1 + WITHIN / self._per_cluster(count)

    def mean(self, count: int) -> Mean:
        """The score as it is expected to be known from so many samples."""
        clusters, _ = self._clusters(count)
        df = self._df(count)
        variance = self._between * self._factor(count)
        variance = (PRIOR_DF * PERCENT.spread**2 + (df - PRIOR_DF) * variance) / df
        return Mean(0.0, math.sqrt(variance / clusters), df, clusters, PERCENT_BOUNDS)


def effective_size(share: float, half: float) -> float:
    """Return the number of independent answers with this half-width of Wilson's interval.

    Args:
        share: of right answers.
        half: half-width, 0 to 1.
    """
    least, most = 0.1, 1e9
    for _ in range(100):
        middle = math.sqrt(least * most)
        # A design effect stands for a number that is not whole.
        if _half(wilson(share, 1, 1 / middle)) > half:
            least = middle
        else:
            most = middle
    return least


def _half(figure: Figure) -> float:
    return (figure.high - figure.low) / 2
