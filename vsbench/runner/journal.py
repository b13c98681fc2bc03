"""Journals on disk: appended line by line, read back after any end."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.records.bounds import JOURNAL_BYTES, RESULTS_BYTES
from vsbench.records.chain import Head, followed, gone
from vsbench.records.files import RESULTS, UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.journals import JournalContent, chain_start, journal_of
from vsbench.records.reading import read_json
from vsbench.records.results import Results

Watch = Callable[[UnitKey, JournalRecord], None]
"""Someone who is told of every line as it is written: progress displays, event streams."""


log = logging.getLogger(__name__)


class JournalWriteError(Exception):
    """A line could not be written; the journal is as it was before it."""


class Journal:
    """The journal of one episode.

    Each line is written by one call and is in the operating system's hands when ``write``
    returns, so that a killed process loses nothing that it had learnt.
    """

    def __init__(self, run: Path, key: UnitKey, watch: Watch, chain: RunChain) -> None:
        """Open a journal, and cut off a last line that was torn by a crash.

        Raises:
            UsageError: it is damaged, or of another episode.
        """
        self.key = key
        self.path = key.path(run)
        self._watch = watch
        self._chain = chain
        self.content = journal_of(run, key)
        self._size = self.content.size
        if self.content.torn:
            os.truncate(self.path, self._size)

    @property
    def past(self) -> tuple[JournalRecord, ...]:
        """The lines of an earlier part of the run."""
        return self.content.records

    def write(self, record: JournalRecord) -> None:
        """Append a line and tell whoever watches.

        Raises:
            JournalWriteError: no room, no permission, or the like.
        """
        head, line = self._chain.head.sealed(self.key.name, record.model_dump_json().encode())
        line += b"\n"
        if self._size + len(line) > JOURNAL_BYTES:
            raise JournalWriteError(f"{self.path} would have more than {JOURNAL_BYTES:,} bytes")
        try:
            _append(self.path, line)
        except OSError as error:
            raise JournalWriteError(
                f"{self.path} could not be written: {error.strerror}; nothing before it is lost"
            ) from error
        self._size += len(line)
        self._chain.head = head
        self._watch(self.key, record)


class RunChain:
    """The chain of a run, as its journals grow; see :mod:`vsbench.records.chain`."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self.head = chain_start(run)

    def go_on(self, journals: Iterable[JournalContent]) -> None:
        """Take up the chain where the journals of an earlier part leave it.

        Lines that are missing stay missing: the chain goes on after the last one that the run is
        known to have written, and a warning says so.

        Raises:
            UsageError: lines were changed since they were written.
        """
        recorded = _recorded_head(self._run)
        seals = (seal for journal in journals for seal in journal.seals)
        chain = followed(self.head, seals)
        if chain.broken is not None:
            raise UsageError(
                f"the journals in {self._run} are not what the run wrote: line {chain.broken} of "
                "the run does not follow from those before it; restore them"
            )
        self.head = chain.head
        if recorded is not None and recorded.lines > chain.head.lines:
            self.head = recorded
        if missing := gone(chain, recorded):
            log.warning(
                "%d lines that this run wrote are missing from its journals. What is played "
                "again counts, but the record shows that something was there before",
                missing,
            )


def _recorded_head(run: Path) -> Head | None:
    """Where the chain was when results were last written."""
    try:
        return read_json(run / RESULTS, Results, RESULTS_BYTES).head
    except (OSError, ValueError):
        return None


def _append(path: Path, line: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        before = os.fstat(file).st_size
        try:
            written = os.write(file, line)
            if written < len(line):
                # A disk that fills up takes part of a line; asking for the rest names the error.
                os.write(file, line[written:])
        except OSError:
            os.ftruncate(file, before)
            raise
    finally:
        os.close(file)
