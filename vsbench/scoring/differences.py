"""Differences between two runs: estimates, 95 % intervals, tests, and the drops they can find.

All differences are new less base. ``docs/STATISTICS.md`` gives each formula with its source and its
measured coverage.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, TypeVar

from vsbench.records.comparison import Difference, SignificanceTest
from vsbench.scoring.intervals import (
    Bounds,
    Mean,
    Scale,
    clustered,
    estimate,
    group_means,
    holm,
    mean_of_means,
    two_sided_p,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)

PAIRED_SPREAD = math.sqrt(2)
"""Prior standard deviation of the difference of paired episodes, as a multiple of that of an
episode: until there are data, the same seed is taken to make them no more alike."""

LEVEL = 0.05
"""Level of the one-sided test that finds drops."""

POWER = 0.8
"""Probability with which a drop of the detectable size is found."""

MOST_UNITS = 1_000_000
"""The largest number of units that is worth naming."""

EXACT = 30
"""Up to so many differences other than 0, all assignments of signs are counted."""

ASSIGNMENTS = 20_000
"""Random assignments of signs beyond that."""

PORTION = 1000
"""Assignments at once, to use little memory."""


@dataclass(frozen=True)
class DifferenceOfMeans:
    """The difference of two means, new less base, and its test."""

    mean: Mean
    paired: bool
    """Whether the same units are compared one by one."""
    test: SignificanceTest
    p: float
    """Two-sided, that there is no difference."""
    p_worse: float
    """One-sided, that the new one is no worse."""
    unit: int = 1
    """Episodes in a unit."""
    parts: tuple[DifferenceOfMeans, ...] = ()
    """Of a mean over games: the differences of the games."""

    @property
    def detectable(self) -> float:
        """The drop that is found with 80 % probability at one-sided 5 %."""
        return detectable(self.mean)

    def with_units(self, n: int) -> Mean:
        """The difference as it would be known from ``n`` units, for an overall one of each game."""
        if self.parts:
            return mean_of_means([part.with_units(n) for part in self.parts])
        return with_units(self.mean, n)

    def record(self, adjusted: float | None = None, drop: float | None = None) -> Difference:
        """Return the record of the difference.

        Args:
            adjusted: ``p_worse``, adjusted for all games; by default as it is.
            drop: A drop in points, above 0, for which the units needed are computed.
        """
        figure = self.mean.figure
        return Difference(
            value=figure.mean,
            low=figure.low,
            high=figure.high,
            error=self.mean.error,
            df=self.mean.df,
            n=self.mean.n,
            unit=self.unit,
            paired=self.paired,
            test=self.test,
            p=self.p,
            p_worse=self.p_worse,
            p_worse_adjusted=self.p_worse if adjusted is None else adjusted,
            detectable=self.detectable,
            needed=None if drop is None else units_needed(self, drop),
        )


def of_episodes(
    base: Mapping[int, float],
    new: Mapping[int, float],
    scale: Scale,
    size: int = 1,
    *,
    same_seeds: bool,
) -> DifferenceOfMeans | None:
    """Estimate the difference of figures of episodes.

    With the same seeds, episodes are paired by their numbers: the shrunk t interval of the
    differences, tested by their signs. Otherwise the runs are independent, and both are by Welch
    (1947) from their shrunk variances.

    Args:
        base: Number of an episode -> its figure in the base run.
        new: The same in the new run.
        scale: Prior spread and bounds of the figure.
        size: Episodes in a unit; see :func:`vsbench.scoring.intervals.group_means`.
        same_seeds: Whether episodes of the same number are the same deal with the same seating.

    Returns:
        The difference; None if there is nothing to compare.
    """
    if not same_seeds:
        if not base or not new:
            return None
        found = [
            estimate([run[number] for number in sorted(run)], scale, size, sorted(run))
            for run in (base, new)
        ]
        return replace(of_estimates(*found), unit=size)
    numbers = sorted(base.keys() & new.keys())
    if not numbers:
        return None
    differences = [new[number] - base[number] for number in numbers]
    return paired(*group_means(differences, size, numbers), scale)


def paired(units: Sequence[float], size: int, scale: Scale) -> DifferenceOfMeans:
    """Estimate the mean of paired differences by the shrunk t interval, and test it by their signs.

    Args:
        units: Mean differences of units, at least one.
        size: Episodes in a unit.
        scale: Prior spread and bounds of the figure that differs.
    """
    mean = paired_mean(units, size, scale)
    return DifferenceOfMeans(mean, True, "sign-flip", *sign_flip(units), size)


def paired_mean(units: Sequence[float], size: int, scale: Scale) -> Mean:
    """Estimate the mean of paired differences by the shrunk t interval, without the test."""
    spread = PAIRED_SPREAD * scale.of_groups(size)
    return estimate(units, Scale(spread, _differing(scale.bounds, scale.bounds)))


def of_answers(
    base: Mapping[K, float],
    new: Mapping[K, float],
    clusters: Mapping[K, Hashable],
    strata: Mapping[Hashable, Hashable] | None = None,
    *,
    scale: Scale,
    binary: bool,
) -> DifferenceOfMeans | None:
    """Estimate the difference of credits for the same answers, in percent.

    Right or wrong answers: the exact test of McNemar (1947), and the interval of Bonett and Price
    (2012) with the design effect of clusters. Answers with partial credit: t over clusters.

    Args:
        base: Sample -> its credit in the base run, 0 to 1.
        new: The same in the new run.
        clusters: Sample -> the recorded episode that it is from.
        strata: Recorded episode -> its stratum; without, there is one.
        scale: Prior spread between recorded episodes' credits, in percent, where credit is partial.
        binary: Whether every answer is right or wrong.

    Returns:
        The difference; None if no sample was answered in both.
    """
    samples = [sample for sample in base if sample in new]
    if not samples:
        return None
    values = [100 * (new[sample] - base[sample]) for sample in samples]
    places = [clusters[sample] for sample in samples]
    layers = None if strata is None else [strata.get(place) for place in places]
    bounds = (-100.0, 100.0)
    if not binary:
        spread = PAIRED_SPREAD * scale.spread
        mean = replace(clustered(values, places, Scale(spread, bounds), layers), n=len(values))
        return DifferenceOfMeans(mean, True, "clustered t", *_p_values(mean))
    worse, better = sum(v < 0 for v in values), sum(v > 0 for v in values)
    mean = Mean(fmean(values), *_matched_error(values, places, layers), len(values), bounds)
    return DifferenceOfMeans(mean, True, "McNemar", *mcnemar(worse, better))


def of_estimates(base: Mean, new: Mean) -> DifferenceOfMeans:
    """Compare independent estimates (Welch, 1947), such as plug-in values or other data sets."""
    variances = base.error**2, new.error**2
    total = sum(variances)
    df = total**2 / (variances[0] ** 2 / base.df + variances[1] ** 2 / new.df)
    bounds = _differing(base.bounds, new.bounds)
    mean = Mean(new.value - base.value, math.sqrt(total), df, min(base.n, new.n), bounds)
    return DifferenceOfMeans(mean, False, "Welch", *_p_values(mean))


def overall(parts: Sequence[DifferenceOfMeans]) -> DifferenceOfMeans:
    """Return the mean of the differences of games, which are independent of one another.

    It is tested by t even for a single game, since the signs of few differences prove nothing,
    however large they are.
    """
    mean = mean_of_means([part.mean for part in parts])
    paired = all(part.paired for part in parts)
    return DifferenceOfMeans(
        mean, paired, "Welch-Satterthwaite", *_p_values(mean), parts=tuple(parts)
    )


def adjust(parts: Sequence[DifferenceOfMeans]) -> list[float]:
    """Adjust the one-sided p values of games for testing all of them (Holm, 1979)."""
    return holm([part.p_worse for part in parts])


def detectable(mean: Mean, level: float = LEVEL, tolerance: float = 0.0) -> float:
    """The drop that is found with 80 % probability.

    Args:
        mean: A difference, of which the standard error matters.
        level: Of the one-sided test.
        tolerance: Points that the observed drop must exceed besides.
    """
    least = max(-t_of(level, mean.df) * mean.error, tolerance)
    return least + t_of(POWER, mean.df) * mean.error


def with_units(mean: Mean, n: int) -> Mean:
    """A mean as it would be known from another number of units that vary as much."""
    df = 1 + (mean.df - 1) * n / mean.n
    return replace(mean, error=mean.error * math.sqrt(mean.n / n), df=df, n=n)


def units_needed(difference: DifferenceOfMeans, drop: float, level: float = LEVEL) -> int | None:
    """Return the units of each run, and of each game, that find a drop with 80 % probability.

    Args:
        difference: What units vary by.
        drop: In points, above 0.
        level: Of the one-sided test.

    Returns:
        The number; None if it is beyond a million.
    """
    least, most = 1, MOST_UNITS
    if detectable(difference.with_units(most), level) > drop:
        return None
    while least < most:
        middle = (least + most) // 2
        if detectable(difference.with_units(middle), level) <= drop:
            most = middle
        else:
            least = middle + 1
    return least


def top_up(
    games: Mapping[str, Mean], drop: float, level: float = LEVEL, tolerance: float = 0.0
) -> dict[str, int] | None:
    """Return the units of each game with which their mean finds a drop with 80 % probability.

    Units are added where each lowers the variance of the mean most.

    Args:
        games: Game -> the difference of its figure.
        drop: Of the mean over games, in points, above 0.
        level: Of the one-sided test.
        tolerance: Points that the observed drop must exceed besides.

    Returns:
        Game -> its units, never fewer than there are; None if one needs more than a million.
    """
    found = dict(games)
    while detectable(mean_of_means(list(found.values())), level, tolerance) > drop:
        name = max(found, key=lambda each: found[each].error ** 2 / found[each].n)
        mean = found[name]
        if mean.n >= MOST_UNITS:
            return None
        found[name] = with_units(mean, mean.n + max(1, mean.n // 50))
    return {name: mean.n for name, mean in found.items()}


def sign_flip(differences: Sequence[float]) -> tuple[float, float]:
    """Test paired differences by flipping their signs (Fisher, 1935).

    If both runs are of the same player, every assignment of signs is as likely as the observed one.
    All are counted where at most 30 differences are not 0, otherwise a fixed random sample.

    Returns:
        The two-sided p value, and the one-sided one, that differences are not below 0.
    """
    import numpy as np

    sizes = np.abs(np.array([difference for difference in differences if difference]))
    # Sums that are equal but for rounding are equal.
    total = math.fsum(differences)
    slack = 1e-9 * max(float(sizes.sum()), 1e-300)
    if len(sizes) > EXACT:
        rng = np.random.default_rng(0)
        below = beyond = 1
        for _ in range(ASSIGNMENTS // PORTION):
            flipped = rng.integers(0, 2, (PORTION, len(sizes)), dtype=np.int8)
            sums = sizes.sum() - 2 * (flipped @ sizes)
            below += int((sums <= total + slack).sum())
            beyond += int((np.abs(sums) >= abs(total) - slack).sum())
        return beyond / (1 + ASSIGNMENTS), below / (1 + ASSIGNMENTS)
    # Half of the differences, and the other half: a sum of all is one of each.
    first, second = (_signed_sums(half) for half in (sizes[::2], sizes[1::2]))
    second.sort()

    def share_up_to(limit: float) -> float:
        counted = np.searchsorted(second, limit + slack - first, side="right")
        return float(counted.mean()) / len(second)

    # Sums are symmetric about 0.
    both = 1.0 if abs(total) <= slack else min(1.0, 2 * share_up_to(-abs(total)))
    return both, share_up_to(total)


def mcnemar(worse: int, better: int) -> tuple[float, float]:
    """Test pairs of answers of which only one is right (McNemar, 1947), exactly.

    Returns:
        The two-sided p value, and the one-sided one, that answers did not become worse.
    """
    from scipy.special import bdtr

    n = worse + better
    if n == 0:
        return 1.0, 1.0
    least = float(bdtr(min(worse, better), n, 0.5))
    return min(1.0, 2 * least), float(bdtr(better, n, 0.5))


@lru_cache(maxsize=4096)
def t_of(probability: float, df: float) -> float:
    """Quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(df, probability))


def _p_values(mean: Mean) -> tuple[float, float]:
    """The two-sided p value, and the one-sided one, that the mean is not below 0."""
    from scipy.special import stdtr

    t = mean.value / mean.error
    return two_sided_p(t, mean.df), float(stdtr(mean.df, t))


def _differing(base: Bounds, new: Bounds) -> Bounds:
    """The bounds of a difference."""
    return new[0] - base[1], new[1] - base[0]


def _matched_error(
    values: Sequence[float], clusters: Sequence[Hashable], strata: Sequence[Hashable] | None
) -> tuple[float, float]:
    """The standard error and the degrees of freedom of a difference of shares, in percent.

    Without answers that differ, it is not 0: Bonett and Price (2012) add one in each direction.
    """
    n = len(values)
    mean = fmean(values)
    independent = (fmean(value * value for value in values) - mean * mean) / n
    # A priori, answers in a cluster are independent.
    spread = math.sqrt(max(independent, 0.0) * len(set(clusters)))
    found = clustered(values, clusters, Scale(spread), strata)
    effect = max(1.0, found.error**2 / independent) if independent > 0 and found.n < n else 1.0
    worse, better = ((1 + sum(value * sign > 0 for value in values)) / (n + 2) for sign in (-1, 1))
    variance = (worse + better - (worse - better) ** 2) / (n / effect + 2)
    return 100 * math.sqrt(variance), found.df


def _signed_sums(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of some numbers with every assignment of signs."""
    import numpy as np

    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums - size, sums + size])
    return sums
