"""The seam between evaluations and the runner: units of work, one journal each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vsbench.errors import UsageError
from vsbench.records.files import EpisodeKey
from vsbench.records.journal import EpisodeOpened, JournalRecord, SampleOpened

if TYPE_CHECKING:
    from vsbench.players.vlm import VLMPlayer


class Journal(Protocol):
    """Where a unit writes what becomes certain, and what it wrote in an earlier part of the run."""

    @property
    def path(self) -> Path:
        """Its file."""
        ...

    @property
    def past(self) -> Sequence[JournalRecord]:
        """The lines that are there already."""
        ...

    def write(self, record: JournalRecord) -> None:
        """Append a line."""
        ...


class Unit(Protocol):
    """An episode to play, or a sample to ask about."""

    @property
    def key(self) -> EpisodeKey:
        """Names its journal."""
        ...

    @property
    def opening(self) -> EpisodeOpened | SampleOpened:
        """The journal's first line."""
        ...

    async def play(self, models: Mapping[str, VLMPlayer], journal: Journal) -> None:
        """Do it, from wherever its journal stands.

        Raises:
            UsageError: what was recorded cannot be.
            RunStoppedError, CallGivenUpError, JournalWriteError: it stays unfinished.
        """
        ...


def check_opening(unit: Unit, journal: Journal) -> None:
    """Raise UsageError if a journal is not of the unit that is to be played."""
    if journal.past and journal.past[0] != unit.opening:
        raise UsageError(
            f"{journal.path} is of another episode or sample than this run's settings make; "
            "restore the file, or delete it to play it again"
        )
