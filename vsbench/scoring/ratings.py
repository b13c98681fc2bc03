"""Ratings by the Bradley-Terry model: ``P(i beats j) = s_i / (s_i + s_j)``.

Strengths are maximum-likelihood estimates by Hunter's MM algorithm (Annals of Statistics 32, 2004),
on the Elo scale: 400 points are odds of ten to one, and the mean is 1500. A draw is half a win to
each side (Elo, 1978).

As a prior, one additional drawn deal is assumed between every two players. It keeps the ratings of
unbeaten players, and of players who never met, finite; with thirty real deals it moves a rating by
a few points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vsbench.records.results import Figure
from vsbench.scoring.intervals import bounded

PRIOR = 1.0
"""Drawn deals assumed between every two players."""

MEAN, ODDS = 1500.0, 400.0
"""Elo's scale: the mean, and the points that are odds of ten to one."""

RESAMPLES = 2_000
SEED = 20260302
LEVELS = (2.5, 97.5)

TOLERANCE, MAX_STEPS = 1e-9, 10_000
"""Convergence: the largest change of a log-strength, and the number of steps."""

Wins = NDArray[np.float64]
"""``wins[..., i, j]``: deals that player ``i`` won against ``j``."""

Logs = NDArray[np.float64]
"""``logs[..., i]``: the logarithm of player ``i``'s strength."""


def elo_ratings(games: Sequence[Wins]) -> list[Figure]:
    """Return each player's rating over some games and its 95 % interval.

    The interval is a percentile bootstrap over deals, since all episodes of a deal share the same
    chance. Where every deal ended alike, it has no width.

    Args:
        games: for each game an array ``(deals, players, players)``: what ``i`` won of ``j`` on
            each deal. Games have equal weights, however many deals they have.

    Returns:
        A figure for each player; ``n`` counts deals.
    """
    shares = np.mean([game.sum() for game in games]) / [game.sum() for game in games]
    logs = log_strengths(_pooled([game.sum(axis=0) for game in games], shares))
    ratings = _on_elo_scale(logs)
    deals = [len(game) for game in games]
    if min(deals) < 2:
        return [Figure(mean=float(r), low=None, high=None, n=sum(deals)) for r in ratings]
    resampled = _pooled([_resampled(game, stream) for stream, game in enumerate(games)], shares)
    low, high = np.percentile(_on_elo_scale(log_strengths(resampled, logs)), LEVELS, axis=0)
    return [
        bounded(mean, (lowest, highest), sum(deals))
        for mean, lowest, highest in zip(ratings, low, high, strict=True)
    ]


def log_strengths(wins: Wins, start: Logs | None = None) -> Logs:
    """Return the maximum-likelihood log-strengths, with mean zero.

    Args:
        wins: ``(..., players, players)``; the diagonal is ignored. The maximum is unique if, for
            every partition of the players in two, each side has a win against the other.
        start: initial values, to converge faster.
    """
    players = wins.shape[-1]
    wins = wins * (1.0 - np.eye(players))
    won, met = wins.sum(axis=-1), wins + np.swapaxes(wins, -1, -2)
    logs = np.zeros(wins.shape[:-1]) + (0.0 if start is None else start)
    for _ in range(MAX_STEPS):
        strengths = np.exp(logs)
        sums = strengths[..., :, None] + strengths[..., None, :]
        new = np.log(won) - np.log((met / sums).sum(axis=-1))
        new -= new.mean(axis=-1, keepdims=True)
        change = float(np.abs(new - logs).max())
        logs = new
        if change < TOLERANCE:
            break
    return logs


def _pooled(wins: Sequence[Wins], shares: NDArray[np.float64]) -> Wins:
    """Pool the wins of all games, and add the prior."""
    total: Wins = np.tensordot(shares, np.stack(wins), axes=1) + PRIOR / 2
    return total


def _resampled(game: Wins, stream: int) -> Wins:
    """Resample the deals with replacement."""
    deals, players, _ = game.shape
    rng = np.random.default_rng([SEED, stream])
    times = rng.multinomial(deals, np.full(deals, 1 / deals), size=RESAMPLES).astype(np.float64)
    wins: Wins = (times @ game.reshape(deals, -1)).reshape(RESAMPLES, players, players)
    return wins


def _on_elo_scale(logs: Logs) -> Logs:
    return MEAN + ODDS / math.log(10) * logs
