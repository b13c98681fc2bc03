"""Findings: where a record differs from what seeds, moves and replies lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
"""What a finding is about, in the order of a run's life; the last two are :data:`NOTES`."""

NOTES: frozenset[Kind] = frozenset({"redrawn", "stale"})
"""What honest runs show too: pictures drawn by other software; results that are older than the
journals, or not written yet."""

LONGEST = 160
"""Characters of a value that a finding spells out."""


@dataclass(frozen=True)
class Place:
    """Where in a run, or in a tournament's folder, something is, as far as it has a place."""

    key: UnitKey | None = None
    """The episode; None for the whole."""
    step: int | None = None
    seat: int | None = None
    whole: str = "the run"

    def __str__(self) -> str:
        parts = [self.whole]
        if self.key:
            kind = "" if self.key.evaluation == "decision" else f"{self.key.evaluation} "
            parts = [f"{kind}{self.key.env}/{self.key.number:04d}"]
        parts += [f"step {self.step}"] if self.step is not None else []
        parts += [f"seat {self.seat}"] if self.seat is not None else []
        return ", ".join(parts)

    def differs(self, kind: Kind, about: str, recorded: object, derived: object) -> DiffersError:
        """The error that tells of two values."""
        return DiffersError(Finding(kind, self, spell(about), spell(recorded), spell(derived)))

    def expect(self, kind: Kind, about: str, recorded: object, derived: object) -> None:
        """Raise DiffersError unless two values are equal."""
        if recorded != derived:
            raise self.differs(kind, about, recorded, derived)

    def expect_line(self, kind: Kind, recorded: Record, derived: Record) -> None:
        """Raise DiffersError at the first field in which two lines of a kind differ."""
        for name in type(derived).model_fields:
            about = f"the {kind}'s {name}"
            self.expect(kind, about, getattr(recorded, name), getattr(derived, name))


@dataclass(frozen=True)
class Finding:
    """A record that is not what it should be."""

    kind: Kind
    place: Place
    about: str
    """What it is: "the move", "run.json"."""
    recorded: str
    derived: str
    """What follows from seeds, moves and replies, or what should be there."""

    @property
    def counts(self) -> bool:
        """Whether it speaks against the record; notes do not."""
        return self.kind not in NOTES

    def __str__(self) -> str:
        return f"{self.place}: {self.about}: recorded {self.recorded}, derived {self.derived}"


class DiffersError(Exception):
    """A record that differs, and so cannot be followed any further."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def spell(value: object) -> str:
    """A value on one line, safe to print and cut to a readable length."""
    plain = isinstance(value, str) and value and value.isprintable()
    text = value if isinstance(value, str) and plain else printable(repr(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
