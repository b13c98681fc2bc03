"""The gate's false alarms are as rare as stated, and drops of the stated size are found."""

import numpy as np
import pytest

from gate_power import (
    GAMES,
    MODELS,
    PERCENT,
    UNCHANGED,
    Design,
    answered,
    collapse_power,
    designs,
    difference_coverage,
    false_alarms,
    models,
    of_protocol,
    overall_power,
    played,
    reasoning_power,
    sequence,
)
from vsbench.scoring.differences import of_answers

TEN, TEN_OTHER_SEEDS = designs()[:2]


@pytest.mark.parametrize("design", [TEN, TEN_OTHER_SEEDS], ids=["same seeds", "other seeds"])
def test_unchanged_models_pass(design: Design) -> None:
    assert false_alarms(design, 200) < 0.08


def test_without_correction_unchanged_models_would_alarm() -> None:
    """The simulation can tell a wrong rule: any game at 5 % fires for every fifth model."""
    rng, alarms = np.random.default_rng(1), 0
    for number in range(200):
        parts = played(models()[number % MODELS], TEN, UNCHANGED, 0.0, rng)
        alarms += any(part.p_worse < 0.05 for part in parts.values())
    assert alarms / 200 > 0.2


def test_a_drop_of_the_stated_size_is_found() -> None:
    drop, found = overall_power(TEN, 160)
    assert 10 < drop < 30
    assert 0.7 < found < 0.92


def test_sequential_comparisons_of_unchanged_models_save_episodes() -> None:
    steady = sequence(TEN, 100, drop=False)
    assert steady.regressions < 0.1
    assert steady.saved > 0.25


@pytest.mark.parametrize("shared", [0.0, 0.5])
@pytest.mark.parametrize("share", [0.0, 0.3])
def test_differences_are_covered(share: float, shared: float) -> None:
    held = difference_coverage(10, shared, share, 20)
    assert held[False] > 0.925
    assert held[True] > 0.925
    if not shared:
        assert held[False] < 0.98


def test_differences_of_accuracy_are_covered() -> None:
    rng, covered = np.random.default_rng(2), 0
    for _ in range(25):
        for part in answered("reasoning", 100, 0.0, rng).values():
            figure = part.mean.figure
            covered += figure.low <= 0 <= figure.high
    assert 0.91 < covered / (25 * len(GAMES)) < 0.99


def test_answers_that_are_lost_together_are_covered() -> None:
    """Whole recorded episodes are misread; the true drop is 10 points."""
    rng, covered, naive = np.random.default_rng(3), 0, 0
    base = dict.fromkeys(range(300), 1.0)
    clusters = {sample: sample // 10 for sample in base}
    for _ in range(300):
        lost = rng.random(30) < 0.1
        new = {sample: float(not lost[cluster]) for sample, cluster in clusters.items()}
        for kept, places in ((True, clusters), (False, {sample: sample for sample in base})):
            part = of_answers(base, new, places, scale=PERCENT, binary=True)
            assert part
            held = part.mean.figure.low <= -10 <= part.mean.figure.high
            covered += kept and held
            naive += not kept and held
    assert covered / 300 > 0.9
    assert naive / 300 < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(designs())))
def test_all_sizes_keep_what_the_gate_says(place: int) -> None:
    design = designs()[place]
    assert false_alarms(design, 600) < 0.06
    _, found = overall_power(design, 600)
    assert found > 0.75


@pytest.mark.slow
def test_drops_in_reasoning_and_in_single_games_are_found() -> None:
    full = of_protocol("vsbench-1")
    drop, found = reasoning_power(full, 200)
    assert drop < 6
    assert found > 0.72
    assert collapse_power(full, "coin_dilemma", 60) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", ["10", "20", "vsbench-1"])
def test_sequential_comparisons_find_as_much(name: str) -> None:
    design = {"10": designs()[0], "20": designs()[2]}.get(name) or of_protocol(name)
    assert sequence(design, 400, drop=False).regressions < 0.06
    worse = sequence(design, 400, drop=True)
    assert worse.regressions > 0.74
    assert worse.regressions > worse.regressions_without - 0.05
