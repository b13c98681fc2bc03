"""Runs that stop at a limit show what complete ones do."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from stopped_runs import CASES, Case, bias, measure, measure_recorded, play

SIGMAS = 4

HANABI, SHORT_LIVED, TIMED, KUHN, _ = CASES


@pytest.mark.parametrize(
    ("case", "repetitions"),
    [(SHORT_LIVED, 12), (KUHN, 20), pytest.param(TIMED, 40, marks=pytest.mark.slow)],
    ids=str,
)
def test_a_limit_does_not_bias(case: Case, repetitions: int) -> None:
    with ThreadPoolExecutor(1) as pool:
        for measured in measure_recorded(case, repetitions, pool, recorded=60):
            mean, error = bias(measured.shown)
            assert abs(mean) < SIGMAS * error
            assert len(measured.shown) >= 0.9 * repetitions
            assert sum(one.broken_off for one in measured.stopped) <= 0.25 * repetitions
            scored = sum(len(one.scores) for one in measured.stopped) / repetitions
            # Something is kept for an episode that takes as long as any.
            assert scored > 0.5 * measured.share * case.episodes


@pytest.mark.slow
def test_counting_whatever_has_ended_does() -> None:
    with ThreadPoolExecutor(1) as pool:
        _, measured = measure_recorded(HANABI, 20, pool, recorded=60)
    mean, error = bias(measured.at_once)
    assert mean < -20 < -SIGMAS * error


@pytest.mark.slow
def test_whole_runs_are_not_biased() -> None:
    case = Case("hanabi", "greedy:chance=0.4", 8, 64, "tokens")
    with ThreadPoolExecutor(1) as pool:
        for measured in measure(case, partial(play, case), 12, pool):
            mean, error = bias(measured.shown)
            assert abs(mean) < SIGMAS * error
            assert not any(one.broken_off for one in measured.stopped)
