"""Samples"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from vsbench.errors import UsageError
from vsbench.records.bounds import Name
from vsbench.records.journal import Record
from vsbench.records.reading import read_named
from vsbench.validation import dotted, readable
from vsbench_envs import registry
from vsbench_envs.errors import UnknownNameError
from vsbench_envs.game import Game, State
from vsbench_envs.replay import replay

Count = Annotated[int, Field(ge=0)]


class DatasetHeader(Record):
    """The first line: what the set is and how it was made."""

    type: Literal["dataset"] = "dataset"
    schema_version: Literal[1] = 1
    env: str
    seed: int
    recipe: str
    """The name of what made it: a recipe, or the runs that it was taken from."""


class RecordedEpisode(Record):
    """An episode that samples are taken from, played to its end."""

    type: Literal["episode"] = "episode"
    seed: int
    players: tuple[Name, ...]
    """Who sat where: full model ids, or ``bot/...``."""
    moves: tuple[tuple[Count, ...], ...]
    """Joint moves: action ids of the acting seats, in ascending order of seat."""


class Sample(Record):
    """A moment, who is asked, and what is right."""

    type: Literal["sample"] = "sample"
    episode: Count
    """Index of the file's episodes, from 0."""
    step: Count
    seat: Count
    """Who is asked, and sees its own percept only."""
    target: Count
    """Whose action is asked for; it acts at this step."""
    answers: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Labels of the actions that count as right: the one taken, and those that come to the same."""
    source: Name
    """Who played it, for figures by source: a full model id, or ``bot/...``."""


@dataclass(frozen=True)
class Dataset:
    """A data set, read."""

    header: DatasetHeader
    episodes: tuple[RecordedEpisode, ...]
    samples: tuple[Sample, ...]
    sha256: str
    """Of the file."""

    @property
    def game(self) -> Game[Any]:
        """The game that it is of."""
        return registry.get(self.header.env)

    @property
    def text(self) -> bytes:
        """Of the file that it is written to."""
        return dump(self.header, self.episodes, self.samples)

    def state(self, sample: Sample) -> State[Any]:
        """The state that a sample is of, to do anything with.

        An episode is replayed when its first sample is asked for; the states of the others are
        kept. Whoever wants each state once walks through the set instead, which keeps none.
        """
        if sample.episode not in self._kept:
            steps = {other.step for other in self.samples if other.episode == sample.episode}
            replayed = states(self.game, self.episodes[sample.episode])
            self._kept[sample.episode] = {
                state.step: state.copy()
                for state in islice(replayed, max(steps) + 1)
                if state.step in steps
            }
        return self._kept[sample.episode][sample.step].copy()

    @cached_property
    def _kept(self) -> dict[int, dict[int, State[Any]]]:
        """States by episode and step."""
        return {}

    def third(self, sample: Sample) -> int:
        """The third of its episode that a sample is from: 0, 1 or 2."""
        return 3 * sample.step // len(self.episodes[sample.episode].moves)


def state_at(game: Game[Any], episode: RecordedEpisode, step: int) -> State[Any]:
    """The state of a recorded episode before its ``step``-th joint move."""
    for state in states(game, episode):
        if state.step == step:
            return state
    raise IndexError(f"the episode ends before step {step}")


def states(game: Game[Any], episode: RecordedEpisode) -> Iterator[State[Any]]:
    """The state before each joint move of an episode, then the last one.

    It is one state that changes; ``copy`` what you keep.

    Raises:
        ValueError: at a joint move that the rules do not allow (IllegalMoveError is one).
    """
    return replay(game, episode.seed, episode.moves)


def walk(dataset: Dataset) -> Iterator[tuple[int, Sample, State[Any]]]:
    """Every sample with its place in the set and its state, episode by episode.

    Each episode is replayed once. A state is good until the next one is asked for.
    """
    asked: dict[int, dict[int, list[int]]] = {}
    for place, sample in enumerate(dataset.samples):
        asked.setdefault(sample.episode, {}).setdefault(sample.step, []).append(place)
    for episode, places in sorted(asked.items()):
        for state in states(dataset.game, dataset.episodes[episode]):
            for place in places.get(state.step, ()):
                yield place, dataset.samples[place], state


Line = Annotated[DatasetHeader | RecordedEpisode | Sample, Field(discriminator="type")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)


def dump(
    header: DatasetHeader, episodes: tuple[RecordedEpisode, ...], samples: tuple[Sample, ...]
) -> bytes:
    """The text of a data set's file."""
    records = (header, *episodes, *samples)
    return "".join(f"{record.model_dump_json()}\n" for record in records).encode()


def parse(text: bytes, name: str) -> Dataset:
    """A data set from its file's text; ``name`` is for the error's message.

    Raises:
        UsageError: naming the line and what is wrong with it.
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
                raise UsageError(f"{name}, line {number}: a {record.type} line has no place here")
        if isinstance(record, Sample) and record.step >= len(episodes[record.episode].moves):
            raise UsageError(f"{name}, line {number}: its episode ends before step {record.step}")
    if header is None:
        raise UsageError(f"{name} is empty; a data set begins with a 'dataset' line")
    return Dataset(header, tuple(episodes), tuple(samples), hashlib.sha256(text).hexdigest())


def load(path: Path) -> Dataset:
    """A data set from a file.

    Raises:
        UsageError: it cannot be read, or is not of the format.
    """
    try:
        return parse(read_named(path, DATASET_BYTES), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


DATASET_BYTES = 512 << 20

SHIPPED = Path(__file__).parent / "shipped"


def shipped(env: str) -> Path:
    """The file of an environment's shipped set.

    Raises:
        UsageError: it has none.
    """
    path = SHIPPED / f"{env}.jsonl"
    if not path.exists():
        raise UsageError(f"no data set ships for {env}; vsbench dataset build makes one")
    return path


def find(name: str) -> Path:
    """The file of a data set that a person names: a path, or an environment whose set ships.

    Raises:
        UsageError, UnknownNameError: there is no such set.
    """
    path = Path(name)
    if path.exists() or path.suffix or len(path.parts) > 1:
        return path
    if name not in registry.names():
        raise UnknownNameError("environment or file", name, registry.names())
    return shipped(name)


def options(dataset: Dataset, sample: Sample) -> tuple[str, ...]:
    """The labels to choose an answer from, in the order of the action ids."""
    return options_at(dataset.game, dataset.state(sample), sample.seat, sample.target)


def options_at(game: Game[Any], state: State[Any], seat: int, target: int) -> tuple[str, ...]:
    """What ``target`` can do in a state, as far as ``seat`` knows."""
    return game.spec.labels(state.options(seat, target))


def same_answers(game: Game[Any], state: State[Any], target: int, action: int) -> tuple[str, ...]:
    """The labels that count as right when ``target`` takes an action: those with its outcome."""
    return game.spec.labels(state.equivalents(target, action))
