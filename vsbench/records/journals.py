"""Reading journals: their records, their place in the run's chain, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from vsbench.errors import UsageError
from vsbench.records.bounds import JOURNAL_BYTES, JOURNAL_LINES, LINE_BYTES, MANIFEST_BYTES
from vsbench.records.chain import Chain, Head, Seal, beginning, chain_at, followed, unsealed
from vsbench.records.files import MANIFEST, UnitKey, planned_keys
from vsbench.records.journal import LINE, EpisodeOpened, JournalRecord, SampleOpened
from vsbench.records.manifest import Manifest
from vsbench.records.reading import open_plain, parse_strictly, read_plain

Journals = Mapping[UnitKey, Sequence[JournalRecord]]
"""The records in journals, of finished units or not."""

REMEDY = (
    "restore the file; or delete it to play its episode again, "
    "and the run shows that lines of it are missing"
)


@dataclass(frozen=True)
class JournalContent:
    """What a journal's file holds."""

    records: tuple[JournalRecord, ...] = ()
    seals: tuple[Seal, ...] = ()
    """Of each record, in the same order."""
    size: int = 0
    """Bytes of its whole lines."""
    torn: bool = False
    """Whether a last line without a line feed follows: a crash tore it, and it does not count."""


def read_journal(path: Path) -> tuple[JournalRecord, ...]:
    """The records in a journal's file.

    Raises:
        UsageError: naming the line that is not of the format.
    """
    *_, journal, evaluation, env, name = path.parts
    return load_journal(path, "/".join((journal, evaluation, env, name))).records


def journal_of(run: Path, key: UnitKey) -> JournalContent:
    """The journal of an episode or sample; an empty one if there is none.

    Raises:
        UsageError: naming the line that is not of the format, or not of this episode.
    """
    path = key.path(run)
    try:
        journal = load_journal(path, key.name, run)
    except FileNotFoundError:
        return JournalContent()
    if journal.records and (wrong := _not_of(key, journal.records)):
        raise UsageError(f"{path}: {wrong}; {REMEDY}")
    return journal


def load_journal(path: Path, name: str, within: Path | None = None) -> JournalContent:
    """A journal's file; ``name`` is the one that the chain knows it by."""
    try:
        with open_plain(path, JOURNAL_BYTES, within) as file:
            return _read(path, name, file)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _read(path: Path, name: str, file: BinaryIO) -> JournalContent:
    records: list[JournalRecord] = []
    seals: list[Seal] = []
    size = 0
    while line := file.readline(LINE_BYTES):
        number = len(records) + 1
        if not line.endswith(b"\n"):
            if len(line) < LINE_BYTES:
                return JournalContent(tuple(records), tuple(seals), size, torn=True)
            raise UsageError(f"{path}, line {number}, is longer than {LINE_BYTES:,} bytes")
        if number > JOURNAL_LINES:
            raise UsageError(f"{path} has more than {JOURNAL_LINES:,} lines")
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


def _not_of(key: UnitKey, records: Sequence[JournalRecord]) -> str:
    """Why lines cannot be those of an episode or sample; empty if they can."""
    first, *rest = records
    kind, number = ("sample", getattr(first, "sample", None))
    if key.evaluation == "decision":
        kind, number = ("episode", getattr(first, "episode", None))
    if first.type != kind or any(record.type in ("episode", "sample") for record in rest):
        return f"it does not begin with its one {kind!r} line"
    assert isinstance(first, EpisodeOpened | SampleOpened)
    if (first.env, number) != (key.env, key.number):
        return f"it is of {first.env}/{number}"
    steps = [record.step for record in rest if record.type == "step"]
    if steps != list(range(len(steps))):
        return "its steps do not follow each other"
    return _without_seats(first, rest) if isinstance(first, EpisodeOpened) else ""


def _without_seats(opened: EpisodeOpened, rest: Sequence[JournalRecord]) -> str:
    """Whether a line speaks of seats that the episode does not have."""
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
            return f"its {record.type!r} line does not have the episode's {seats} seats"
    return "" if max(opened.measured) < seats else "it measures a seat that it does not have"


class JournalFiles(Journals):
    """The journals of a run, read one by one when they are asked for.

    Args:
        run: its directory.
        manifest: what is planned; other journals are passed over.
        lines: only the first so many lines that the run wrote.
    """

    def __init__(self, run: Path, manifest: Manifest, lines: int | None = None) -> None:
        self._run = run
        self._lines = lines
        self._keys = dict.fromkeys(key for key in planned_keys(manifest) if key.path(run).is_file())
        self._seals: dict[UnitKey, tuple[Seal, ...]] = {}
        """Of those that have been read."""

    def __getitem__(self, key: UnitKey) -> Sequence[JournalRecord]:
        """Read a journal. Raises UsageError if it is damaged."""
        if key not in self._keys:
            raise KeyError(key)
        journal = journal_of(self._run, key)
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
        """The chain over all of them. Raises UsageError if one is damaged."""
        return followed(chain_start(self._run), self._all_seals())

    def chain_at(self, lines: int) -> str | None:
        """The chain after so many lines; see :func:`vsbench.records.chain.chain_at`."""
        return chain_at(self._all_seals(), chain_start(self._run), lines)

    def _all_seals(self) -> list[Seal]:
        for key in self._keys.keys() - self._seals.keys():
            self._seals[key] = journal_of(self._run, key).seals
        return list(chain.from_iterable(self._seals.values()))


def chain_start(run: Path) -> Head:
    """Where a run's chain begins.

    Raises:
        UsageError: ``run.json`` cannot be read.
    """
    try:
        return beginning(read_plain(run / MANIFEST, MANIFEST_BYTES))
    except OSError as error:
        raise UsageError(f"{run / MANIFEST} cannot be read: {error.strerror}") from None
