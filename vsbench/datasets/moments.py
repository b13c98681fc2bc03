"""Moments: every decision in recorded episodes that a sample could be made of."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

from vsbench.datasets.options import same_answers
from vsbench.datasets.samples import RecordedEpisode, Sample, states
from vsbench_envs.game import Game, Percept

PARTS = 12
"""Into so many parts of equal length episodes are cut, to spread samples over them."""


@dataclass(frozen=True)
class Moment:
    """A seat's decision, and who could be asked about it."""

    sample: Sample
    group: str
    """Of the action that was taken."""
    part: int
    """The part of the episode that it is from, from 0."""
    look: tuple[Percept, int]
    """What the one who is asked sees, and whom it is asked about: where both are the same, two
    questions are."""


def moments(
    game: Game[Any],
    index: int,
    episode: RecordedEpisode,
    group: Callable[[str], str],
    decided: Container[tuple[int, int]] | None = None,
) -> Iterator[Moment]:
    """The decisions of an episode, in order.

    Args:
        game: which was played.
        index: of the episode in its set.
        episode: as it was played.
        group: the group of an action's label.
        decided: steps and seats to take; None for all.

    Raises:
        ValueError: the episode's moves are not legal.
    """
    for state, actions in zip(states(game, episode), episode.moves, strict=False):
        for target, action in zip(state.acting, actions, strict=True):
            if decided is not None and (state.step, target) not in decided:
                continue
            others = [seat for seat in range(state.seats) if seat != target] or [target]
            seat = others[index % len(others)]
            sample = Sample(
                episode=index,
                step=state.step,
                seat=seat,
                target=target,
                answers=same_answers(game, state, target, action),
                source=episode.players[target],
            )
            part = PARTS * state.step // len(episode.moves)
            look = state.percept(seat), target
            yield Moment(sample, group(game.spec.actions[action]), part, look)
