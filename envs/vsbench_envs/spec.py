"""Specification of a game: names, seats, actions, measures and scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from vsbench_envs.frozen import FrozenMapping

Kind = Literal["cooperative", "competitive", "mixed-motive"]


@dataclass(frozen=True)
class EpisodeSummary:
    """The figures of a finished episode that measures are taken from."""

    returns: tuple[float, ...]
    """By seat."""
    length: int
    """Joint moves."""
    events: Mapping[str, tuple[int, ...]]
    """Counted behaviours, by seat."""


Extract = Callable[[EpisodeSummary, Sequence[int]], float]
"""A figure of an episode, seen from the seats that the measured model holds."""


def own_return(episode: EpisodeSummary, seats: Sequence[int]) -> float:
    """The mean return of the model's seats."""
    return sum(episode.returns[seat] for seat in seats) / len(seats)


def shared_return(episode: EpisodeSummary, seats: Sequence[int]) -> float:
    """The return of a cooperative game, the same for every seat."""
    return episode.returns[0]


def total_return(episode: EpisodeSummary, seats: Sequence[int]) -> float:
    """The sum over all seats, the model's or not."""
    return sum(episode.returns)


@dataclass(frozen=True)
class PlayedEpisode:
    """The moves of a finished episode of a turn-based game, and the seat that is evaluated."""

    seed: int
    seat: int
    moves: tuple[str, ...]
    """Action labels, in order."""


@dataclass(frozen=True)
class PolicyValue:
    """The expected return of a policy, estimated from how often it takes each action."""

    mean: float
    error: float
    """Standard error."""
    df: float
    """Degrees of freedom of the standard error."""
    n: int
    """Episodes."""
    bounds: tuple[float, float]
    """The least and the greatest value of any policy."""


@dataclass(frozen=True)
class Measure:
    """One figure of an episode and its anchors: random play is 0, the oracle 100."""

    name: str
    extract: Extract
    random: float
    best: float
    weight: float = 1.0
    """Share in the environment's score; 0: the figure is reported, but not part of the score."""
    low: float = -math.inf
    """Least possible value, where the rules give one."""
    high: float = math.inf
    """Greatest possible value."""
    binary: bool = False
    """Whether every episode ends at ``low`` or ``high``: lost or won, without draws."""

    def normalise(self, value: float) -> float:
        """``100 (x - random) / (best - random)``, the paper's normalisation."""
        return 100.0 * (value - self.random) / (self.best - self.random)


@dataclass(frozen=True)
class GameSpec:
    """Everything about a game that is not its rules."""

    id: str
    title: str
    """As people write it; prompts name the game by it, and no two games share one."""
    kind: Kind
    summary: str
    """One sentence for catalogues."""
    seats: int
    simultaneous: bool
    actions: tuple[str, ...]
    """Action id -> label. Labels are what models answer with: unique, short, lower case."""
    measures: tuple[Measure, ...]
    roles: tuple[str, ...]
    """Names of the seats in prompts ("Black", "the red player")."""
    opponent: str | None = None
    """The bot in every seat that the model does not hold, the model's seat rotating by episode;
    None is self-play: the model holds all seats."""
    oracle: str = "oracle"
    """The bot with the best return among those that decide from percepts alone."""
    events: Mapping[str, str] = field(default_factory=dict)
    """Counted behaviours and what they are."""
    personas: tuple[str, ...] = ()
    """Strategies that a prompt can ask a model to follow, as in ``common welfare``."""
    maximises: Literal["decisions", "own score"] = "decisions"
    """The objective that a model is given: optimal decisions in the game, or its own score."""
    predictor: str | None = None
    """The name of the built-in opponent, which predicts in games with a single seat."""
    perfect_information: bool = False
    """Whether all percepts are equal except for the seat."""
    typical_length: int = 50
    """Joint moves of a usual episode, for progress displays."""
    group: int = 1
    """Consecutive episodes that make one fair sample, such as all deals from all seats; intervals
    are taken over whole groups."""
    strata: int = 1
    """A seed's remainder by this number picks among equally likely starts (the six deals of Kuhn
    poker), so that a schedule can play each equally often."""
    extra: str | None = None
    """The pip extra that the game needs."""

    def __post_init__(self) -> None:
        # Sequences and mappings are copied, so that nothing in a spec can be changed.
        for name in ("actions", "measures", "roles", "personas"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "events", FrozenMapping(self.events))

    @cached_property
    def ids(self) -> Mapping[str, int]:
        """Label -> action id."""
        return FrozenMapping({label: index for index, label in enumerate(self.actions)})

    @property
    def model_seats(self) -> int:
        """Seats that a model holds with the standard players: one, or all in self-play."""
        return self.seats if self.opponent is None else 1

    def labels(self, actions: Sequence[int]) -> tuple[str, ...]:
        """The labels of some action ids."""
        return tuple(self.actions[action] for action in actions)

    def score(self, episode: EpisodeSummary, seats: Sequence[int]) -> float:
        """The normalised return of an episode: the weighted mean of its normalised measures."""
        return sum(m.weight * m.normalise(m.extract(episode, seats)) for m in self.weighted)

    @property
    def weighted(self) -> tuple[Measure, ...]:
        """The measures that the score is made of."""
        return tuple(measure for measure in self.measures if measure.weight)

    @property
    def score_bounds(self) -> tuple[float, float]:
        """The least and the greatest possible score."""
        ends = [sorted(map(m.normalise, (m.low, m.high))) for m in self.weighted]
        weights = [measure.weight for measure in self.weighted]
        low, high = (
            sum(w * end for w, end in zip(weights, column, strict=True))
            for column in zip(*ends, strict=True)
        )
        return low, high

    @property
    def binary(self) -> bool:
        """Whether every episode's score is one of the two bounds."""
        return len(self.weighted) == 1 and self.weighted[0].binary
