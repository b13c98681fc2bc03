"""Chance levels beside the paper's: exact, and explained where they differ."""

from __future__ import annotations

import pytest

from vsbench.datasets.cards import random_guess
from vsbench.datasets.samples import load
from vsbench.datasets.sets import shipped_path
from vsbench.published.tables import (
    CHANCE_TOLERANCE,
    OTHER_SAMPLES,
    chance_beside_paper,
    random_row,
    shipped_chance,
)
from vsbench_envs.registry import BENCHMARK

SLOW = "atari_pong"
"""Takes long to replay; its options are its three actions everywhere."""


@pytest.mark.parametrize("env", [env for env in BENCHMARK if env != SLOW])
def test_the_recorded_levels_are_those_of_the_shipped_sets(env: str) -> None:
    recorded = shipped_chance(env)
    assert recorded == pytest.approx(100 * random_guess(load(shipped_path(env))), abs=0.005)


@pytest.mark.parametrize("env", BENCHMARK)
def test_a_level_that_is_not_the_papers_has_a_reason(env: str) -> None:
    ours = shipped_chance(env)
    assert ours is not None
    found = chance_beside_paper(env, ours)
    assert found.paper == random_row("reasoning").means[env]
    assert (found.why is not None) == (abs(ours - found.paper) > CHANCE_TOLERANCE)
    assert found.why != OTHER_SAMPLES


def test_other_samples_have_other_levels() -> None:
    assert chance_beside_paper("kuhn_poker", 58.0).why == OTHER_SAMPLES
    assert chance_beside_paper("kuhn_poker", 50.2).why is None


def test_games_that_are_not_in_the_paper() -> None:
    found = chance_beside_paper("coin_dilemma_3p", 20.0)
    assert (found.paper, found.why) == (None, None)
    assert shipped_chance("coin_dilemma_3p") is None
