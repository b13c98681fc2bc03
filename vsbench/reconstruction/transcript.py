"""Journals parsed into steps and seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vsbench.reconstruction.findings import Location
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
    """The journal lines of one step."""

    step: int
    lines: dict[int, list[SeatLine]] = field(default_factory=dict)
    """By seat, in the order in which they were written."""
    played: Step | None = None
    """The joint move; None if the journal ends before it."""


@dataclass
class EpisodeTranscript:
    """The journal of an episode."""

    key: UnitKey
    opened: EpisodeOpened
    steps: list[RecordedStep] = field(default_factory=list)
    """All but the last have a joint move."""
    closed: EpisodeClosed | None = None

    @classmethod
    def parse(cls, key: UnitKey, lines: Sequence[JournalRecord]) -> EpisodeTranscript | None:
        """Sort a journal's lines; None if it is empty.

        Raises:
            MismatchError: the runner does not write lines in this order.
        """
        if not lines:
            return None
        opened, *rest = lines
        if not isinstance(opened, EpisodeOpened):
            raise Location(key).mismatch("order", "the first line", opened.type, "episode")
        transcript = cls(key, opened)
        for line in rest:
            transcript._add(line)
        return transcript

    def _add(self, line: JournalRecord) -> None:
        location = Location(self.key)
        if self.closed is not None:
            raise location.mismatch("order", "a line after the end", line.type, None)
        match line:
            case EpisodeOpened():
                raise location.mismatch("order", "a second opening", line.type, None)
            case EpisodeClosed():
                self.closed = line
            case Step():
                self._current(line.step).played = line
            case Attempt() | Fault() | Decision():
                self._current(line.step).lines.setdefault(line.seat, []).append(line)
            case SampleOpened() | Verdict():
                raise location.mismatch("order", "a line", line.type, "one of an episode")

    def _current(self, step: int) -> RecordedStep:
        """Return the unfinished step. Raises MismatchError unless it is the one of the line."""
        if not self.steps or self.steps[-1].played is not None:
            self.steps.append(RecordedStep(len(self.steps)))
        current = self.steps[-1]
        Location(self.key, current.step).expect("order", "a line's step", step, current.step)
        return current


@dataclass
class SampleTranscript:
    """The journal of a sample."""

    key: UnitKey
    opened: SampleOpened
    calls: list[Attempt | Fault] = field(default_factory=list)
    closed: Verdict | None = None

    @property
    def attempts(self) -> list[Attempt]:
        """The replies."""
        return [call for call in self.calls if isinstance(call, Attempt)]

    @classmethod
    def parse(cls, key: UnitKey, lines: Sequence[JournalRecord]) -> SampleTranscript | None:
        """Sort a journal's lines; None if it is empty.

        Raises:
            MismatchError: the runner does not write lines in this order.
        """
        if not lines:
            return None
        opened, *rest = lines
        if not isinstance(opened, SampleOpened):
            raise Location(key).mismatch("order", "the first line", opened.type, "sample")
        transcript = cls(key, opened)
        for line in rest:
            if transcript.closed is not None:
                raise Location(key).mismatch("order", "a line after the verdict", line.type, None)
            match line:
                case Verdict():
                    transcript.closed = line
                case Attempt() | Fault():
                    transcript.calls.append(line)
                case _:
                    raise Location(key).mismatch("order", "a line", line.type, "an attempt")
        return transcript
