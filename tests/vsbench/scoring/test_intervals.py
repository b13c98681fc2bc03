"""Means and intervals: formulas against scipy, and what holds for every sample."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vsbench.records.results import FEW
from vsbench.scoring.intervals import (
    PRIOR_DF,
    Mean,
    Scale,
    accuracy,
    bounded,
    clustered,
    estimate,
    figure,
    group_means,
    holm,
    mean_of_means,
    t_quantile,
    two_sided_p,
    wilson,
)

POINTS = Scale(spread=30.0)


@pytest.mark.parametrize("df", [1, 2, 3.7, 11, 400.5])
def test_quantiles_and_p_values_are_those_of_t(df: float) -> None:
    assert t_quantile(df) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-9)
    assert two_sided_p(2.1, df) == pytest.approx(2 * stats.t.sf(2.1, df))
    assert two_sided_p(-2.1, df) == two_sided_p(2.1, df)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (3, 10), (81, 263), (400, 400)])
def test_wilson_is_that_of_scipy(right: int, n: int) -> None:
    expected = stats.binomtest(right, n).proportion_ci(method="wilson")
    found = wilson(right / n, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_design_effect_is_as_if_there_were_fewer_trials() -> None:
    plain, correlated = wilson(0.3, 50), wilson(0.3, 100, design_effect=2)
    assert (correlated.low, correlated.high) == pytest.approx((plain.low, plain.high))
    assert correlated.n == 100


def test_without_a_prior_spread_only_the_degrees_of_freedom_differ_from_t() -> None:
    values = [3.0, 9.0, 4.0, 12.0, 5.0]
    found = estimate(values, Scale(spread=0.0))
    squares = float(np.var(values)) * 5
    assert found.df == 4 + PRIOR_DF
    assert found.error == pytest.approx(math.sqrt(squares / found.df / 5))
    # A prior spread that is the observed one leaves the variance as it is.
    same = estimate(values, Scale(spread=float(np.std(values, ddof=1))))
    assert same.error == pytest.approx(float(stats.sem(values)))


def test_one_episode_has_the_prior_interval() -> None:
    found = figure([4.0], POINTS)
    half = stats.t.ppf(0.975, 2) * 30
    assert (found.low, found.high) == pytest.approx((4 - half, 4 + half))
    assert found.few
    assert not figure([4.0] * FEW, POINTS).few


def test_intervals_are_cut_to_what_is_possible() -> None:
    found = figure([25.0] * 10, Scale(spread=7.0, bounds=(0.0, 25.0)))
    assert found.high == found.mean == 25.0
    assert found.low < 25.0


def test_wins_and_losses_have_the_interval_of_wilson() -> None:
    scale = Scale(spread=50.0, bounds=(-100.0, 100.0), binary=True)
    found, share = figure([100.0] * 9 + [-100.0], scale), wilson(0.9, 10)
    assert found.mean == pytest.approx(80)
    assert found.low == pytest.approx(200 * share.low - 100)
    assert found.high == pytest.approx(200 * share.high - 100)


def test_mean_and_interval_are_over_the_same_whole_groups() -> None:
    values, numbers = [0.0, 6.0, 2.0, 4.0, 90.0], [0, 1, 2, 3, 4]
    assert group_means(values, 2, numbers) == ([3.0, 3.0], 2)
    found = figure(values, POINTS, 2, numbers)
    assert (found.mean, found.n) == (3.0, 2)
    assert found == figure(values[:4], POINTS, 2)


def test_a_missing_episode_leaves_the_other_groups_as_they_are() -> None:
    numbers = [number for number in range(8) if number != 1]
    values = [float(number % 2) for number in numbers]
    # Without 1, 0 stands alone; each of the others still has its partner.
    assert group_means(values, 2, numbers) == ([0.5, 0.5, 0.5], 2)
    # Without a whole group, episodes are the units.
    assert group_means([1.0, 2.0, 3.0], 2, [0, 3, 5]) == ([1.0, 2.0, 3.0], 1)


def test_the_prior_spread_is_that_of_the_unit() -> None:
    scale = Scale(spread=10.0, group=12)
    assert scale.of_groups(12) == 10.0
    assert scale.of_groups(3) == 20.0
    assert scale.of_units(3) == Scale(spread=20.0, group=1)


@pytest.mark.parametrize("group", [1, 2, 12])
@pytest.mark.parametrize("binary", [False, True])
def test_for_every_number_of_episodes_the_mean_is_inside_and_there_is_a_width(
    group: int, binary: bool
) -> None:
    rng = np.random.default_rng(3)
    scale = Scale(spread=1.0, bounds=(-1.0, 1.0), group=group, binary=binary)
    for n in range(1, 61):
        for values in (rng.choice([-1.0, 1.0], n).tolist(), [1.0] * n, [-1.0] * n):
            found = figure(values, scale, group)
            assert -1 <= found.low <= found.mean <= found.high <= 1
            assert found.high - found.low > 0.01


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    st.integers(1, 4),
    st.floats(0.001, 100),
)
def test_intervals_repeat_hold_the_mean_and_have_a_width(
    values: list[float], group: int, spread: float
) -> None:
    scale = Scale(spread, (-100.0, 100.0))
    found = figure(values, scale, group)
    assert found == figure(values, scale, group)
    assert -100 <= found.low <= found.mean <= found.high <= 100
    assert found.low < found.high


@given(st.integers(1, 400), st.floats(1, 50), st.data())
def test_shares_lie_between_nothing_and_everything(
    n: int, effect: float, data: st.DataObject
) -> None:
    found = wilson(data.draw(st.integers(0, n)) / n, n, effect)
    assert 0 <= found.low <= found.mean <= found.high <= 1
    assert found.low < found.high


def test_an_impossible_interval_is_cut() -> None:
    found = bounded(0.5, (-1.0, 2.0), 3, (0.0, 1.0))
    assert (found.low, found.mean, found.high) == (0.0, 0.5, 1.0)


def test_the_mean_of_two_means_has_the_degrees_of_freedom_of_welch() -> None:
    one, two = [1.0, 4.0, 2.0, 6.0], [10.0, 30.0, 20.0, 15.0, 70.0, 11.0]
    means = [Mean(float(np.mean(x)), float(stats.sem(x)), len(x) - 1, len(x)) for x in (one, two)]
    found = mean_of_means(means)
    oracle = stats.ttest_ind(one, two, equal_var=False)
    assert found.df == pytest.approx(oracle.df)
    # The difference of two means has twice the standard error of their mean.
    interval = oracle.confidence_interval()
    shown = found.figure
    assert 2 * (shown.high - shown.low) == pytest.approx(interval.high - interval.low)
    assert (shown.mean, shown.n) == (pytest.approx(14.625), 2)


def test_holm_adjusts_as_published() -> None:
    """The example is that of R's p.adjust: each p is multiplied by the hypotheses left."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_values_alone_in_their_clusters_have_their_usual_variance() -> None:
    values = [2.0, 8.0, 5.0, 1.0]
    found = clustered(values, range(4), Scale(spread=float(np.std(values, ddof=1))))
    assert found.error == pytest.approx(float(stats.sem(values)))
    assert (found.df, found.n) == (3 + PRIOR_DF, 4)


def test_clusters_of_equal_values_count_once() -> None:
    values = [2.0, 8.0, 5.0, 1.0]
    scale = Scale(spread=float(np.std(values, ddof=1)))
    single, tripled = (clustered(values * times, list(range(4)) * times, scale) for times in (1, 3))
    assert tripled.error == pytest.approx(single.error)
    assert tripled.n == 4


def test_differences_between_strata_are_no_error() -> None:
    values = [0.0, 2.0, 100.0, 102.0]
    pooled = clustered(values, range(4), Scale(1.0))
    stratified = clustered(values, range(4), Scale(1.0), ["a", "a", "b", "b"])
    assert stratified.error < 2 < 20 < pooled.error
    # A stratum of one cluster shows no variance of its own, so it is merged with another.
    assert clustered(values, range(4), Scale(1.0), ["a", "a", "a", "b"]).df == PRIOR_DF + 3
    assert clustered(values, range(4), Scale(1.0), "abcd") == pooled


def test_one_cluster_has_the_prior_interval() -> None:
    found = clustered([10.0, 30.0], ["a", "a"], Scale(20.0))
    assert (found.value, found.error, found.df, found.n) == (20.0, 20.0, PRIOR_DF, 1)


def test_accuracy_of_independent_answers_is_wilsons() -> None:
    right = [1.0] * 30 + [0.0] * 20
    shown, mean = accuracy(right, range(50))
    assert shown == wilson(0.6, 50)
    assert mean.error == pytest.approx((shown.high - shown.low) / (2 * stats.norm.ppf(0.975)))


def test_accuracy_of_answers_that_stand_and_fall_together_is_less_certain() -> None:
    right = [1.0] * 30 + [0.0] * 20
    clusters = [number // 5 for number in range(50)]
    shown, _ = accuracy(right, clusters)
    # Ten clusters of five equal answers are about ten answers.
    expected = wilson(0.6, 10)
    assert shown.high - shown.low == pytest.approx(expected.high - expected.low, rel=0.1)
    # Answers that are right as often in every cluster are no more certain than independent ones.
    shown, _ = accuracy([1.0, 0.0] * 25, [number // 2 for number in range(50)])
    assert shown == wilson(0.5, 50)
