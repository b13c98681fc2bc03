"""Intervals hold the true value as often as they say, on recorded distributions."""

from statistics import fmean, median

import numpy as np
import pytest

from interval_coverage import (
    PAPER_COUNTS,
    RATED,
    game_coverage,
    overall_coverage,
    plug_in_coverage,
    policies,
    pooled_spreads,
    populations,
    profiles,
    rating_coverage,
)
from make_populations import PLAYERS, population
from vsbench.scoring.intervals import clustered, figure
from vsbench.scoring.results import PERCENT
from vsbench_envs import registry
from vsbench_envs.anchors import load

GAMES = sorted(registry.BENCHMARK)


def test_populations_are_of_all_games_good_and_bad_players() -> None:
    by_game = {game: [each for each in populations() if each.game == game] for game in GAMES}
    for found in by_game.values():
        assert [each.player for each in found] == list(PLAYERS[found[0].game])
        assert max(each.mean for each in found) - min(each.mean for each in found) > 30


def test_populations_are_what_the_script_plays() -> None:
    recorded = next(each for each in populations() if each.player == "self_interest~0.3")
    assert recorded.game == "coin_dilemma"
    again = population(recorded.game, recorded.player)
    scores = [float(score) for score, times in again["scores"].items() for _ in range(times)]
    assert scores == pytest.approx(recorded.scores.tolist())


@pytest.mark.parametrize("game", GAMES)
def test_the_shipped_spreads_are_those_of_the_populations(game: str) -> None:
    shipped = load()[game].spread
    assert dict(shipped.behaviours) == pooled_spreads(game)
    if game != "breakthrough":
        spreads = [float(each.scores.std()) for each in populations() if each.game == game]
        pooled = float(np.sqrt(np.mean(np.square(spreads))))
        assert 0.6 * shipped.score < pooled < 1.1 * shipped.score


@pytest.mark.parametrize("game", GAMES)
def test_no_interval_is_without_width_and_each_holds_its_mean(game: str) -> None:
    for each in populations():
        if each.game == game:
            for size in (1, 2, 5, 20):
                for sample in each.samples(size, 5):
                    found = figure(sample, each.scale)
                    assert found.low < found.high
                    assert found.low <= found.mean <= found.high


@pytest.mark.slow
@pytest.mark.parametrize("size", [10, 20])
@pytest.mark.parametrize("game", GAMES)
def test_scores_are_covered(game: str, size: int) -> None:
    shares = game_coverage(game, size, times=1000)
    assert 0.93 <= fmean(shares.values()) <= 0.97
    assert min(shares.values()) > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("counts", ["10", "20", "vsbench-1"])
def test_the_overall_score_is_covered(counts: str) -> None:
    combined = profiles(12)
    games = [each.game for each in combined[0]]
    sizes = [PAPER_COUNTS.get(game, 10) if counts == "vsbench-1" else int(counts) for game in games]
    shares = [overall_coverage(profile, sizes, 200) for profile in combined]
    assert 0.93 <= median(shares) <= 0.975
    assert 0.93 <= fmean(shares) <= 0.975


@pytest.mark.slow
@pytest.mark.parametrize("hands", [60, 240])
def test_the_plug_in_value_is_covered_and_less_noisy(hands: int) -> None:
    covered, factors = zip(*(plug_in_coverage(p, hands, 150) for p in policies(8)), strict=True)
    assert fmean(covered) > 0.93
    assert median(factors) > 4


@pytest.mark.slow
@pytest.mark.parametrize(("strengths", "deals"), RATED)
def test_ratings_and_differences_are_covered(strengths: tuple[float, ...], deals: int) -> None:
    ratings, differences = rating_coverage(strengths, deals, 200)
    assert 0.9 <= ratings <= 0.995
    assert 0.9 <= differences <= 0.995


@pytest.mark.slow
def test_perception_is_covered() -> None:
    """Eight samples of each recorded episode share their difficulty; sources differ in it."""
    rng, true = np.random.default_rng(6), 60.0
    covered = []
    for _ in range(500):
        values, clusters, strata = [], [], []
        for episode in range(24):
            source = episode % 3
            shared = rng.normal(0, 12)
            for _ in range(8):
                values.append(true + 15 * (source - 1) + shared + rng.normal(0, 10))
                clusters.append(episode)
                strata.append(source)
        found = clustered(values, clusters, PERCENT, strata).figure
        covered.append(found.low <= true <= found.high)
    assert 0.93 <= fmean(covered) <= 0.975
