"""Sequential looks: when they stop, which episodes come next, and that they cannot be fooled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from vsbench.records.frames import OVERALL
from vsbench.scoring.intervals import Mean, Scale
from vsbench.scoring.sequential import (
    FLOOR,
    MIXING,
    Series,
    conditional_power,
    half_width,
    look,
    next_batch,
)

POINTS = Scale(spread=10.0)


def noisy(mean: float, n: int, spread: float = 10.0, seed: int = 0) -> list[float]:
    values = np.random.default_rng(seed).normal(0, 1, n)
    return (mean + spread * (values - values.mean()) / values.std()).tolist()


def series(mean: float, n: int, planned: int = 40, spread: float = 10.0) -> Series:
    return Series(noisy(mean, n, spread), planned, POINTS)


def games(*means: float, n: int, planned: int = 40) -> Mapping[str, Series]:
    return {f"game {place}": series(mean, n, planned) for place, mean in enumerate(means)}


def test_the_sequence_is_where_the_mixture_of_likelihood_ratios_is_small() -> None:
    """Integrate the likelihood ratio of t over the mixing distribution (Wang and Ramdas, 2024)."""
    n, level = 12, 0.01
    mean = Mean(0.0, 1.0, n - 1, n)
    # With a precision of n, the mixing distribution of the standardised mean has one of n/MIXING.
    half = half_width(mean, 1.0, level)

    def ratio(theta: float) -> float:
        weight = stats.norm.pdf(theta, scale=math.sqrt(MIXING / n))
        likelihood = stats.nct.pdf(half, n - 1, theta * math.sqrt(n)) / stats.t.pdf(half, n - 1)
        return float(weight * likelihood)

    evidence, _ = integrate.quad(ratio, -8, 8, limit=200)
    assert evidence == pytest.approx(1 / (2 * level), rel=1e-3)


def test_a_sequence_of_few_units_is_without_end() -> None:
    assert half_width(Mean(0.0, 1.0, 2.0, 1), 0.01, 0.001) == math.inf
    wide, narrow = (half_width(Mean(0.0, 1.0, df, 9), 0.5, 0.01) for df in (5, 500))
    assert narrow < wide < math.inf


def test_nothing_is_said_before_each_game_has_its_first_units() -> None:
    assert look({"a": series(-80, 20), "b": series(-80, FLOOR - 1)}) is None
    few = {"a": series(0, 20), "b": Series([0.0, 1.0], 2, POINTS)}
    assert look(few) is not None


def test_a_large_drop_stops_early() -> None:
    found = look(games(-40, -30, -35, n=8))
    assert found
    assert (found.verdict, found.regressions) == ("regression", (OVERALL,))
    assert found.high < 0
    assert found.saved == pytest.approx(0.8)
    # A tolerated one does not.
    tolerant = look(games(-40, -30, -35, n=8), tolerance=60)
    assert tolerant
    assert tolerant.verdict != "regression"


def test_no_drop_stops_when_one_that_matters_is_excluded() -> None:
    found = look(games(4, 5, 3, n=30))
    assert found
    assert (found.verdict, found.regressions) == ("pass", ())
    open_ = look(games(-3, -2, -4, n=10))
    assert open_
    assert open_.verdict is None
    # A drop smaller than all planned episodes could find must be excluded by the sequence.
    strict = look(games(0, 0, 0, n=30), detect=open_.detectable / 2, tolerance=0)
    assert strict
    assert strict.verdict is None


def test_the_last_look_decides() -> None:
    drops: list[tuple[tuple[float, ...], float | None, str]] = [
        ((-8, -9, -7), None, "regression"),
        ((1, -1, 0), None, "pass"),
        ((1, -1, 0), 1.0, "inconclusive"),
    ]
    for means, detect, verdict in drops:
        found = look(games(*means, n=40), detect=detect, tolerance=0.5)
        assert found
        assert (found.verdict, found.saved) == (verdict, 0.0)
    # The drop of one game is found too, though the others gain.
    found = look(games(9, 9, -18, n=40))
    assert found
    assert found.regressions == ("game 2",)


def test_episodes_go_where_they_lower_the_variance_most_for_their_cost() -> None:
    played = {
        "quiet": series(0, 10, spread=2.0),
        "noisy": series(0, 10, spread=40.0),
        "dear": Series(noisy(0, 10, 40.0), 40, POINTS, cost=100.0),
    }
    found = next_batch(played, share=0.001)
    assert found == {"quiet": 10, "noisy": 15, "dear": 10}
    assert next_batch(played, share=1.0) == dict.fromkeys(played, 40)


def test_the_first_batch_begins_all_games() -> None:
    fresh = {
        "a": Series([], 40, POINTS),
        "b": Series([], 3, POINTS),
        "c": Series([0.0] * 30, 240, Scale(130.0, group=12), size=12),
    }
    first = next_batch(fresh)
    assert first == {"a": FLOOR, "b": 3, "c": FLOOR * 12}
    begun = {name: replace(each, differences=[0.0] * first[name]) for name, each in fresh.items()}
    following = next_batch(begun)
    # Kuhn poker goes on by whole groups of hands.
    assert following["c"] % 12 == 0
    assert sum(following.values()) > sum(first.values())


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(-100, 100), max_size=30), st.integers(1, 30), st.integers(1, 4)
        ),
        min_size=1,
        max_size=4,
    ),
    st.floats(0.01, 1),
)
def test_batches_end_and_looks_decide_at_the_end(
    drawn: list[tuple[list[float], int, int]], share: float
) -> None:
    played = {
        str(place): Series(values[:planned], planned, POINTS, size)
        for place, (values, planned, size) in enumerate(drawn)
    }
    aims = next_batch(played, share)
    for name, each in played.items():
        assert len(each.differences) <= aims[name] <= each.planned
    finished = all(each.done for each in played.values())
    assert finished or sum(aims.values()) > sum(len(each.differences) for each in played.values())
    found = look(played)
    if finished:
        assert found
        assert found.verdict is not None
    if found:
        assert found.low < found.value < found.high
        assert 0 <= found.saved <= 1


def test_the_chance_of_finding_a_drop_is_that_of_the_rest() -> None:
    """Simulate the rest of a run: the planned error is 2 after half of the information."""
    rng = np.random.default_rng(4)
    planned, now = Mean(0, 2.0, 1e6, 40), Mean(-1.0, math.sqrt(8), 1e6, 20)
    rest = rng.normal(-5.0, math.sqrt(8), 200_000)
    ends = (now.value + rest) / 2
    found = conditional_power(now, planned, drop=5.0, least=3.3)
    assert found == pytest.approx(float((ends < -3.3).mean()), abs=0.005)
    assert conditional_power(replace(planned, value=-4.0), planned, drop=5.0, least=3.3) == 1.0
    assert conditional_power(replace(planned, value=-3.0), planned, drop=5.0, least=3.3) == 0.0


@pytest.mark.parametrize("spread", [1.0, 10.0])
@pytest.mark.slow
def test_looking_at_every_episode_alarms_no_more_often_than_stated(spread: float) -> None:
    rng, level, alarms = np.random.default_rng(9), 0.05, 0
    for _ in range(1000):
        values = rng.normal(0, spread, 60)
        for n in range(2, 61):
            part = values[:n]
            error = float(part.std(ddof=1)) / math.sqrt(n)
            mean = Mean(float(part.mean()), error, n - 1, n)
            if mean.value + half_width(mean, n / 60, level) < 0:
                alarms += 1
                break
    assert alarms / 1000 < 0.065
    assert alarms > 5
