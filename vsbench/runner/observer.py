"""Following runs as they go: every journal line is told as it is written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vsbench.errors import Exit
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results

log = logging.getLogger(__name__)

Line = tuple[UnitKey, JournalRecord]


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    directory: Path
    manifest: Manifest
    results: Results
    exit: Exit
    why: tuple[str, ...] = ()
    """What kept it from being complete."""
    odd_replies: Mapping[str, int] = field(default_factory=dict)
    """What was odd about replies that came, with the option that helps -> how many."""

    @property
    def hints(self) -> tuple[str, ...]:
        """The same in words."""
        return in_words(self.odd_replies)


def in_words(odd_replies: Mapping[str, int]) -> tuple[str, ...]:
    """What was odd about replies, a line each."""
    return tuple(
        f"{number:,} {'reply' if number == 1 else 'replies'} of {what}"
        for what, number in odd_replies.items()
    )


class Observer(Protocol):
    """Someone who follows runs: a progress display, a stream of events."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """A run begins, or goes on after what its journals hold."""
        ...

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """A line was journalled."""
        ...

    def closed(self, report: RunReport) -> None:
        """A run ended, one way or another."""
        ...


class NullObserver:
    """Follows nothing."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Pass over it."""

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Pass over it."""

    def closed(self, report: RunReport) -> None:
        """Pass over it."""


class GuardedObserver:
    """Passes everything on to another observer, whose errors do not end the run.

    What is journalled was paid for: a display that fails, or whose terminal or pipe is gone, is no
    reason to lose the calls under way. The first error is logged.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._failed = False

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Pass it on."""
        with self._guarded():
            self._observer.opened(directory, manifest, past)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Pass it on."""
        with self._guarded():
            self._observer.happened(directory, key, record)

    def closed(self, report: RunReport) -> None:
        """Pass it on."""
        with self._guarded():
            self._observer.closed(report)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not self._failed:
                self._failed = True
                # A pipe that nobody reads has no defect to be traced.
                trace = None if isinstance(error, OSError) else error
                name = type(self._observer).__name__
                log.warning("%s failed, and the run goes on: %r", name, error, exc_info=trace)
