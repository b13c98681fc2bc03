"""Parse a journal into steps and seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vsbench.reconstruction.findings import Place
from vsbench.records.files import UnitKey
from vsbench.records.journal import (
    Attempt,
    Decision,
    EpisodeClosed,
    EpisodeOpened,
    Fault,
    JournalRecord,
    SampleOpened,
    Step,
    Verdict,
)

SeatLine = Attempt | Fault | Decision


@dataclass
class RecordedStep:
    """The lines of one step."""

    step: int
    lines: dict[int, list[SeatLine]] = field(default_factory=dict)
    """By seat, in the order in which they were written."""
    played: Step | None = None
    """The joint move; None where the journal breaks off before it."""


@dataclass
class Transcript:
    """The lines of an episode."""

    key: UnitKey
    opened: EpisodeOpened
    steps: list[RecordedStep] = field(default_factory=list)
    """All but the last are played."""
    closed: EpisodeClosed | None = None

    @classmethod
    def of(cls, key: UnitKey, lines: Sequence[JournalRecord]) -> Transcript | None:
        """Sort a journal's lines; None if it holds none.

        Raises:
            DiffersError: lines stand where the runner would not have written them.
        """
        if not lines:
            return None
        opened, *rest = lines
        if not isinstance(opened, EpisodeOpened):
            raise Place(key).differs("order", "the first line", opened.type, "episode")
        transcript = cls(key, opened)
        for line in rest:
            transcript._add(line)
        return transcript

    def _add(self, line: JournalRecord) -> None:
        if self.closed is not None:
            raise Place(self.key).differs("order", "a line after the end", line.type, None)
        match line:
            case EpisodeOpened():
                raise Place(self.key).differs("order", "a second opening", line.type, None)
            case EpisodeClosed():
                self.closed = line
            case Step():
                self._current(line.step).played = line
            case Attempt() | Fault() | Decision():
                self._current(line.step).lines.setdefault(line.seat, []).append(line)
            case SampleOpened() | Verdict():
                raise Place(self.key).differs("order", "a line", line.type, "one of an episode")

    def _current(self, step: int) -> RecordedStep:
        """The step that is under way, which a line says it belongs to."""
        if not self.steps or self.steps[-1].played is not None:
            self.steps.append(RecordedStep(len(self.steps)))
        current = self.steps[-1]
        Place(self.key, current.step).expect("order", "a line's step", step, current.step)
        return current


@dataclass
class Answer:
    """The lines about a sample."""

    key: UnitKey
    opened: SampleOpened
    calls: list[Attempt | Fault] = field(default_factory=list)
    closed: Verdict | None = None

    @property
    def attempts(self) -> list[Attempt]:
        """Replies that came."""
        return [call for call in self.calls if isinstance(call, Attempt)]

    @classmethod
    def of(cls, key: UnitKey, lines: Sequence[JournalRecord]) -> Answer | None:
        """Sort a journal's lines; None if it holds none.

        Raises:
            DiffersError: lines stand where the runner would not have written them.
        """
        if not lines:
            return None
        opened, *rest = lines
        if not isinstance(opened, SampleOpened):
            raise Place(key).differs("order", "the first line", opened.type, "sample")
        answer = cls(key, opened)
        for line in rest:
            if answer.closed is not None:
                raise Place(key).differs("order", "a line after the verdict", line.type, None)
            match line:
                case Verdict():
                    answer.closed = line
                case Attempt() | Fault():
                    answer.calls.append(line)
                case _:
                    raise Place(key).differs("order", "a line", line.type, "an attempt")
        return answer
