"""One replay of a whole data set, and all that it tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vsbench.datasets.recording import Progress
from vsbench.datasets.samples import Dataset, RecordedEpisode, states
from vsbench_envs.game import Game, Percept, State
from vsbench_envs.spec import EpisodeSummary

Pair = tuple[int, tuple[str, ...], int]
"""A state and an action taken in it: who acts, the picture's elements then, the action's id."""


@dataclass(frozen=True)
class Decision:
    """A seat's decision in an episode."""

    seat: int
    percepts: tuple[Percept, ...]
    """What it saw on its turns so far, this one last."""
    action: int
    """What it took."""
    state: State[Any]
    """The state that it was taken in. It goes on changing; ``copy`` what you keep."""

    @property
    def legal(self) -> tuple[int, ...]:
        """The action ids to choose from."""
        return self.state.legal_actions(self.seat)


@dataclass(frozen=True)
class Playback:
    """What was decided, and what came of it."""

    decisions: tuple[Decision, ...]
    """Those that the samples are of, in their order."""
    summaries: tuple[EpisodeSummary, ...]
    """By episode."""
    pairs: frozenset[Pair]
    """Distinct ones, in all of the play."""


def play_back(dataset: Dataset, progress: Progress = lambda more: None) -> Playback:
    """Replay a data set; progress is told of every episode."""
    samples = dataset.samples
    wanted = {(sample.episode, sample.step, sample.target) for sample in samples}
    kept: dict[tuple[int, int, int], Decision] = {}
    summaries, pairs = [], set[Pair]()
    for index, episode in enumerate(dataset.episodes):
        for decision in decisions(dataset.game, episode):
            pairs.add(pair(dataset.game, decision))
            key = (index, decision.state.step, decision.seat)
            if key in wanted:
                state = decision.state.copy()
                kept[key] = Decision(decision.seat, decision.percepts, decision.action, state)
        # The state that the decisions were of has come to the episode's end.
        summaries.append(decision.state.summary)
        progress(1)
    return Playback(
        tuple(kept[sample.episode, sample.step, sample.target] for sample in samples),
        tuple(summaries),
        frozenset(pairs),
    )


def decisions(game: Game[Any], episode: RecordedEpisode) -> Iterator[Decision]:
    """Every decision of an episode, in order."""
    seen: dict[int, tuple[Percept, ...]] = {}
    for state, actions in zip(states(game, episode), (*episode.moves, ()), strict=True):
        for seat, action in zip(state.acting, actions, strict=False):
            seen[seat] = (*seen.get(seat, ()), state.percept(seat))
            yield Decision(seat, seen[seat], action, state)


def pair(game: Game[Any], decision: Decision) -> Pair:
    """The state, as the one who decides sees it, and the action."""
    elements = game.view.labels(decision.percepts[-1])
    return decision.seat, tuple(elements.values()), decision.action
