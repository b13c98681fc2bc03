"""Units of work: an episode to play or a sample to ask about, with a journal each.

This is the interface between evaluations and the runner.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from vsbench.datasets.samples import Dataset, Sample
from vsbench.errors import UsageError
from vsbench.players.questions import PerceptQuestion, Question
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    Attempt,
    EpisodeOpened,
    Fault,
    JournalRecord,
    SampleOpened,
    Verdict,
)
from vsbench.settings import Evaluation
from vsbench_envs.game import State

if TYPE_CHECKING:
    from vsbench.players.vlm import VLMPlayer


class Journal(Protocol):
    """The journal of a unit: lines of an earlier session, and the next ones."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def past(self) -> Sequence[JournalRecord]:
        """Lines written before this session."""
        ...

    def write(self, record: JournalRecord) -> None:
        """Append a line."""
        ...


class Unit(Protocol):
    """An episode to play, or a sample to ask about."""

    @property
    def key(self) -> UnitKey:
        """The key of its journal."""
        ...

    @property
    def opening(self) -> EpisodeOpened | SampleOpened:
        """The journal's first line."""
        ...

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Play or ask, from where the journal ends.

        Raises:
            UsageError: the journal does not follow from the run's settings.
            RunStoppedError, CallGivenUpError, JournalWriteError: the unit stays unfinished.
        """
        ...


def check_opening(unit: Unit, path: Path, records: Sequence[JournalRecord]) -> None:
    """Raise UsageError if a journal is of another unit."""
    if records and records[0] != unit.opening:
        raise UsageError(
            f"{path} is of another episode or sample than this run's settings make; "
            "restore the file, or delete it to play it again"
        )


@dataclass(frozen=True)
class AskedSample(ABC):
    """A question to a player, about a sample."""

    env: str
    number: int
    """Of the sample in its data set."""
    player: str
    """A full model id, or ``bot/...``."""
    run_seed: int

    evaluation: ClassVar[Evaluation]

    @property
    def key(self) -> UnitKey:
        """The key of its journal."""
        return UnitKey(self.evaluation, self.env, self.number)

    @property
    @abstractmethod
    def opening(self) -> SampleOpened:
        """The journal's first line."""

    @abstractmethod
    def question(self) -> Question:
        """The question to a model."""

    @abstractmethod
    def judge(self, attempt: Attempt) -> Verdict:
        """Judge a model's last answer."""

    @abstractmethod
    async def bot_verdict(self) -> Verdict:
        """Let a bot answer, and judge it."""

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Ask, and judge the answer; see :class:`Unit`."""
        if journal.past and isinstance(journal.past[-1], Verdict):
            return
        if not journal.past:
            journal.write(self.opening)
        model = models.get(self.player)
        if model is None:
            journal.write(await self.bot_verdict())
            return
        past = [line for line in journal.past if isinstance(line, Attempt | Fault)]
        attempts = await model.answer(self.question(), past, journal.write)
        journal.write(self.judge(attempts[-1]))


@dataclass(frozen=True)
class RecordedSample(AskedSample):
    """A question to a player, about a moment of a recorded episode."""

    dataset: Dataset

    @property
    def sample(self) -> Sample:
        """The sample in the data set."""
        return self.dataset.samples[self.number]

    @property
    def opening(self) -> SampleOpened:
        """The journal's first line."""
        sample = self.sample
        return SampleOpened(
            env=self.env,
            sample=self.number,
            dataset=self.dataset.sha256,
            player=self.player,
            seat=sample.seat,
            target=sample.target,
            step=sample.step,
            third=self.dataset.third(sample),
            source=sample.source,
            episode=sample.episode,
        )

    @property
    def state(self) -> State[Any]:
        """A copy of the sample's state."""
        return self.dataset.state(self.sample)

    def question(self) -> PerceptQuestion:
        """The question to a model."""
        return self.question_at(self.state)

    @abstractmethod
    def question_at(self, state: State[Any]) -> PerceptQuestion:
        """The question in this state."""
