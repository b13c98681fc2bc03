"""Small data sets, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

import vsbench
from vsbench.datasets.building import build
from vsbench.datasets.samples import Dataset


@pytest.fixture(scope="session")
def poker() -> Dataset:
    """Hands of poker."""
    return build("kuhn_poker", seed=3, samples=40)


@pytest.fixture(scope="session")
def coins() -> Dataset:
    """A grid game."""
    return build("coin_dilemma", seed=3, samples=40)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of bots in two games, one of them against a random player."""
    directory = tmp_path_factory.mktemp("recorded") / "run"
    vsbench.run(
        models=["bot/greedy"],
        envs=["kuhn_poker", "coin_dilemma"],
        episodes=12,
        evals=["decision"],
        out=directory,
    )
    return directory
