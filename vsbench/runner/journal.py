"""Journals on disk: appended line by line, read back after any end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from vsbench.records.files import EpisodeKey, parse_journal
from vsbench.records.journal import JournalRecord

Watch = Callable[[EpisodeKey, JournalRecord], None]
"""Someone who is told of every line as it is written: progress displays, event streams."""


class JournalWriteError(Exception):
    """A line could not be written; the journal is as it was before it."""


class Journal:
    """The journal of one episode.

    Each line is written by one call and is in the operating system's hands when ``write``
    returns, so that a killed process loses nothing that it had learnt.
    """

    def __init__(self, run: Path, key: EpisodeKey, watch: Watch) -> None:
        self.key = key
        self.path = key.path(run)
        self._watch = watch
        self.past = recover(self.path)
        """The lines of an earlier part of the run."""

    def write(self, record: JournalRecord) -> None:
        """Append a line and tell whoever watches.

        Raises:
            JournalWriteError: no room, no permission, or the like.
        """
        line = record.model_dump_json().encode() + b"\n"
        try:
            _append(self.path, line)
        except OSError as error:
            raise JournalWriteError(
                f"{self.path} could not be written: {error.strerror}; nothing before it is lost"
            ) from error
        self._watch(self.key, record)


def recover(path: Path) -> tuple[JournalRecord, ...]:
    """The lines of a journal, after cutting off a last line that was torn by a crash."""
    if not path.exists():
        return ()
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        os.truncate(path, whole)
    return parse_journal(path, text[:whole])


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
