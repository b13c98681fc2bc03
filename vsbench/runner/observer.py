"""Following runs as they go: every journal line is told as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
