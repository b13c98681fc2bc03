"""What can be answered, and what is right, by label."""

from __future__ import annotations

from typing import Any

from vsbench.datasets.samples import Dataset, Sample
from vsbench_envs.game import Game, State


def options(dataset: Dataset, sample: Sample) -> tuple[str, ...]:
    """The labels to choose an answer from, in the order of the action ids."""
    return options_at(dataset.game, dataset.state(sample), sample.seat, sample.target)


def options_at(game: Game[Any], state: State[Any], seat: int, target: int) -> tuple[str, ...]:
    """What ``target`` can do in a state, as far as ``seat`` knows."""
    return game.spec.labels(state.options(seat, target))


def same_answers(game: Game[Any], state: State[Any], target: int, action: int) -> tuple[str, ...]:
    """The labels that count as right when ``target`` takes an action: those with its outcome."""
    return game.spec.labels(state.equivalents(target, action))
