"""Units of work"""

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


@dataclass(frozen=True)
class AskedSample(ABC):
    """A sample put to a player."""

    env: str
    number: int
    player: str
    """A full model id, or ``bot/...``."""
    run_seed: int

    evaluation: ClassVar[Evaluation]

    @property
    def key(self) -> UnitKey:
        """Names its journal."""
        return UnitKey(self.evaluation, self.env, self.number)

    @property
    @abstractmethod
    def opening(self) -> SampleOpened:
        """The journal's first line."""

    @abstractmethod
    def question(self) -> Question:
        """What a model is asked."""

    @abstractmethod
    def judge(self, attempt: Attempt) -> Verdict:
        """What its last answer is worth."""

    @abstractmethod
    async def bot_verdict(self) -> Verdict:
        """What a bot's answer is worth."""

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Ask, and judge the answer; see :class:`vsbench.evaluations.units.Unit`."""
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
    """A moment of a recorded episode, put to a player."""

    dataset: Dataset

    @property
    def sample(self) -> Sample:
        """The sample itself."""
        return self.dataset.samples[self.number]

    @property
    def opening(self) -> SampleOpened:
        """The journal's first line."""
        sample = self.sample
        length = len(self.dataset.episodes[sample.episode].moves)
        return SampleOpened(
            env=self.env,
            sample=self.number,
            dataset=self.dataset.sha256,
            player=self.player,
            seat=sample.seat,
            target=sample.target,
            step=sample.step,
            third=min(2, 3 * sample.step // max(1, length)),
            source=sample.source,
        )

    @property
    def state(self) -> State[Any]:
        """The state that it is of."""
        return self.dataset.state(self.sample)

    def question(self) -> PerceptQuestion:
        """What a model is asked."""
        return self.question_at(self.state)

    @abstractmethod
    def question_at(self, state: State[Any]) -> PerceptQuestion:
        """What a model is asked in this state."""


class Journal(Protocol):
    """Where a unit writes what becomes certain, and what it wrote in an earlier part of the run."""

    @property
    def path(self) -> Path:
        """Its file."""
        ...

    @property
    def past(self) -> Sequence[JournalRecord]:
        """The lines that are there already."""
        ...

    def write(self, record: JournalRecord) -> None:
        """Append a line."""
        ...


class Unit(Protocol):
    """An episode to play, or a sample to ask about."""

    @property
    def key(self) -> UnitKey:
        """Names its journal."""
        ...

    @property
    def opening(self) -> EpisodeOpened | SampleOpened:
        """The journal's first line."""
        ...

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Do it, from wherever its journal stands.

        Raises:
            UsageError: what was recorded cannot be.
            RunStoppedError, CallGivenUpError, JournalWriteError: it stays unfinished.
        """
        ...


def check_opening(unit: Unit, journal: Journal) -> None:
    """Raise UsageError if a journal is not of the unit that is to be played."""
    if journal.past and journal.past[0] != unit.opening:
        raise UsageError(
            f"{journal.path} is of another episode or sample than this run's settings make; "
            "restore the file, or delete it to play it again"
        )
