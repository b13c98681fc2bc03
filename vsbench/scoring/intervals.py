"""Means and 95 % intervals by the bootstrap (Efron, 1979), percentile method, always seeded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vsbench.records.results import Figure

RESAMPLES = 10_000
SEED = 20260301
LEVELS = (2.5, 97.5)

Samples = NDArray[np.float64]


def blocks(values: Sequence[float], size: int) -> list[float]:
    """Means of consecutive whole groups; single values if there are not two whole groups."""
    if size == 1 or len(values) < 2 * size:
        return list(values)
    whole = len(values) - len(values) % size
    return [float(mean) for mean in np.reshape(values[:whole], (-1, size)).mean(axis=1)]


def figure(values: Sequence[float], group: int = 1) -> Figure:
    """The mean of some values (at least one) and its interval over groups of them."""
    units = blocks(values, group)
    mean = float(np.mean(values))
    if len(units) < 2:
        return Figure(mean=mean, low=None, high=None, n=len(units))
    low, high = np.percentile(_resampled_means(units), LEVELS)
    return Figure(mean=mean, low=float(low), high=float(high), n=len(units))


def wilson(right: Sequence[float]) -> Figure:
    """A share in percent with its 95 % interval by Wilson (1927); ``right`` are zeros and ones."""
    n, z = len(right), 1.959964
    share = sum(right) / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Figure(mean=100 * share, low=100 * (centre - half), high=100 * (centre + half), n=n)


def mean_figure(strata: Sequence[Sequence[float]], group: Sequence[int]) -> Figure:
    """The mean of several means, each over values of its own, resampled independently."""
    units = [blocks(values, size) for values, size in zip(strata, group, strict=True)]
    mean = float(np.mean([np.mean(values) for values in strata]))
    if min(map(len, units)) < 2:
        return Figure(mean=mean, low=None, high=None, n=len(units))
    resampled = np.mean(
        [_resampled_means(values, stream) for stream, values in enumerate(units)], axis=0
    )
    low, high = np.percentile(resampled, LEVELS)
    return Figure(mean=mean, low=float(low), high=float(high), n=len(units))


def _resampled_means(units: Sequence[float], stream: int = 0) -> Samples:
    rng = np.random.default_rng([SEED, stream])
    values = np.asarray(units, dtype=np.float64)
    picks = rng.integers(0, len(values), size=(RESAMPLES, len(values)))
    means: Samples = values[picks].mean(axis=1)
    return means
