"""Means and 95 % intervals by the bootstrap (Efron, 1979), percentile method, always seeded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vsbench.records.results import Figure

RESAMPLES = 10_000
SEED = 20260301
LEVELS = (2.5, 97.5)

Samples = NDArray[np.float64]


def blocks(values: Sequence[float], size: int, numbers: Sequence[int] | None = None) -> list[float]:
    """Return means of complete groups; single values if there are fewer than two complete groups.

    Args:
        values: of episodes.
        size: episodes in a group.
        numbers: of the episodes, ascending, which determine their groups; None if no episode is
            missing.
    """
    groups = [number // size for number in numbers or range(len(values))]
    sizes = Counter(groups)
    whole = [v for v, group in zip(values, groups, strict=True) if sizes[group] == size]
    if size == 1 or len(whole) < 2 * size:
        return list(values)
    return [float(mean) for mean in np.reshape(whole, (-1, size)).mean(axis=1)]


def figure(values: Sequence[float], group: int = 1, numbers: Sequence[int] | None = None) -> Figure:
    """Return the mean of at least one value and its interval over groups, as in :func:`blocks`."""
    units = blocks(values, group, numbers)
    mean = float(np.mean(values))
    if len(units) < 2:
        return Figure(mean=mean, low=None, high=None, n=len(units))
    low, high = np.percentile(_resampled_means(units), LEVELS)
    return bounded(mean, (low, high), len(units), (min(values), max(values)))


def bounded(
    mean: float,
    interval: tuple[float, float],
    n: int,
    possible: tuple[float, float] = (-math.inf, math.inf),
) -> Figure:
    """Make a figure whose interval contains its mean and only possible values.

    Otherwise rounding errors could put the low end of a share of zero below zero, and an interval
    over complete groups could miss the mean, which includes incomplete groups.
    """
    least, most = map(float, possible)
    mean = min(max(float(mean), least), most)
    low, high = (min(max(float(end), least), most) for end in interval)
    return Figure(mean=mean, low=min(low, mean), high=max(high, mean), n=n)


def wilson(right: Sequence[float]) -> Figure:
    """Return the share of ones in percent with Wilson's 95 % interval (1927)."""
    n, z = len(right), 1.959964
    share = sum(right) / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return bounded(100 * share, (100 * (centre - half), 100 * (centre + half)), n, (0, 100))


def mean_figure(
    strata: Sequence[Sequence[float]], units: Sequence[Sequence[float]] | None = None
) -> Figure:
    """Return the mean of several means, each resampled independently.

    Args:
        strata: the values of each mean.
        units: the units that each mean is resampled over, such as :func:`blocks`; None for its
            values.
    """
    units = strata if units is None else units
    mean = float(np.mean([np.mean(values) for values in strata]))
    if min(map(len, units)) < 2:
        return Figure(mean=mean, low=None, high=None, n=len(units))
    resampled = np.mean(
        [_resampled_means(values, stream) for stream, values in enumerate(units)], axis=0
    )
    low, high = np.percentile(resampled, LEVELS)
    least, most = (float(np.mean([end(values) for values in strata])) for end in (min, max))
    return bounded(mean, (low, high), len(units), (least, most))


def _resampled_means(units: Sequence[float], stream: int = 0) -> Samples:
    rng = np.random.default_rng([SEED, stream])
    values = np.asarray(units, dtype=np.float64)
    picks = rng.integers(0, len(values), size=(RESAMPLES, len(values)))
    means: Samples = values[picks].mean(axis=1)
    return means
