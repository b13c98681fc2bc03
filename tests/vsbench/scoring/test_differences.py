"""Differences between runs: tests and intervals against scipy, and degenerate inputs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vsbench.scoring.differences import (
    EXACT,
    PAIRED_SPREAD,
    adjust,
    detectable,
    mcnemar,
    of_answers,
    of_episodes,
    of_estimates,
    overall,
    sign_flip,
    top_up,
    units_needed,
    with_units,
)
from vsbench.scoring.intervals import PRIOR_DF, Mean, Scale
from vsbench.scoring.results import PERCENT

POINTS = Scale(spread=30.0)


def numbered(values: list[float]) -> dict[int, float]:
    return dict(enumerate(values))


@pytest.mark.parametrize("n", [2, 5, 11])
def test_signs_are_flipped_as_scipy_does(n: int) -> None:
    rng = np.random.default_rng(n)
    for differences in (rng.normal(-0.5, 1, n), rng.integers(-3, 3, n).astype(float)):
        both, worse = sign_flip(differences.tolist())
        for found, alternative in ((both, "two-sided"), (worse, "less")):
            expected = stats.permutation_test(
                (differences,),
                np.sum,
                permutation_type="samples",
                n_resamples=math.inf,
                alternative=alternative,
            )
            assert found == pytest.approx(expected.pvalue)


def test_many_differences_are_tested_by_a_fixed_sample_of_signs() -> None:
    rng = np.random.default_rng(5)
    differences = rng.normal(-0.3, 1, 80).tolist()
    both, worse = sign_flip(differences)
    assert sign_flip(differences) == (both, worse)
    t = stats.ttest_1samp(differences, 0)
    assert both == pytest.approx(t.pvalue, abs=0.01)
    assert worse == pytest.approx(t.pvalue / 2, abs=0.006)
    # Zeros do not change any sum, so few others are still counted one by one.
    few = differences[:12]
    assert sign_flip(few + [0.0] * 80) == sign_flip(few)
    assert len(differences) > EXACT > len(few)


def test_without_a_difference_there_is_no_evidence() -> None:
    assert sign_flip([0.0] * 9) == sign_flip([]) == (1.0, 1.0)
    assert mcnemar(0, 0) == (1.0, 1.0)
    # 0.1 + 0.2 - 0.3 is not 0 in floating point.
    assert sign_flip([0.1, 0.2, -0.3])[0] == 1.0


@pytest.mark.parametrize(("worse", "better"), [(0, 1), (3, 3), (9, 2), (1, 14), (60, 41)])
def test_pairs_of_answers_are_tested_as_scipy_does(worse: int, better: int) -> None:
    both, lower = mcnemar(worse, better)
    n = worse + better
    assert both == pytest.approx(stats.binomtest(better, n).pvalue)
    assert lower == pytest.approx(stats.binomtest(better, n, alternative="less").pvalue)


def test_paired_episodes_have_the_t_interval_of_their_differences() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(50, 30, 12)
    new = base + rng.normal(-4, 5, 12)
    scale = Scale(float(np.std(new - base, ddof=1)) / PAIRED_SPREAD)
    found = of_episodes(numbered(base.tolist()), numbered(new.tolist()), scale, same_seeds=True)
    assert found
    oracle = stats.ttest_rel(new, base)
    assert found.mean.error == pytest.approx(float(stats.sem(new - base)))
    assert found.mean.df == oracle.df + PRIOR_DF
    assert found.p_worse == sign_flip((new - base).tolist())[1]
    assert (found.paired, found.test, found.mean.n) == (True, "sign-flip", 12)


def test_episodes_of_other_seeds_are_compared_by_welch() -> None:
    one, two = [1.0, 4.0, 2.0, 6.0], [10.0, 30.0, 20.0, 15.0, 70.0, 11.0]
    means = [Mean(float(np.mean(x)), float(stats.sem(x)), len(x) - 1, len(x)) for x in (one, two)]
    found, oracle = of_estimates(*means), stats.ttest_ind(two, one, equal_var=False)
    assert found.p == pytest.approx(oracle.pvalue)
    assert found.p_worse == pytest.approx(1 - oracle.pvalue / 2)
    interval = oracle.confidence_interval()
    shown = found.record()
    assert (shown.low, shown.high) == pytest.approx((interval.low, interval.high))
    assert (shown.n, shown.test, shown.paired) == (4, "Welch", False)
    unpaired = of_episodes(numbered(one), numbered(two), POINTS, same_seeds=False)
    assert unpaired
    # The prior adds to the variance of both.
    assert unpaired.mean.value == found.mean.value
    assert unpaired.mean.error > found.mean.error


def test_episodes_are_paired_in_whole_groups() -> None:
    base = numbered([0.0, 0.0, 0.0, 0.0, 0.0])
    new = {0: 1.0, 1: 3.0, 2: 5.0, 3: -1.0, 4: 90.0, 9: 70.0}
    found = of_episodes(base, new, POINTS, 2, same_seeds=True)
    assert found
    assert (found.mean.value, found.mean.n, found.unit) == (2.0, 2, 2)
    assert found.p_worse == 1.0
    # Without a whole group, single episodes are compared.
    single = of_episodes(base, {4: 3.0}, POINTS, 2, same_seeds=True)
    assert single
    assert (single.mean.value, single.mean.n, single.unit) == (3.0, 1, 1)


def test_nothing_in_common_is_no_difference() -> None:
    for same_seeds in (True, False):
        assert of_episodes({}, {0: 1.0}, POINTS, same_seeds=same_seeds) is None
    assert of_episodes({1: 1.0}, {0: 1.0}, POINTS, same_seeds=True) is None
    assert of_answers({1: 1.0}, {0: 1.0}, {}, scale=PERCENT, binary=True) is None


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=25),
    st.lists(st.floats(-100, 100), min_size=1, max_size=25),
    st.booleans(),
    st.integers(1, 3),
)
def test_every_difference_has_a_width_and_a_detectable_drop(
    base: list[float], new: list[float], same_seeds: bool, size: int
) -> None:
    scale = Scale(10.0, (-100.0, 100.0))
    found = of_episodes(numbered(base), numbered(new), scale, size, same_seeds=same_seeds)
    assert found
    shown = found.record(drop=5.0)
    assert -200 <= shown.low <= shown.value <= shown.high <= 200
    assert shown.low < shown.high
    assert shown.detectable > 0
    assert 0 <= shown.p_worse <= 1
    assert 0 <= shown.p <= 1
    assert shown.needed is None or shown.needed >= 1


def test_equal_runs_differ_by_nothing_with_a_width() -> None:
    scores = numbered([50.0] * 10)
    found = of_episodes(scores, scores, POINTS, same_seeds=True)
    assert found
    shown = found.record()
    assert (shown.value, shown.p, shown.p_worse) == (0.0, 1.0, 1.0)
    assert 5 < shown.high == -shown.low < 15


def test_bounds_of_a_difference_are_those_of_both() -> None:
    scale = Scale(30.0, (0.0, 25.0))
    found = of_episodes({0: 25.0}, {0: 0.0}, scale, same_seeds=True)
    assert found
    assert found.mean.bounds == (-25.0, 25.0)
    counts = of_episodes({0: 1.0}, {0: 0.0}, Scale(1.0, (0.0, math.inf)), same_seeds=True)
    assert counts
    assert counts.mean.bounds == (-math.inf, math.inf)


def test_answers_right_or_wrong_are_tested_by_mcnemar() -> None:
    base = dict.fromkeys(range(60), 1.0) | dict.fromkeys(range(60, 100), 0.0)
    new = base | dict.fromkeys(range(12), 0.0) | dict.fromkeys(range(95, 100), 1.0)
    clusters = {sample: sample for sample in base}
    found = of_answers(base, new, clusters, scale=PERCENT, binary=True)
    assert found
    assert found.mean.value == pytest.approx(-7)
    assert (found.p, found.p_worse) == mcnemar(12, 5)
    # Bonett and Price (2012): shares 13/102 and 6/102.
    worse, better = 13 / 102, 6 / 102
    error = 100 * math.sqrt((worse + better - (worse - better) ** 2) / 102)
    assert found.mean.error == pytest.approx(error)
    same = of_answers(base, base, clusters, scale=PERCENT, binary=True)
    assert same
    assert same.p == 1.0
    assert same.mean.error > 1


def test_answers_that_change_together_are_less_certain() -> None:
    base = dict.fromkeys(range(100), 1.0)
    new = base | dict.fromkeys(range(10), 0.0)
    alone = of_answers(base, new, {k: k for k in base}, scale=PERCENT, binary=True)
    together = of_answers(base, new, {k: k // 10 for k in base}, scale=PERCENT, binary=True)
    assert alone
    assert together
    assert together.mean.error > 1.5 * alone.mean.error


def test_partial_credit_is_compared_by_clusters() -> None:
    rng = np.random.default_rng(2)
    base = {k: float(rng.random()) for k in range(40)}
    new = {k: min(1.0, base[k] + 0.05 * float(rng.random())) for k in base}
    differences = [100 * (new[k] - base[k]) for k in base]
    spread = float(np.std(differences, ddof=1)) / PAIRED_SPREAD
    found = of_answers(base, new, {k: k for k in base}, scale=Scale(spread), binary=False)
    assert found
    assert found.mean.error == pytest.approx(float(stats.sem(differences)))
    assert found.test == "clustered t"
    assert found.mean.n == 40
    assert found.p == pytest.approx(
        2 * stats.t.sf(found.mean.value / found.mean.error, 39 + PRIOR_DF)
    )
    strata = dict.fromkeys(base, "one")
    assert (
        of_answers(base, new, {k: k for k in base}, strata, scale=Scale(spread), binary=False)
        == found
    )


def test_the_overall_difference_is_the_mean_over_games() -> None:
    parts = [
        of_estimates(Mean(50, 3, 9, 10), Mean(45, 4, 9, 10)),
        of_estimates(Mean(80, 2, 9, 10), Mean(83, 1, 19, 20)),
    ]
    found = overall(parts)
    assert found.mean.value == pytest.approx(-1)
    assert found.mean.error == pytest.approx(math.sqrt(25 + 5) / 2)
    assert (found.mean.n, found.test) == (2, "Welch-Satterthwaite")
    single = overall(parts[:1])
    assert (single.mean.value, single.p) == pytest.approx((parts[0].mean.value, parts[0].p))
    assert adjust(parts)[0] == pytest.approx(2 * parts[0].p_worse)


@pytest.mark.slow
def test_a_drop_of_the_detectable_size_is_found_in_four_of_five_runs() -> None:
    rng = np.random.default_rng(3)
    n, found = 15, 0
    for _ in range(4000):
        mean = Mean(0.0, 1 / math.sqrt(n), n - 1, n)
        sample = rng.normal(-detectable(mean), 1, n)
        found += stats.ttest_1samp(sample, 0, alternative="less").pvalue < 0.05
    assert 0.77 < found / 4000 < 0.83


def test_the_units_needed_find_the_drop() -> None:
    base = numbered([float(v) for v in range(10)])
    new = numbered([v * 1.5 for v in range(10)])
    found = of_episodes(base, new, Scale(1.0), same_seeds=True)
    assert found
    for drop in (0.1, 1.0, 3.0):
        needed = units_needed(found, drop)
        assert needed
        assert detectable(found.with_units(needed)) <= drop
        assert needed == 1 or detectable(found.with_units(needed - 1)) > drop
    assert units_needed(found, 1e-9) is None
    assert with_units(found.mean, 10) == found.mean
    total = overall([found, found])
    both = units_needed(total, 1.0)
    assert both
    assert both < units_needed(found, 1.0)  # type: ignore[operator]


def test_units_are_added_where_they_help_most() -> None:
    games = {"quiet": Mean(0, 1, 11, 10), "noisy": Mean(0, 9, 11, 10)}
    drop = detectable(overall([of_estimates(m, m) for m in games.values()]).mean) / 3
    units = top_up(games, drop)
    assert units
    assert units["quiet"] == 10
    assert units["noisy"] > 30
    assert top_up(games, 1e-9) is None
    assert top_up(games, 1000) == {"quiet": 10, "noisy": 10}


def test_all_assignments_of_signs_are_counted_by_halves() -> None:
    differences = [3.0, -1.0, 4.0, -1.5, 5.0, -9.0]
    sums = [
        sum(sign * abs(d) for sign, d in zip(signs, differences, strict=True))
        for signs in itertools.product((-1, 1), repeat=6)
    ]
    total = sum(differences)
    both, worse = sign_flip(differences)
    assert worse == pytest.approx(np.mean([s <= total for s in sums]))
    assert both == pytest.approx(np.mean([abs(s) >= abs(total) for s in sums]))
