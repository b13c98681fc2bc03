"""Findings: where recorded values differ from the values derived from seeds, moves and replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vsbench.errors import VSBenchError
from vsbench.printable import printable
from vsbench.records.files import UnitKey
from vsbench.records.journal import Record

Kind = Literal[
    "file",
    "plan",
    "prompts",
    "opening",
    "order",
    "attempt",
    "prompt",
    "reading",
    "decision",
    "move",
    "verdict",
    "rewards",
    "state",
    "end",
    "results",
    "chain",
    "redrawn",
    "stale",
]
"""The subject of a finding, in the order of a run's life; the last two are :data:`NOTES`."""

NOTES: frozenset[Kind] = frozenset({"redrawn", "stale"})
"""Kinds that honest runs show too: pictures drawn by other versions of libraries; results that are
older than the journals, or not written yet."""

MAX_VALUE_LENGTH = 160
"""Characters of a value that a finding quotes."""


@dataclass(frozen=True)
class Location:
    """A location in a run or in a tournament, as narrow as is known."""

    key: UnitKey | None = None
    """The episode or sample; None for the whole."""
    step: int | None = None
    seat: int | None = None
    scope: str = "the run"
    """The whole, in words."""

    def __str__(self) -> str:
        parts = [self.scope]
        if self.key:
            kind = "" if self.key.evaluation == "decision" else f"{self.key.evaluation} "
            parts = [f"{kind}{self.key.env}/{self.key.number:04d}"]
        parts += [f"step {self.step}"] if self.step is not None else []
        parts += [f"seat {self.seat}"] if self.seat is not None else []
        return ", ".join(parts)

    def mismatch(
        self, kind: Kind, subject: str, recorded: object, derived: object
    ) -> MismatchError:
        """Make the error that says that two values differ."""
        values = map(format_value, (subject, recorded, derived))
        return MismatchError(Finding(kind, self, *values))

    def expect(self, kind: Kind, subject: str, recorded: object, derived: object) -> None:
        """Raise MismatchError unless two values are equal."""
        if recorded != derived:
            raise self.mismatch(kind, subject, recorded, derived)

    def expect_line(self, kind: Kind, recorded: Record, derived: Record) -> None:
        """Raise MismatchError at the first field in which two journal lines differ."""
        for name in type(derived).model_fields:
            subject = f"the {kind}'s {name}"
            self.expect(kind, subject, getattr(recorded, name), getattr(derived, name))


@dataclass(frozen=True)
class Finding:
    """A recorded value that differs from the derived one."""

    kind: Kind
    location: Location
    subject: str
    """The thing that differs: "the move", "run.json"."""
    recorded: str
    derived: str
    """The value that follows from seeds, moves and replies, or what should be there."""

    @property
    def is_error(self) -> bool:
        """Whether it is evidence against the record; notes are not."""
        return self.kind not in NOTES

    def __str__(self) -> str:
        return f"{self.location}: {self.subject}: recorded {self.recorded}, derived {self.derived}"


class MismatchError(VSBenchError):
    """A recorded value differs, so that what follows it cannot be derived."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def format_value(value: object) -> str:
    """Format a value on one line, safe to print and cut to a readable length."""
    plain = isinstance(value, str) and value and value.isprintable()
    text = value if isinstance(value, str) and plain else printable(repr(value))
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"
