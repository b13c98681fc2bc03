"""Write journals: append line by line, and continue after a crash."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from vsbench.errors import UsageError, VSBenchError
from vsbench.records.bounds import MAX_JOURNAL_BYTES, MAX_RESULTS_BYTES
from vsbench.records.chain import Head, missing_lines
from vsbench.records.files import RESULTS, UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.journals import JournalFiles, chain_start, open_journal
from vsbench.records.reading import read_json
from vsbench.records.results import Results

OnRecord = Callable[[UnitKey, JournalRecord], None]
"""Called with every record after it was written."""


log = logging.getLogger(__name__)


class JournalWriteError(VSBenchError):
    """A line could not be written; the journal is unchanged."""


class Journal:
    """The journal of one episode or sample, open for writing.

    Each line is written by one system call before ``write`` returns, so a killed process
    loses no line.
    """

    def __init__(self, run: Path, key: UnitKey, on_record: OnRecord, chain: RunChain) -> None:
        """Open a journal and cut off a last line that a crash left incomplete.

        Raises:
            UsageError: it is damaged or of another episode.
        """
        self.key = key
        self.path = key.path(run)
        self._on_record = on_record
        self._chain = chain
        content = open_journal(run, key)
        self.past = content.records
        """The records of an earlier part of the run."""
        self._size = content.size
        if content.torn:
            os.truncate(self.path, self._size)

    def write(self, record: JournalRecord) -> None:
        """Append a record.

        Raises:
            JournalWriteError: the disk is full, permission is missing, or the like.
        """
        head, line = self._chain.head.sealed(self.key.name, record.model_dump_json().encode())
        line += b"\n"
        if self._size + len(line) > MAX_JOURNAL_BYTES:
            raise JournalWriteError(f"{self.path} would exceed {MAX_JOURNAL_BYTES:,} bytes")
        try:
            _append(self.path, line)
        except OSError as error:
            raise JournalWriteError(
                f"{self.path} cannot be written: {error.strerror}; earlier lines are intact"
            ) from error
        self._size += len(line)
        self._chain.head = head
        log.debug("line %d of the run: %s", head.lines, record.type)
        self._on_record(self.key, record)


class RunChain:
    """The hash chain over all journals of a run; see :mod:`vsbench.records.chain`."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self.head = chain_start(run)

    def resume(self, journals: JournalFiles) -> None:
        """Continue the chain after the lines of an earlier part of the run.

        Missing lines stay missing: the chain continues after the last line that the run is known
        to have written, and a warning is logged.

        Raises:
            UsageError: lines were changed since they were written, or a journal is damaged.
        """
        recorded = _recorded_head(self._run)
        chain = journals.chain()
        if chain.broken is not None:
            raise UsageError(
                f"the journals in {self._run} were changed: line {chain.broken} of the run does "
                "not match the hash chain; restore the files"
            )
        self.head = chain.head
        if recorded is not None and recorded.lines > chain.head.lines:
            self.head = recorded
        if missing := missing_lines(chain, recorded):
            log.warning(
                "%d lines that this run wrote are missing from its journals. Episodes played again "
                "count, but the gap stays visible in the record",
                missing,
            )


def _recorded_head(run: Path) -> Head | None:
    """Return the head of the chain when results were last written; None if unknown."""
    try:
        return read_json(run / RESULTS, Results, MAX_RESULTS_BYTES).head
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
                # A full disk takes part of a line; writing the rest raises the error.
                os.write(file, line[written:])
        except OSError:
            os.ftruncate(file, before)
            raise
    finally:
        os.close(file)
