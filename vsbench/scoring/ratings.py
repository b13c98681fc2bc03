"""Ratings by the Bradley-Terry model: ``P(i beats j) = s_i / (s_i + s_j)``.

Strengths maximise the likelihood (Hunter, Annals of Statistics 32, 2004). They are given on Elo's
scale: 400 points are odds of ten to one, and the mean is 1500. A draw is half a win to each side
(Elo, 1978).

Each player is credited with half a win against every other beside the deals played, so that
ratings stay finite: those of players who won everything, and of players who never met. Beside
thirty real deals this moves a rating by a few points.

Intervals are by the Bayesian bootstrap (Rubin, Annals of Statistics 9, 1981). Each resample weighs
deals by Exp(1), and credits by Gamma(1/2, 1), which has the mean 1/2. So intervals have a width
even where all deals ended alike. ``docs/STATISTICS.md`` states their measured coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from vsbench.records.results import Figure
from vsbench.scoring.intervals import CONFIDENCE, Z, bounded, holm, t_quantile, two_sided_p

CREDIT = 0.5
"""Wins credited to every player against every other."""

MEAN, ODDS = 1500.0, 400.0
"""Elo's scale: the mean, and the points that are odds of ten to one."""

RESAMPLES = 2_000
SEED = 20260302
LEVELS = (2.5, 97.5)

TOLERANCE, MAX_ITERATIONS = 1e-9, 60
"""Change of a log-strength at which the fit has converged, and a limit of iterations: with the
smallest credits, rounding errors keep the last steps longer."""

MAX_STEP = 0.5
"""Largest change of a log-strength in an iteration. A longer Newton step might overshoot: within a
change of 1 in the logarithm of odds, the curvature of the likelihood grows by a factor e at most,
so that every step raises the likelihood."""

Wins = NDArray[np.float64]
"""``wins[..., i, j]``: deals that player ``i`` won against ``j``."""

Logs = NDArray[np.float64]
"""``logs[..., i]``: logarithm of player ``i``'s strength."""


@dataclass(frozen=True)
class Difference:
    """The rating of one player less that of another."""

    first: int
    second: int
    """Indices of the players."""
    points: Figure
    p: float
    """Two-sided p value of no difference, adjusted for all pairs (Holm, 1979)."""


@dataclass(frozen=True)
class Ratings:
    """Ratings of some players."""

    elo: tuple[Figure, ...]
    """By player; ``n`` counts deals."""
    differences: tuple[Difference, ...]
    """Of every pair, the player with the higher rating first."""

    def rank(self, player: int) -> tuple[int, int]:
        """The best and the worst rank that the data allow (Mogstad et al., 2024).

        These are 1 plus the number of players significantly better, and the number of players less
        that of players significantly worse, at 5 % over all pairs.
        """
        better = sum(self.is_better(other, player) for other in range(len(self.elo)))
        worse = sum(self.is_better(player, other) for other in range(len(self.elo)))
        return 1 + better, len(self.elo) - worse

    def is_better(self, player: int, other: int) -> bool:
        """Whether one player is significantly better than another, given all comparisons."""
        return (player, other) in self._significant

    @cached_property
    def _significant(self) -> set[tuple[int, int]]:
        """Pairs of which the first is significantly better."""
        alpha = 1 - CONFIDENCE
        return {(each.first, each.second) for each in self.differences if each.p < alpha}

    def tie_groups(self) -> dict[int, int]:
        """Number the groups of players without significant differences, the best being group 1.

        Players are taken from the highest rating down; one that is significantly worse than the
        first of the group begins the next group.
        """
        order = sorted(range(len(self.elo)), key=lambda player: -self.elo[player].mean)
        groups: dict[int, int] = {}
        first, number = order[0], 1
        for player in order:
            if self.is_better(first, player):
                first, number = player, number + 1
            groups[player] = number
        return groups


def rate(games: Sequence[Wins]) -> Ratings:
    """Rate players over some games.

    Args:
        games: For each game an array ``(deals, players, players)``: what ``i`` won of ``j`` on
            each deal. Games weigh alike, however many deals they have.
    """
    players, deals = games[0].shape[-1], sum(len(game) for game in games)
    shares = np.mean([game.sum() for game in games]) / [game.sum() for game in games]
    logs = log_strengths(_pool([game.sum(axis=0) for game in games], shares) + CREDIT)
    rng = np.random.default_rng(SEED)
    credited = rng.gamma(CREDIT, size=(RESAMPLES, players, players))
    resampled = _pool([_reweigh(game, stream) for stream, game in enumerate(games)], shares)
    sampled = _to_elo(log_strengths(resampled + credited, logs))
    ratings = _to_elo(logs)
    # Percentiles are too narrow with few deals, as normal intervals are beside those of t.
    df = deals + 2
    stretch = t_quantile(df) / Z
    by_strength = sorted(range(players), key=lambda player: -ratings[player])
    pairs = list(combinations(by_strength, 2))
    points = [
        _interval(ratings[i] - ratings[j], sampled[:, i] - sampled[:, j], stretch, deals)
        for i, j in pairs
    ]
    adjusted = holm([_p_value(figure, df) for figure in points])
    return Ratings(
        elo=tuple(
            _interval(rating, column, stretch, deals)
            for rating, column in zip(ratings, sampled.T, strict=True)
        ),
        differences=tuple(
            Difference(i, j, figure, p)
            for (i, j), figure, p in zip(pairs, points, adjusted, strict=True)
        ),
    )


def log_strengths(wins: Wins, start: Logs | None = None) -> Logs:
    """Return the log-strengths of the greatest likelihood, of mean zero, by Newton's method.

    Args:
        wins: ``(..., players, players)``; the diagonal is ignored. There is one maximum if,
            however the players are parted, each part has won against the other.
        start: Where to begin the search.
    """
    players = wins.shape[-1]
    wins = wins * (1.0 - np.eye(players))
    won, met = wins.sum(axis=-1), wins + np.swapaxes(wins, -1, -2)
    logs = np.zeros(wins.shape[:-1]) + (0.0 if start is None else start)
    for _ in range(MAX_ITERATIONS):
        chances = 1 / (1 + np.exp(logs[..., None, :] - logs[..., :, None]))
        gradient = won - (met * chances).sum(axis=-1)
        weights = met * chances * (1 - chances)
        # The likelihood does not change with the mean; adding 1 everywhere fixes it.
        curvature = np.eye(players) * weights.sum(axis=-1)[..., None] - weights + 1.0
        step = np.linalg.solve(curvature, gradient[..., None])[..., 0]
        longest = np.abs(step).max(axis=-1, keepdims=True)
        logs = logs + step * np.minimum(1.0, MAX_STEP / np.maximum(longest, TOLERANCE))
        logs -= logs.mean(axis=-1, keepdims=True)
        if float(longest.max()) < TOLERANCE:
            break
    return logs


def _pool(wins: Sequence[Wins], shares: NDArray[np.float64]) -> Wins:
    """Add up the wins of all games, each weighted by its share."""
    total: Wins = np.tensordot(shares, np.stack(wins), axes=1)
    return total


def _reweigh(game: Wins, stream: int) -> Wins:
    """Weigh the deals of a game by Exp(1), many times; the sums of wins."""
    deals, players, _ = game.shape
    rng = np.random.default_rng([SEED, stream])
    weights = rng.exponential(size=(RESAMPLES, deals))
    wins: Wins = (weights @ game.reshape(deals, -1)).reshape(RESAMPLES, players, players)
    return wins


def _interval(value: float, sampled: NDArray[np.float64], stretch: float, n: int) -> Figure:
    low, high = np.percentile(sampled, LEVELS)
    ends = (float(value + stretch * (end - value)) for end in (low, high))
    return bounded(float(value), (next(ends), next(ends)), n)


def _p_value(difference: Figure, df: float) -> float:
    """The two-sided p value that agrees with an interval: below 5 % if 0 lies outside."""
    towards_zero = difference.low if difference.mean > 0 else difference.high
    half = abs(difference.mean - towards_zero)
    return two_sided_p(difference.mean / half * t_quantile(df), df) if half else 0.0


def _to_elo(logs: Logs) -> Logs:
    return MEAN + ODDS / math.log(10) * logs
