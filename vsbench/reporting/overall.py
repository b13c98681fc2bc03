"""What a mean over environments is called: overall only where it is over the whole benchmark."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vsbench.records.results import Results
from vsbench.reporting.figures import title
from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

FEW = 2
"""Missing environments that are named."""


def overall_label(envs: Collection[str]) -> str:
    """What the mean over some environments is called.

    >>> overall_label(["hanabi"])
    'overall (1 of 8 games)'
    """
    missing = [env for env in BENCHMARK if env not in envs]
    others = len(set(envs) - set(BENCHMARK))
    if not missing and not others:
        return "overall"
    if others:
        return f"overall (mean of {_games(len(set(envs)))})"
    count = f"{len(BENCHMARK) - len(missing)} of {_games(len(BENCHMARK))}"
    without = f", without {' and '.join(map(title, missing))}" if len(missing) <= FEW else ""
    return f"overall ({count}{without})"


def label_of_runs(runs: Sequence[Results], evaluation: Evaluation) -> str:
    """What the means of several runs are called, side by side."""
    labels = {overall_label(evaluated(run, evaluation)) for run in runs}
    same = {frozenset(evaluated(run, evaluation)) for run in runs}
    if len(labels) == len(same) == 1:
        return labels.pop()
    return "overall (each over its own games)"


def evaluated(run: Results, evaluation: Evaluation) -> list[str]:
    """The environments that a run's mean is over."""
    if evaluation == "decision":
        return [part.env for part in run.environments]
    return [part.env for part in run.samples if part.evaluation == evaluation]


def _games(number: int) -> str:
    return f"{number} game" if number == 1 else f"{number} games"
