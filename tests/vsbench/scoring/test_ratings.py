"""Ratings: the model's own cases, and strengths found again from simulated play."""

import math

import numpy as np
import pytest

from vsbench.scoring import ratings
from vsbench.scoring.ratings import elo_ratings, log_strengths


@pytest.fixture
def no_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratings, "PRIOR", 0.0)


def test_two_players_differ_by_the_odds_of_what_they_won() -> None:
    one, two = log_strengths(np.array([[0.0, 3.0], [1.0, 0.0]]))
    assert one - two == pytest.approx(math.log(3))
    assert one + two == pytest.approx(0)


@pytest.mark.usefixtures("no_prior")
def test_ten_to_one_is_400_points_around_1500() -> None:
    first, second = elo_ratings([np.array([[[0.0, 10.0], [1.0, 0.0]]])])
    assert (first.mean, second.mean) == (pytest.approx(1700), pytest.approx(1300))
    assert first.low is None


def test_strength_is_passed_on() -> None:
    """A beats B as B beats C: then A beats C by both odds together, though they never met."""
    wins = np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
    logs = log_strengths(wins)
    assert logs[0] - logs[1] == pytest.approx(math.log(2))
    assert logs[0] - logs[2] == pytest.approx(math.log(4))


def test_the_likelihood_has_its_maximum_there() -> None:
    """Everybody's expected wins are the real ones: the score equations of the likelihood."""
    wins = np.random.default_rng(3).integers(1, 9, size=(5, 5)).astype(float)
    np.fill_diagonal(wins, 0)
    s = np.exp(log_strengths(wins))
    expected = ((wins + wins.T) * s[:, None] / (s[:, None] + s)).sum(axis=1)
    assert expected == pytest.approx(wins.sum(axis=1), rel=1e-6)


def test_many_tables_at_once_are_the_same_as_each() -> None:
    tables = np.random.default_rng(4).integers(1, 9, size=(3, 4, 4)).astype(float)
    together = log_strengths(tables)
    for one, table in zip(together, tables, strict=True):
        assert one == pytest.approx(log_strengths(table), abs=1e-6)


def test_who_has_won_everything_stays_finite() -> None:
    wins = np.zeros((10, 3, 3))
    wins[:, 0, 1] = wins[:, 0, 2] = wins[:, 1, 2] = 2
    best, middle, last = elo_ratings([wins])
    assert 1700 < best.mean < 2500
    assert middle.mean == pytest.approx(1500)
    assert best.mean + last.mean == pytest.approx(3000)


def test_draws_alone_tell_nothing() -> None:
    wins = np.full((4, 2, 2), 0.5)
    assert [figure.mean for figure in elo_ratings([wins])] == [pytest.approx(1500)] * 2


def test_games_weigh_alike_however_long_they_are() -> None:
    """A thousand episodes one way and ten the other are no winner."""
    ours, theirs = np.zeros((500, 2, 2)), np.zeros((5, 2, 2))
    ours[:, 0, 1], theirs[:, 1, 0] = 2, 2
    assert [figure.mean for figure in elo_ratings([ours, theirs])] == [pytest.approx(1500)] * 2


@pytest.mark.parametrize("seed", range(3))
def test_strengths_are_found_again(seed: int) -> None:
    """Nearly all intervals hold the strengths that simulated play was drawn from."""
    rng, true = np.random.default_rng(seed), np.linspace(-1, 1, 6)
    wins = np.zeros((80, 6, 6))
    for i in range(6):
        for j in range(i):
            won = rng.binomial(2, 1 / (1 + math.exp(true[j] - true[i])), size=80)
            wins[:, i, j], wins[:, j, i] = won, 2 - won
    figures = elo_ratings([wins])
    held = [
        f.low <= 1500 + 400 / math.log(10) * t <= f.high for f, t in zip(figures, true, strict=True)
    ]
    assert sum(held) >= 5
    assert all(25 < f.high - f.low < 80 for f in figures)


def test_deals_are_the_units() -> None:
    """Deals that were each shared out between the seats leave nothing to chance."""
    shared = np.zeros((20, 2, 2))
    shared[:, 0, 1] = shared[:, 1, 0] = 1
    lucky = shared.copy()
    lucky[::2, 0, 1], lucky[::2, 1, 0] = 2, 0
    lucky[1::2, 0, 1], lucky[1::2, 1, 0] = 0, 2
    certain, uncertain = elo_ratings([shared])[0], elo_ratings([lucky])[0]
    assert certain.mean == pytest.approx(uncertain.mean)
    assert certain.high - certain.low == pytest.approx(0)
    assert uncertain.high - uncertain.low > 100
