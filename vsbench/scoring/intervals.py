"""Means and their 95 % intervals: shrunk t, Wilson, clustered, and means of means.

``docs/STATISTICS.md`` gives each formula with its source and its measured coverage.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import fmean

from vsbench.records.results import Figure

CONFIDENCE = 0.95

Z = 1.959963984540054
"""Quantile of the normal distribution for a two-sided interval of this confidence."""

PRIOR_DF = 2.0
"""Degrees of freedom of the prior on a variance."""

Bounds = tuple[float, float]
UNBOUNDED: Bounds = (-math.inf, math.inf)


@dataclass(frozen=True)
class Mean:
    """A mean and its standard error."""

    value: float
    error: float
    """Standard error; positive."""
    df: float
    """Degrees of freedom of the standard error."""
    n: int
    """Independent units: episodes, groups of them, or clusters."""
    bounds: Bounds = UNBOUNDED
    """Range of possible values."""

    @property
    def figure(self) -> Figure:
        """The mean with its t interval, cut to the bounds."""
        half = t_quantile(self.df) * self.error
        return bounded(self.value, (self.value - half, self.value + half), self.n, self.bounds)


@dataclass(frozen=True)
class Scale:
    """Prior knowledge about a figure of an episode."""

    spread: float
    """Prior standard deviation between groups of ``group`` episodes, in the figure's unit."""
    bounds: Bounds = UNBOUNDED
    """Range of possible values."""
    group: int = 1
    """Consecutive episodes that make one fair sample, such as all deals from all seats."""
    binary: bool = False
    """Whether every episode is at one of the bounds: won or lost, without draws."""

    def of_groups(self, size: int) -> float:
        """Prior standard deviation between means of ``size`` episodes."""
        return self.spread * math.sqrt(self.group / size)

    def of_units(self, size: int) -> Scale:
        """The scale of values that are means of ``size`` episodes each."""
        return replace(self, spread=self.of_groups(size), group=1)


def group_means(
    values: Sequence[float], size: int, numbers: Sequence[int] | None = None
) -> tuple[list[float], int]:
    """Return the means of whole groups and the group size; single values if no group is whole.

    Args:
        values: Figures of episodes.
        size: Episodes in a group.
        numbers: Numbers of the episodes, ascending, some of which may be missing; by default all
            from 0. Episodes with the same quotient by ``size`` are a group.
    """
    if size == 1:
        return list(values), 1
    groups = [number // size for number in numbers or range(len(values))]
    sizes = Counter(groups)
    whole = [v for v, group in zip(values, groups, strict=True) if sizes[group] == size]
    if not whole:
        return list(values), 1
    return [fmean(whole[start : start + size]) for start in range(0, len(whole), size)], size


def estimate(
    values: Sequence[float], scale: Scale, size: int = 1, numbers: Sequence[int] | None = None
) -> Mean:
    """Estimate a mean over whole groups of episodes by the shrunk t interval.

    The variance is a weighted mean of the observed one and the prior one (Gelman et al., Bayesian
    Data Analysis, 3rd edition, section 3.3), so that it is positive, and known at n = 1. Episodes
    of unfinished groups are left out, unless there is no whole group.

    Args:
        values: Figures of episodes, at least one.
        scale: Prior spread and bounds.
        size: Episodes in a group; see :func:`group_means`.
        numbers: Numbers of the episodes.
    """
    units, size = group_means(values, size, numbers)
    n, mean = len(units), fmean(units)
    squares = sum((unit - mean) ** 2 for unit in units)
    df = PRIOR_DF + n - 1
    variance = (PRIOR_DF * scale.of_groups(size) ** 2 + squares) / df
    return Mean(mean, math.sqrt(variance / n), df, n, scale.bounds)


def figure(
    values: Sequence[float], scale: Scale, size: int = 1, numbers: Sequence[int] | None = None
) -> Figure:
    """Return a mean and its interval: Wilson's on a binary scale, otherwise shrunk t.

    Groups of episodes on a binary scale count as one trial each, which is conservative: their means
    vary no more than single episodes.
    """
    found = estimate(values, scale, size, numbers)
    if not scale.binary:
        return found.figure
    low, high = scale.bounds
    share = wilson((found.value - low) / (high - low), found.n)
    ends = (low + (high - low) * end for end in (share.low, share.high))
    return bounded(found.value, (next(ends), next(ends)), found.n, scale.bounds)


def wilson(share: float, n: int, design_effect: float = 1.0) -> Figure:
    """Return a share, 0 to 1, with its interval by Wilson (1927).

    Args:
        share: Observed share.
        n: Trials.
        design_effect: Factor by which the share's variance exceeds that of independent trials.
    """
    size = n / design_effect
    centre = (share + Z * Z / (2 * size)) / (1 + Z * Z / size)
    spread = share * (1 - share) / size + Z * Z / (4 * size * size)
    half = Z * math.sqrt(max(spread, 0.0)) / (1 + Z * Z / size)
    return bounded(share, (centre - half, centre + half), n, (0.0, 1.0))


def clustered(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    scale: Scale,
    strata: Sequence[Hashable] | None = None,
) -> Mean:
    """Estimate a mean of values that are correlated within clusters (Miller, 2024).

    The variance is that of cluster totals within strata (Cochran, Sampling Techniques, chapter
    9A), with as many degrees of freedom as clusters less strata, shrunk as in :func:`estimate`.

    Args:
        values: At least one.
        clusters: Cluster of each value.
        scale: ``spread`` is the prior standard deviation between clusters' means.
        strata: Stratum of each value; the same within a cluster. By default there is one.
    """
    members: dict[Hashable, dict[Hashable, list[float]]] = {}
    for value, cluster, stratum in zip(
        values, clusters, strata or [None] * len(values), strict=True
    ):
        members.setdefault(stratum, {}).setdefault(cluster, []).append(value)
    groups = _merge_singletons([list(found.values()) for found in members.values()])
    total, df = 0.0, 0
    for group in groups:
        centre = fmean(value for cluster in group for value in cluster)
        if len(group) > 1:
            squares = sum(sum(value - centre for value in cluster) ** 2 for cluster in group)
            total += len(group) / (len(group) - 1) * squares
            df += len(group) - 1
    n = sum(map(len, groups))
    observed, prior = total / len(values) ** 2, scale.spread**2 / n
    variance = (PRIOR_DF * prior + df * observed) / (PRIOR_DF + df)
    return Mean(fmean(values), math.sqrt(variance), PRIOR_DF + df, n, scale.bounds)


def accuracy(
    right: Sequence[float], clusters: Sequence[Hashable], strata: Sequence[Hashable] | None = None
) -> tuple[Figure, Mean]:
    """Estimate a share of right answers: Wilson's interval with the design effect of clusters.

    Args:
        right: Zeros and ones, at least one.
        clusters: Cluster of each answer.
        strata: Stratum of each answer.

    Returns:
        The share with its interval, and with the standard error that the interval implies, both
        from 0 to 1.
    """
    n, share = len(right), fmean(right)
    effect = 1.0
    independent = share * (1 - share) / n
    # A priori, answers in a cluster are independent.
    spread = math.sqrt(independent * len(set(clusters)))
    found = clustered(right, clusters, Scale(spread), strata)
    if independent and found.n < n:
        effect = max(1.0, found.error**2 / independent)
    shown = wilson(share, n, effect)
    return shown, Mean(share, (shown.high - shown.low) / (2 * Z), found.df, n, (0.0, 1.0))


def mean_of_means(means: Sequence[Mean]) -> Mean:
    """Return the plain mean of independent means, its degrees of freedom by Welch (1947)."""
    count = len(means)
    variances = [(mean.error / count) ** 2 for mean in means]
    total = sum(variances)
    df = total**2 / sum(v * v / mean.df for v, mean in zip(variances, means, strict=True))
    low, high = (fmean(mean.bounds[end] for mean in means) for end in (0, 1))
    return Mean(fmean(mean.value for mean in means), math.sqrt(total), df, count, (low, high))


def bounded(value: float, interval: Bounds, n: int, bounds: Bounds = UNBOUNDED) -> Figure:
    """Return a figure whose interval is cut to the bounds and contains its mean.

    Rounding errors might otherwise put the lower end of an impossible share below 0.
    """
    least, most = bounds
    value = min(max(value, least), most)
    low, high = (min(max(end, least), most) for end in interval)
    return Figure(mean=value, low=min(low, value), high=max(high, value), n=n)


@lru_cache(maxsize=4096)
def t_quantile(df: float) -> float:
    """Quantile of Student's t distribution for a two-sided 95 % interval."""
    # Imported late: it takes a tenth of a second. The engine of the games requires scipy anyway.
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + CONFIDENCE) / 2))


def two_sided_p(t: float, df: float) -> float:
    """Probability that Student's t is at least as far from 0."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values for testing all of them (Holm, 1979)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def _merge_singletons(strata: Sequence[list[list[float]]]) -> list[list[list[float]]]:
    """Merge strata of a single cluster, within which nothing can vary, with one another."""
    merged = [stratum for stratum in strata if len(stratum) > 1]
    singles = [cluster for stratum in strata if len(stratum) == 1 for cluster in stratum]
    if len(singles) > 1 or not merged:
        return [*merged, singles] if singles else merged
    return [merged[0] + singles, *merged[1:]]
