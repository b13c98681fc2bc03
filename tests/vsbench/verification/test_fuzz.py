"""Strangers' runs, damaged at random: every command answers in bounded time, and none crashes.

``make fuzz`` does the same thousands of times.
"""

import shutil
from pathlib import Path
from random import Random

import pytest

from mutations import exercise, mutate
from strangers import a_run, a_tournament


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("strangers")
    a_run(folder / "run")
    a_tournament(folder / "tournament")
    return {"run": folder / "run", "tournament": folder / "tournament"}


@pytest.mark.parametrize("seed", range(40))
def test_damaged_runs_are_answered(strangers: dict[str, Path], tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    directory = tmp_path / "damaged"
    shutil.copytree(strangers["tournament" if seed % 5 == 0 else "run"], directory)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        mutate(directory, rng)
    exercise(directory)


def test_honest_runs_pass_the_same_exercise(strangers: dict[str, Path]) -> None:
    for directory in strangers.values():
        exercise(directory)
