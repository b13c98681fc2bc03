"""Read journals: their records and seals, and the errors of damaged ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from vsbench.errors import UsageError
from vsbench.records.bounds import (
    MAX_JOURNAL_BYTES,
    MAX_JOURNAL_LINES,
    MAX_LINE_BYTES,
    MAX_MANIFEST_BYTES,
)
from vsbench.records.chain import Chain, Head, Seal, chain_at, first_head, follow_chain, unsealed
from vsbench.records.files import MANIFEST, UnitKey, planned_keys
from vsbench.records.journal import LINE, EpisodeOpened, JournalRecord, SampleOpened
from vsbench.records.manifest import Manifest
from vsbench.records.reading import open_plain, parse_strictly, read_plain

Journals = Mapping[UnitKey, Sequence[JournalRecord]]
"""The records of each journal, whether or not its unit is finished."""

REMEDY = (
    "restore the file, or delete it to play its episode again "
    "(the run will show that lines are missing)"
)


@dataclass(frozen=True)
class JournalContent:
    """The content of a journal's file."""

    records: tuple[JournalRecord, ...] = ()
    seals: tuple[Seal, ...] = ()
    """One per record."""
    size: int = 0
    """Bytes of its complete lines."""
    torn: bool = False
    """Whether an incomplete last line follows, left by a crash; it does not count."""


def read_journal(path: Path) -> tuple[JournalRecord, ...]:
    """Read the records of a journal's file.

    Raises:
        UsageError: a line is invalid.
    """
    *_, journal, evaluation, env, name = path.parts
    return read_journal_file(path, "/".join((journal, evaluation, env, name))).records


def open_journal(run: Path, key: UnitKey) -> JournalContent:
    """Read the journal of an episode or sample; empty if there is no file.

    Raises:
        UsageError: a line is invalid or not of this episode or sample.
    """
    path = key.path(run)
    try:
        journal = read_journal_file(path, key.name, run)
    except FileNotFoundError:
        return JournalContent()
    if journal.records and (problem := _mismatch(key, journal.records)):
        raise UsageError(f"{path}: {problem}; {REMEDY}")
    return journal


def read_journal_file(path: Path, name: str, within: Path | None = None) -> JournalContent:
    """Read a journal's file; ``name`` is its name in the chain."""
    try:
        with open_plain(path, MAX_JOURNAL_BYTES, within) as file:
            return _read(path, name, file)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _read(path: Path, name: str, file: BinaryIO) -> JournalContent:
    records: list[JournalRecord] = []
    seals: list[Seal] = []
    size = 0
    while line := file.readline(MAX_LINE_BYTES):
        number = len(records) + 1
        if not line.endswith(b"\n"):
            if len(line) < MAX_LINE_BYTES:
                return JournalContent(tuple(records), tuple(seals), size, torn=True)
            raise UsageError(f"{path}, line {number}, is longer than {MAX_LINE_BYTES:,} bytes")
        if number > MAX_JOURNAL_LINES:
            raise UsageError(f"{path} has more than {MAX_JOURNAL_LINES:,} lines")
        try:
            record, seal = unsealed(name, line[:-1])
            records.append(parse_strictly(LINE, record))
            seals.append(seal)
        except ValueError as error:
            raise UsageError(
                f"{path}, line {number}, is not a journal line ({error}); {REMEDY}"
            ) from None
        size += len(line)
    return JournalContent(tuple(records), tuple(seals), size)


def _mismatch(key: UnitKey, records: Sequence[JournalRecord]) -> str:
    """Say why records cannot be those of an episode or sample; empty if they can."""
    first, *rest = records
    kind, number = ("sample", getattr(first, "sample", None))
    if key.evaluation == "decision":
        kind, number = ("episode", getattr(first, "episode", None))
    if first.type != kind or any(record.type in ("episode", "sample") for record in rest):
        return f"its first line, and no other, must be of the type {kind!r}"
    assert isinstance(first, EpisodeOpened | SampleOpened)
    if (first.env, number) != (key.env, key.number):
        return f"it belongs to {first.env}/{number}"
    steps = [record.step for record in rest if record.type == "step"]
    if steps != list(range(len(steps))):
        return "its steps are not consecutive"
    return _seat_mismatch(first, rest) if isinstance(first, EpisodeOpened) else ""


def _seat_mismatch(opened: EpisodeOpened, rest: Sequence[JournalRecord]) -> str:
    """Say which record does not match the seats of the episode; empty if all do."""
    seats = len(opened.seats)
    for record in rest:
        match record.type:
            case "attempt" | "fault" | "decision":
                wrong = record.seat >= seats
            case "step":
                wrong = len(record.rewards) != seats or max(record.moves, default=0) >= seats
            case "end":
                counts = (record.returns, *record.events.values())
                wrong = any(len(each) != seats for each in counts)
            case _:
                wrong = False
        if wrong:
            return f"a line of the type {record.type!r} does not match the episode's {seats} seats"
    return "" if max(opened.measured) < seats else "a measured seat does not exist"


class JournalFiles(Journals):
    """The journals of a run, each read on access.

    Args:
        run: its directory.
        manifest: of the run; journals that it does not plan are ignored.
        lines: read only this many of the first lines that the run wrote; None for all.
    """

    def __init__(self, run: Path, manifest: Manifest, lines: int | None = None) -> None:
        self._run = run
        self._lines = lines
        self._keys = dict.fromkeys(key for key in planned_keys(manifest) if key.path(run).is_file())
        self._seals: dict[UnitKey, tuple[Seal, ...]] = {}
        """Of the journals read so far."""

    def __getitem__(self, key: UnitKey) -> Sequence[JournalRecord]:
        """Read a journal. Raises UsageError if it is damaged."""
        if key not in self._keys:
            raise KeyError(key)
        journal = open_journal(self._run, key)
        self._seals[key] = journal.seals
        if self._lines is None:
            return journal.records
        pairs = zip(journal.records, journal.seals, strict=True)
        return [record for record, seal in pairs if seal.line < self._lines]

    def __iter__(self) -> Iterator[UnitKey]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def chain(self) -> Chain:
        """Follow the chain over all journals. Raises UsageError if one is damaged."""
        return follow_chain(chain_start(self._run), self._all_seals())

    def chain_at(self, lines: int) -> str | None:
        """Return the chain after so many lines; see :func:`vsbench.records.chain.chain_at`."""
        return chain_at(self._all_seals(), chain_start(self._run), lines)

    def _all_seals(self) -> list[Seal]:
        for key in self._keys.keys() - self._seals.keys():
            self._seals[key] = open_journal(self._run, key).seals
        return list(chain.from_iterable(self._seals.values()))


def chain_start(run: Path) -> Head:
    """Return the first head of a run's chain.

    Raises:
        UsageError: ``run.json`` cannot be read.
    """
    try:
        return first_head(read_plain(run / MANIFEST, MAX_MANIFEST_BYTES))
    except OSError as error:
        raise UsageError(f"{run / MANIFEST} cannot be read: {error.strerror}") from None
