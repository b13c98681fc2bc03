"""Sequential comparison: look after every batch of episodes, and stop as soon as it is clear.

All differences are paired, new less base. ``docs/STATISTICS.md`` gives the formulas with their
sources and the measured error rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from vsbench.records.frames import OVERALL
from vsbench.scoring.differences import (
    LEVEL,
    DifferenceOfMeans,
    detectable,
    overall,
    paired,
    paired_mean,
    t_of,
    with_units,
)
from vsbench.scoring.gate import (
    GAME_TOLERANCE,
    TOLERANCE,
    Hypothesis,
    overall_level,
    regressions,
)
from vsbench.scoring.intervals import Mean, Scale, group_means, mean_of_means

EARLY_SHARE = 0.2
"""Share of the false alarms allowed that looks before the last one get."""

FUTILE = 0.05
"""Chance of finding the drop at the last look below which episodes are saved."""

FLOOR = 5
"""Units of each game before the first look."""

BATCH = 0.1
"""Share of the planned cost that is spent between two looks."""

MIXING = 16.0
"""Information at the last look relative to that of the mixing distribution: the sequence is
narrowest when about half of the episodes are played."""


@dataclass(frozen=True)
class Series:
    """A game's paired differences so far, and what is planned."""

    differences: Sequence[float]
    """Of the episodes' scores, new less base, by number from 0 on."""
    planned: int
    """Episodes at most."""
    scale: Scale
    """Prior spread and bounds of a score."""
    size: int = 1
    """Episodes in a unit, such as all deals from all seats."""
    cost: float = 1.0
    """Of an episode, in any currency."""

    @property
    def first(self) -> int:
        """Episodes before the first look."""
        return min(FLOOR * self.size, self.planned)

    @property
    def done(self) -> bool:
        """Whether nothing is left to play."""
        return len(self.differences) >= self.planned

    @property
    def mean(self) -> Mean:
        """The mean difference so far; at least one episode is needed."""
        return paired_mean(*self._units, self.scale)

    @property
    def planned_mean(self) -> Mean:
        """The mean as it will be known at the last look, if units vary as they did so far."""
        units, size = self._units
        return with_units(self.mean, max(self.planned // size, len(units)))

    @property
    def tested(self) -> DifferenceOfMeans:
        """The difference so far, with its test."""
        return paired(*self._units, self.scale)

    @property
    def _units(self) -> tuple[list[float], int]:
        return group_means(self.differences, self.size)


@dataclass(frozen=True)
class Look:
    """What is known at a look, and what to do."""

    verdict: Literal["regression", "pass", "inconclusive"] | None
    """None: play on."""
    value: float
    """The overall difference in points."""
    low: float
    """Lower end of its confidence sequence."""
    high: float
    """Upper end of its confidence sequence."""
    detectable: float
    """The drop that is found with 80 % probability once all planned episodes are played."""
    regressions: tuple[str, ...]
    """Games that dropped, or ``overall``; empty without a regression."""
    saved: float
    """Share of the planned cost that is not spent so far."""


def look(
    games: Mapping[str, Series],
    *,
    tolerance: float = TOLERANCE,
    game_tolerance: float = GAME_TOLERANCE,
    detect: float | None = None,
    level: float = LEVEL,
) -> Look | None:
    """Look at the differences so far. Looks may be taken at any time, and as often as wanted.

    A fifth of the false alarms allowed is for looks before the last one, at which a confidence
    sequence decides; the rest is for the last one, which is the gate's test.

    Args:
        games: Game -> its differences so far.
        tolerance: Points by which the overall score may drop.
        game_tolerance: Points by which a game's score may drop.
        detect: Drop of the overall score that must not go unnoticed; by default, what the planned
            episodes can find.
        level: Probability of a false alarm, over all looks and scores.

    Returns:
        What is known; None before each game has its first units.
    """
    if any(len(each.differences) < each.first for each in games.values()):
        return None
    mean = mean_of_means([each.mean for each in games.values()])
    planned = mean_of_means([each.planned_mean for each in games.values()])
    early = EARLY_SHARE * level
    critical = overall_level(level - early, games if len(games) > 1 else ())
    found = detectable(planned, critical, tolerance)
    wanted = found if detect is None else detect
    fraction = (planned.error / mean.error) ** 2
    half = half_width(mean, fraction, early)
    low, high = mean.value - half, mean.value + half
    spent = sum(len(each.differences) * each.cost for each in games.values())
    total = sum(each.planned * each.cost for each in games.values())
    dropped: list[str] = []
    verdict: Literal["regression", "pass", "inconclusive"] | None = None
    if high < 0 and mean.value < -tolerance:
        verdict, dropped = "regression", [OVERALL]
    elif all(each.done for each in games.values()):
        dropped = _dropped(games, level - early, tolerance, game_tolerance)
        seen = low > -wanted or found <= wanted
        verdict = "regression" if dropped else "pass" if seen else "inconclusive"
    elif low > -wanted:
        verdict = "pass"
    elif found <= wanted:
        least = max(-t_of(critical, planned.df) * planned.error, tolerance)
        chance = conditional_power(mean, planned, wanted, least)
        verdict = "pass" if chance < FUTILE else None
    return Look(
        verdict=verdict,
        value=mean.value,
        low=low,
        high=high,
        detectable=found,
        regressions=tuple(dropped),
        saved=1 - spent / total,
    )


def next_batch(games: Mapping[str, Series], share: float = BATCH) -> dict[str, int]:
    """Return the episodes that each game should have played at the next look.

    At first each game gets its first units. Then episodes go where they lower the variance of the
    overall difference most for their cost (Chow and Robbins, 1965).

    Args:
        games: Game -> its differences so far.
        share: Share of the planned cost to spend until then.

    Returns:
        Game -> its episodes, those played included.
    """
    aims = {name: len(each.differences) for name, each in games.items()}
    if any(len(each.differences) < each.first for each in games.values()):
        return {name: max(len(each.differences), each.first) for name, each in games.items()}
    budget = share * sum(each.planned * each.cost for each in games.values())
    variances = {name: (mean := each.mean).error ** 2 * mean.n for name, each in games.items()}

    def gain(name: str) -> float:
        each = games[name]
        units = aims[name] / each.size
        return variances[name] / units**2 / (each.cost * each.size)

    while budget > 0 and (open_ := [name for name in games if aims[name] < games[name].planned]):
        name = max(open_, key=gain)
        more = min(games[name].size, games[name].planned - aims[name])
        aims[name] += more
        budget -= more * games[name].cost
    return aims


def conditional_power(mean: Mean, planned: Mean, drop: float, least: float) -> float:
    """Chance that the last look finds a drop, if there is one (Lan, Simon and Halperin, 1982).

    Stopping where it is small loses little power: estimates weighted by their precision have
    independent increments, whatever the games that episodes are given to.

    Args:
        mean: The difference so far.
        planned: The difference as known at the last look.
        drop: The true drop, in points.
        least: The observed drop from which on the last look finds it.
    """
    from scipy.special import stdtr

    fraction = min(1.0, (planned.error / mean.error) ** 2)
    expected = fraction * mean.value - (1 - fraction) * drop
    rest = math.sqrt(1 - fraction) * planned.error
    return float(stdtr(mean.df, (-least - expected) / rest)) if rest else float(expected < -least)


def half_width(mean: Mean, information: float, level: float) -> float:
    """Half the width of the confidence sequence of a mean.

    The t-mixture of Lai (1976) with a normal mixing distribution (Wang and Ramdas, 2024,
    theorem 4.9), with the error and the degrees of freedom of the mean.

    Args:
        mean: The mean so far.
        information: Its precision relative to that at the last look.
        level: Probability that its upper end is ever below the true value, or its lower end above.
    """
    q = 1 + MIXING * information
    grown = (math.sqrt(q) / (2 * level)) ** (2 / (mean.df + 1))
    if grown >= q:
        return math.inf
    return mean.error * math.sqrt(mean.df * (grown - 1) / (1 - grown / q))


def _dropped(
    games: Mapping[str, Series], level: float, tolerance: float, game_tolerance: float
) -> list[str]:
    """The scores that the gate finds to have dropped once everything is played."""
    parts = {name: each.tested for name, each in games.items()}
    whole = overall(list(parts.values()))
    heads = [Hypothesis("decision", OVERALL, whole.record(), tolerance)]
    singles = [
        Hypothesis("decision", name, part.record(), game_tolerance)
        for name, part in parts.items()
        if len(parts) > 1
    ]
    return [found.environment for found in regressions(level, heads, singles)]
