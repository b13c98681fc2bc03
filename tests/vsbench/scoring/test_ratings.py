"""Ratings: the model's own cases, and strengths found again from simulated play."""

import math

import numpy as np
import pytest

from vsbench.scoring.ratings import Difference, Ratings, log_strengths, rate


def test_two_players_differ_by_the_odds_of_what_they_won() -> None:
    one, two = log_strengths(np.array([[0.0, 3.0], [1.0, 0.0]]))
    assert one - two == pytest.approx(math.log(3))
    assert one + two == pytest.approx(0)


def test_ten_to_one_is_400_points_around_1500() -> None:
    # With the half win credited to each side: ten and one.
    first, second = rate([np.array([[[0.0, 9.5], [0.5, 0.0]]])]).elo
    assert (first.mean, second.mean) == (pytest.approx(1700), pytest.approx(1300))
    assert first.low < 1700 < first.high


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
    best, middle, last = rate([wins]).elo
    assert 1700 < best.mean < 2500
    assert middle.mean == pytest.approx(1500)
    assert best.mean + last.mean == pytest.approx(3000)


def test_draws_alone_tell_nothing() -> None:
    wins = np.full((4, 2, 2), 0.5)
    assert [figure.mean for figure in rate([wins]).elo] == [pytest.approx(1500)] * 2


def test_games_weigh_alike_however_long_they_are() -> None:
    """A thousand episodes one way and ten the other are no winner."""
    ours, theirs = np.zeros((500, 2, 2)), np.zeros((5, 2, 2))
    ours[:, 0, 1], theirs[:, 1, 0] = 2, 2
    assert [figure.mean for figure in rate([ours, theirs]).elo] == [pytest.approx(1500)] * 2


@pytest.mark.parametrize("seed", range(3))
def test_strengths_are_found_again(seed: int) -> None:
    """Nearly all intervals hold the strengths that simulated play was drawn from."""
    rng, true = np.random.default_rng(seed), np.linspace(-1, 1, 6)
    wins = np.zeros((80, 6, 6))
    for i in range(6):
        for j in range(i):
            won = rng.binomial(2, 1 / (1 + math.exp(true[j] - true[i])), size=80)
            wins[:, i, j], wins[:, j, i] = won, 2 - won
    figures = rate([wins]).elo
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
    certain, uncertain = rate([shared]).elo[0], rate([lucky]).elo[0]
    assert certain.mean == pytest.approx(uncertain.mean)
    # What is left is what deals not yet seen may bring.
    assert 1 < certain.high - certain.low < 20
    assert uncertain.high - uncertain.low > 100


@pytest.mark.parametrize("deals", [1, 2, 10, 40])
@pytest.mark.parametrize("players", [2, 3, 5])
def test_ratings_of_unbeaten_players_have_a_width(players: int, deals: int) -> None:
    found = rate([np.stack([np.triu(np.ones((players, players)), 1)] * deals)])
    for each in found.elo:
        assert each.low < each.mean < each.high
        assert each.high - each.low > 50
    for difference in found.differences:
        assert difference.points.low < difference.points.mean < difference.points.high


def test_ratings_repeat() -> None:
    wins = np.random.default_rng(5).integers(0, 3, size=(12, 4, 4)).astype(float)
    assert rate([wins]) == rate([wins])


def test_differences_are_of_every_pair_the_stronger_first() -> None:
    wins = np.zeros((30, 3, 3))
    wins[:, 2, 0] = wins[:, 2, 1] = 1
    wins[::2, 0, 1] = wins[1::2, 1, 0] = 1
    wins[0, 0, 1], wins[1, 0, 1], wins[1, 1, 0] = 1, 1, 0
    found = rate([wins])
    assert [(each.first, each.second) for each in found.differences] == [(2, 0), (2, 1), (0, 1)]
    for each in found.differences:
        assert each.points.mean == pytest.approx(
            found.elo[each.first].mean - found.elo[each.second].mean
        )
    clear, _, tie = found.differences
    assert clear.p < 0.05 < 0.5 < tie.p
    assert clear.points.low > 0 > tie.points.low
    assert [found.rank(player) for player in range(3)] == [(2, 3), (2, 3), (1, 1)]
    assert found.tie_groups() == {2: 1, 0: 2, 1: 2}


def test_a_pair_that_would_differ_alone_may_not_among_many() -> None:
    """Six tests are made of four players, so each must be the more certain."""
    wins = np.zeros((20, 4, 4))
    half = np.arange(20) % 2 == 0
    for i in range(4):
        for j in range(i):
            wins[half, i, j] = wins[~half, j, i] = 1
    for first, second, won in ((0, 3, 17), (0, 2, 13), (1, 3, 13)):
        wins[:, first, second] = np.arange(20) < won
        wins[:, second, first] = np.arange(20) >= won
    found = rate([wins])
    largest = max(found.differences, key=lambda each: each.points.low)
    assert largest.points.low > 0
    assert largest.p > 0.05
    assert [found.rank(player) for player in range(4)] == [(1, 4)] * 4


def test_ranks_follow_from_what_is_significant() -> None:
    figure = rate([np.ones((4, 2, 2))]).elo[0]
    elo = tuple(figure.model_copy(update={"mean": 1500.0 - place}) for place in range(4))

    def difference(first: int, second: int, p: float) -> Difference:
        return Difference(first, second, figure, p)

    found = Ratings(
        elo,
        (
            difference(0, 1, 0.2), difference(0, 2, 0.01), difference(0, 3, 0.001),
            difference(1, 2, 0.3), difference(1, 3, 0.02), difference(2, 3, 0.9),
        ),
    )  # fmt: skip
    assert [found.rank(player) for player in range(4)] == [(1, 2), (1, 3), (2, 4), (3, 4)]
    assert found.tie_groups() == {0: 1, 1: 1, 2: 2, 3: 2}
