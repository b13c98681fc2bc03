"""Data sets of recorded states: moments of episodes, stored as seeds and moves.

A data set is a JSON Lines file: a ``dataset`` line, then ``episode`` lines (a seed and the moves)
and ``sample`` lines (a moment of an episode, and the question about it). Pictures and texts are
derived from the predicting seat's percept when they are needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from vsbench.errors import UsageError
from vsbench.records.bounds import Name
from vsbench.records.journal import Record
from vsbench.records.reading import read_user_file
from vsbench.validation import dotted, readable
from vsbench_envs import registry
from vsbench_envs.game import Game, State
from vsbench_envs.replay import replay

Count = Annotated[int, Field(ge=0)]

Progress = Callable[[int], None]
"""Called with the number of items done since the last call."""


class DatasetHeader(Record):
    """The first line: the set's environment and origin."""

    type: Literal["dataset"] = "dataset"
    schema_version: Literal[1] = 1
    env: str
    seed: int
    recipe: str
    """The recipe that made it, or the runs that it was taken from."""


class RecordedEpisode(Record):
    """A complete episode that samples are taken from."""

    type: Literal["episode"] = "episode"
    seed: int
    players: tuple[Name, ...]
    """By seat: full model ids, or ``bot/...``."""
    moves: tuple[tuple[Count, ...], ...]
    """Joint moves: action ids of the acting seats, in ascending order of seat."""


class Sample(Record):
    """A moment of an episode, the asked seat, and the correct answers."""

    type: Literal["sample"] = "sample"
    episode: Count
    """Index among the file's episodes, from 0."""
    step: Count
    seat: Count
    """The asked seat; it gets its own percept only."""
    target: Count
    """The seat whose action is to be predicted; it acts at this step."""
    answers: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Labels of the right actions: the one taken, and those with the same effect."""
    source: Name
    """The target's player, a full model id or ``bot/...``."""


@dataclass(frozen=True)
class Dataset:
    """A data set in memory."""

    header: DatasetHeader
    episodes: tuple[RecordedEpisode, ...]
    samples: tuple[Sample, ...]
    sha256: str
    """Of the file."""

    @property
    def game(self) -> Game[Any]:
        """Its game."""
        return registry.get(self.header.env)

    @property
    def content(self) -> bytes:
        """The content of its file."""
        return dump(self.header, self.episodes, self.samples)

    def state(self, sample: Sample) -> State[Any]:
        """A copy of a sample's state.

        An episode is replayed once, and the states of its samples are cached. To visit each state
        once, use :func:`walk`, which caches none.
        """
        if sample.episode not in self._states:
            steps = {other.step for other in self.samples if other.episode == sample.episode}
            replayed = states(self.game, self.episodes[sample.episode])
            self._states[sample.episode] = {
                state.step: state.copy()
                for state in islice(replayed, max(steps) + 1)
                if state.step in steps
            }
        return self._states[sample.episode][sample.step].copy()

    @cached_property
    def _states(self) -> dict[int, dict[int, State[Any]]]:
        """Cached states by episode and step."""
        return {}

    def third(self, sample: Sample) -> int:
        """The third of its episode that a sample is in: 0, 1 or 2."""
        return 3 * sample.step // len(self.episodes[sample.episode].moves)


def states(game: Game[Any], episode: RecordedEpisode) -> Iterator[State[Any]]:
    """Yield the state before each joint move of an episode, then the last one.

    It is one state that changes; ``copy`` what you keep.

    Raises:
        ValueError: at a joint move that the rules do not allow (IllegalMoveError is one).
    """
    return replay(game, episode.seed, episode.moves)


def walk(dataset: Dataset) -> Iterator[tuple[int, Sample, State[Any]]]:
    """Yield every sample with its index and its state, episode by episode.

    Each episode is replayed once. A state is valid until the next one is requested.
    """
    indices: dict[int, dict[int, list[int]]] = {}
    for index, sample in enumerate(dataset.samples):
        indices.setdefault(sample.episode, {}).setdefault(sample.step, []).append(index)
    for episode, by_step in sorted(indices.items()):
        for state in states(dataset.game, dataset.episodes[episode]):
            for index in by_step.get(state.step, ()):
                yield index, dataset.samples[index], state


Line = Annotated[DatasetHeader | RecordedEpisode | Sample, Field(discriminator="type")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


def dump(
    header: DatasetHeader, episodes: tuple[RecordedEpisode, ...], samples: tuple[Sample, ...]
) -> bytes:
    """Serialise a data set."""
    records = (header, *episodes, *samples)
    return "".join(f"{record.model_dump_json()}\n" for record in records).encode()


def parse(text: bytes, name: str) -> Dataset:
    """Parse the content of a data set's file; ``name`` is for error messages.

    Raises:
        UsageError: names the line and the problem.
    """
    header: DatasetHeader | None = None
    episodes: list[RecordedEpisode] = []
    samples: list[Sample] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            record = LINE.validate_json(line)
        except ValidationError as error:
            # The first part of a location is the kind of line.
            problem = readable(error, name=lambda location: dotted(location[1:]))
            raise UsageError(f"{name}, line {number}: {problem}") from None
        match record:
            case DatasetHeader() if header is None and number == 1:
                header = record
            case RecordedEpisode() if header is not None:
                episodes.append(record)
            case Sample() if record.episode < len(episodes):
                samples.append(record)
            case _:
                raise UsageError(f"{name}, line {number}: unexpected {record.type} line")
        if isinstance(record, Sample) and record.step >= len(episodes[record.episode].moves):
            raise UsageError(f"{name}, line {number}: its episode ends before step {record.step}")
    if header is None:
        raise UsageError(f"{name} is empty; a data set begins with a 'dataset' line")
    return Dataset(header, tuple(episodes), tuple(samples), hashlib.sha256(text).hexdigest())


def load(path: Path) -> Dataset:
    """Load a data set from a file.

    Raises:
        UsageError: it cannot be read, or is invalid.
    """
    try:
        return parse(read_user_file(path, DATASET_BYTES), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


DATASET_BYTES = 512 << 20


def options_at(game: Game[Any], state: State[Any], seat: int, target: int) -> tuple[str, ...]:
    """Labels of the actions of ``target`` in a state, as far as ``seat`` can know."""
    return game.spec.labels(state.options(seat, target))


def right_answers(game: Game[Any], state: State[Any], target: int, action: int) -> tuple[str, ...]:
    """Labels that are right if ``target`` takes an action: those with the same effect."""
    return game.spec.labels(state.equivalents(target, action))
