"""The seam that every game implements: pure rules, percepts, a view and bots.

A :class:`Game` is four parts put together: a :class:`~vsbench_envs.spec.GameSpec` (facts about the
game), ``start`` (a seed makes a :class:`State`), a :class:`View` (how a percept looks and reads)
and named :class:`Bot` s. A state is a machine without side effects: all chance in it comes
from the episode's seed, so an episode is its seed and its moves, and everything else can be
computed again. Turn-based and simultaneous games share the seam; only ``acting`` differs.

To add a game from another package, expose a :class:`Game` under the entry-point group
``vsbench.envs``, and let it name the package that holds its prompts; ``examples/nim`` is one.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, Generic, Self, SupportsIndex, TypeVar

from PIL.Image import Image

from vsbench_envs.errors import IllegalMoveError, UnreadableError
from vsbench_envs.frozen import FrozenMapping
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Recipe
from vsbench_envs.spec import EpisodeSummary, GameSpec, PlayedEpisode, PolicyValue


@dataclass(frozen=True)
class Percept:
    """Exactly what one seat may know at one moment.

    Games subclass it with plain values (numbers, strings, tuples), so that percepts compare, hash
    and print. The picture, the text, the perception labels and the bots' decisions
    all come from the percept; what is not in it cannot leak.
    """

    seat: int


P = TypeVar("P", bound=Percept)


class State(ABC, Generic[P]):
    """One moment of an episode. Subclasses implement the rules in ``_play``."""

    def __init__(self, seed: int, seats: int) -> None:
        self.seed = seed
        self.seats = seats
        self.step = 0
        """Joint moves played so far."""
        self.rewards: tuple[float, ...] = (0.0,) * seats
        """Of the last joint move, by seat."""
        self.returns: tuple[float, ...] = (0.0,) * seats
        """Sums of rewards, by seat."""
        self.events: dict[str, tuple[int, ...]] = {}
        """Counted behaviours, by seat; the names are explained in the spec."""

    @property
    @abstractmethod
    def acting(self) -> tuple[int, ...]:
        """The seats that choose now: one, several, or none when the episode is over."""

    @abstractmethod
    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Ascending action ids (indices of ``spec.actions``); empty for a seat not acting."""

    @abstractmethod
    def percept(self, seat: int) -> P:
        """The percept of ``seat`` now. Defined for every seat at every moment, the end included."""

    def options(self, seat: int, target: int) -> tuple[int, ...]:
        """Actions that ``target`` may take now as far as ``seat`` knows: a prediction's choices.

        The legal actions, in games where these are public.
        """
        return self.legal_actions(target)

    def equivalents(self, seat: int, action: int) -> tuple[int, ...]:
        """The actions of a seat with the outcome of ``action``, itself among them.

        Each is right in a prediction of it.
        """
        return (action,)

    @abstractmethod
    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        """Change the state by a legal joint move and return the rewards by seat."""

    @property
    def truncated(self) -> bool:
        """Whether the episode ended because its time was up rather than by the rules."""
        return False

    @property
    def summary(self) -> EpisodeSummary:
        """The episode's figures so far."""
        return EpisodeSummary(self.returns, self.step, dict(self.events))

    def apply(self, joint: Mapping[int, int]) -> None:
        """Play a joint move: one legal action for every acting seat, and for no other.

        Raises:
            IllegalMoveError: with the state unchanged.
        """
        if not joint or set(joint) != set(self.acting):
            raise IllegalMoveError(f"seats {sorted(joint)} moved, but {self.acting} act now")
        for seat, action in joint.items():
            if action not in self.legal_actions(seat):
                raise IllegalMoveError(f"action {action} is not legal for seat {seat} now")
        self.rewards = self._play(joint)
        self.returns = tuple(a + b for a, b in zip(self.returns, self.rewards, strict=True))
        self.step += 1

    def count(self, event: str, seat: int, times: int = 1) -> None:
        """Add to a behaviour's count."""
        counts = list(self.events.get(event, (0,) * self.seats))
        counts[seat] += times
        self.events[event] = tuple(counts)

    def copy(self) -> Self:
        """An independent copy with the same future. Subclasses copy what they hold by reference."""
        twin = copy.copy(self)
        twin.events = dict(self.events)
        return twin


class View(ABC, Generic[P]):
    """Pictures and texts of percepts, and reading both back.

    ``read(draw(p)) == drawn(p)``: the pictures carry the whole percept except what only facts
    state. So does the text: ``read_text(describe(p)) == drawn(p)``.
    """

    frames: int = 1
    """Pictures that ``draw`` makes at most; environments repeat the oldest up to this number."""

    def __getstate__(self) -> dict[str, Any]:
        """All but cached properties: sprites are made again rather than sent along."""
        attributes = {
            name: value for kind in type(self).__mro__ for name, value in vars(kind).items()
        }
        cached = {name for name, value in attributes.items() if isinstance(value, cached_property)}
        return {name: value for name, value in vars(self).items() if name not in cached}

    @abstractmethod
    def draw(self, percept: P) -> tuple[Image, ...]:
        """One or more palette-mode pictures, oldest first, longest side at most 768 px."""

    def draw_for_perception(self, percept: P) -> tuple[Image, ...]:
        """The pictures of a perception question, with axes where its elements are positions."""
        return self.draw(percept)

    @abstractmethod
    def describe(self, percept: P) -> str:
        """The content of the pictures in plain English, for questions in text.

        Cells are named as in chess: columns are letters from left to right, rows are numbers from
        bottom to top.
        """

    def facts(self, percept: P) -> Mapping[str, str]:
        """Sentences that accompany the pictures in every modality: fact -> sentence.

        Most games have none. A percept holds nothing that is neither drawn nor stated.
        """
        return {}

    def drawn(self, percept: P) -> P:
        """The percept without what only its facts state: the part that pictures carry."""
        return percept

    @abstractmethod
    def read(self, images: Sequence[Image]) -> P:
        """The percept that ``images`` show, from their pixels alone.

        They may be enlarged by a whole number, and re-encoded with some loss; pictures drawn for
        perception are read as well.

        Raises:
            UnreadableError: when they are no pictures of this game.
        """

    def read_text(self, text: str) -> P:
        """The percept that a text describes; ``text`` may hold other sentences around it.

        Raises:
            UnreadableError: the text does not describe a percept.
        """
        try:
            percept = self._read_text(text)
            described = self.describe(percept)
        except (LookupError, ValueError) as error:
            raise UnreadableError(f"the text describes no state of this game: {error}") from error
        if described not in text:
            raise UnreadableError("the text contradicts itself")
        return percept

    def _read_text(self, text: str) -> P:
        """Parse the percept from a text; the caller compares the text with ``describe``.

        Raises:
            LookupError, ValueError: when something is missing or unknown.
        """
        raise UnreadableError("this game's text cannot be read back")

    @abstractmethod
    def labels(self, percept: P) -> dict[str, str]:
        """Element -> value in the picture: the answers of a perception question."""

    def credit(self, element: str, truth: str, said: str) -> float:
        """Score of an answer for one element, 0 to 1. By default it is right or wrong.

        Case, spaces and the order of things joined by "and" do not matter.
        """
        return float(_things(said) == _things(truth))

    def weight(self, element: str) -> float:
        """An element's share in the picture's score, relative to the others'."""
        return 1.0


def _things(label: str) -> list[str]:
    return sorted(" ".join(thing.split()) for thing in label.lower().split(" and "))


@dataclass(frozen=True)
class Turn(Generic[P]):
    """The input of a bot's decision: percepts, legal actions and a random stream."""

    percepts: tuple[P, ...]
    """One for each decision of this seat in the episode so far; the last is now. A bot that
    remembers reads its memory here, so that none keeps any inner state."""
    legal: tuple[int, ...]
    rng: Random
    """A stream for this very decision."""
    state: State[P] | None = field(default=None, repr=False)
    """A private copy of the state, for bots with ``needs_state`` only."""

    @property
    def percept(self) -> P:
        """The seat's percept now."""
        return self.percepts[-1]


@dataclass(frozen=True)
class Bot(Generic[P]):
    """A scripted policy: a function of the turn, with options that have defaults.

    Bots are written ``name`` or ``name:option=value,option=value``.
    """

    decide: Callable[..., int]
    about: str
    parameters: Mapping[str, Parameter[Any]] = field(default_factory=dict)
    """Options by name."""
    needs_state: bool = False
    """Searches on a copy of the state itself (an engine's opponent); cannot play from pictures."""
    slow: bool = False
    """Takes longer than a few milliseconds; the harness runs it in another process."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", FrozenMapping(self.parameters))

    @property
    def defaults(self) -> dict[str, Any]:
        """The values of options that are not given."""
        return {name: parameter.default for name, parameter in self.parameters.items()}


def _random(turn: Turn[Any]) -> int:
    return turn.rng.choice(turn.legal)


RANDOM: Bot[Any] = Bot(_random, "Chooses uniformly among the legal actions.")
"""A bot that every game has."""


@dataclass(frozen=True)
class Game(Generic[P]):
    """A game, complete. A variant is ``dataclasses.replace`` of a few parts.

    A registered game is pickled and copied by its name, so there is only one of it in a process.
    """

    spec: GameSpec
    start: Callable[[int], State[P]]
    view: View[P]
    bots: Mapping[str, Bot[P]]
    prompts: str = ""
    """The package whose folder holds the game's prompts, as ``<game id>/<version>/_rules.j2``;
    empty for games whose prompts ship in ``vsbench_prompts``."""
    recipe: Recipe | None = None
    """Builds data sets from bots; None: they are built from recorded runs only."""
    policy_value: Callable[[Iterable[PlayedEpisode], str], PolicyValue | None] | None = None
    """Computes the value of a policy against a bot from the frequencies of its actions. It returns
    None if the bot's policy is not known."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bots", FrozenMapping(self.bots))

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        from vsbench_envs import registry

        if registry.is_registered(self):
            return registry.get, (self.spec.id,)
        return super().__reduce_ex__(protocol)

    def new(self, seed: int) -> State[P]:
        """The first state of the episode that ``seed`` names."""
        return self.start(seed)
