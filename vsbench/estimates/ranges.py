"""Ranges of quantities that are not known exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """The least and the greatest amount to expect."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float]) -> Range:
        """The range of at least one value."""
        found = list(values)
        return cls(min(found), max(found))

    @property
    def middle(self) -> float:
        """The mean of both ends."""
        return (self.low + self.high) / 2

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Range | float) -> Range:
        if isinstance(other, Range):
            return Range(self.low * other.low, self.high * other.high)
        return Range(self.low * other, self.high * other)


NOTHING = Range(0.0, 0.0)


def total(ranges: Iterable[Range]) -> Range:
    """The sum of ranges."""
    return sum(ranges, NOTHING)


def total_known(ranges: Iterable[Range | None]) -> Range | None:
    """The sum of those ranges that are known; None if none is."""
    known = [each for each in ranges if each is not None]
    return total(known) if known else None


@dataclass(frozen=True)
class Count:
    """A count per unit of work, such as calls per episode."""

    mean: Range
    """Range of the mean over many units."""
    below: float = 0.0
    """Most that one unit usually falls below the mean."""
    above: float = 0.0
    """Most that one unit usually exceeds the mean."""
    most: float = math.inf
    """Most in one unit."""

    def of(self, units: float) -> Range:
        """The count in so many units: deviations of single units partly cancel out."""
        spread = math.sqrt(units)
        low = units * self.mean.low - spread * self.below
        high = units * self.mean.high + spread * self.above
        return Range(max(0.0, low), min(high, units * self.most))

    def __mul__(self, factor: float) -> Count:
        """The count where each unit is ``factor`` times as much."""
        return Count(
            self.mean * factor, self.below * factor, self.above * factor, self.most * factor
        )
