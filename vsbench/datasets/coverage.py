"""How good and how varied the recorded play is, whatever samples are taken from it.

Two measures of Schweighofer et al., "A Dataset Perspective on Offline Reinforcement Learning"
(CoLLAs 2022). *Trajectory quality* (TQ) is the mean return of the recorded episodes on a scale
where random play is 0 and the best known is 1; the environment's anchors stand for both.
*State-action coverage* (SACo) is the number of distinct pairs of a state and an action taken in
it, relative to a reference set; here that is random play of as many episodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from vsbench.datasets.playback import Pair, Playback, decisions, pair
from vsbench.datasets.recording import Progress, record
from vsbench.datasets.samples import Dataset
from vsbench_envs.seeding import derive


@dataclass(frozen=True)
class Coverage:
    """The two measures."""

    trajectory_quality: float
    """Over all seats, so that it tells nothing where one's gain is the other's loss."""
    state_actions: float
    """1: as many different pairs as in random play."""


def coverage(
    dataset: Dataset, playback: Playback, progress: Progress = lambda more: None
) -> Coverage:
    """Both measures of a data set's episodes; progress is told of each episode of random play."""
    spec = dataset.game.spec
    scores = [spec.score(summary, range(spec.seats)) for summary in playback.summaries]
    reference = set(_random_pairs(dataset, progress))
    return Coverage(fmean(scores) / 100, len(playback.pairs) / len(reference))


def _random_pairs(dataset: Dataset, progress: Progress) -> Iterator[Pair]:
    game = dataset.game
    for number in range(len(dataset.episodes)):
        seed = derive(dataset.header.seed, "reference", game.spec.id, number)
        episode = record(game, seed, ("random",) * game.spec.seats)
        for decision in decisions(game, episode):
            yield pair(game, decision)
        progress(1)
