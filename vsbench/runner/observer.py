"""Following runs as they go: every journal line is told as it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vsbench.errors import Exit
from vsbench.records.files import EpisodeKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results

Line = tuple[EpisodeKey, JournalRecord]


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    directory: Path
    manifest: Manifest
    results: Results
    exit: Exit
    why: tuple[str, ...] = ()
    """What kept it from being complete."""


class Observer(Protocol):
    """Someone who follows runs: a progress display, a stream of events."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """A run begins, or goes on after what its journals hold."""
        ...

    def happened(self, directory: Path, key: EpisodeKey, record: JournalRecord) -> None:
        """A line was journalled."""
        ...

    def closed(self, report: RunReport) -> None:
        """A run ended, one way or another."""
        ...


class Quiet:
    """Follows nothing."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Pass over it."""

    def happened(self, directory: Path, key: EpisodeKey, record: JournalRecord) -> None:
        """Pass over it."""

    def closed(self, report: RunReport) -> None:
        """Pass over it."""
