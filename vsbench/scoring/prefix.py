"""The finished prefix of a run's episodes or samples, which figures are over.

Short episodes end first, so those that happen to have ended when a run stops are not typical. A
limit therefore decides what is begun, and what is begun is finished
(:mod:`vsbench.runner.schedule`): the prefix is all of it. Where a run was interrupted or a call
given up, what has ended after the first unfinished episode is pending until the run is resumed. The
last few of the prefix may still be too short, so results and tables name the unfinished one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from vsbench.records.journal import JournalRecord
from vsbench.records.results import Progress

T = TypeVar("T")


class Prefix(Generic[T]):
    """Collects units in the order in which they are played, up to the first unfinished one."""

    def __init__(self) -> None:
        self.scored: list[T] = []
        self._planned = 0
        self._finished = 0
        self._first: int | None = None
        """The first unfinished unit."""
        self._broken_off = False

    def add(self, number: int, lines: Sequence[JournalRecord], unit: T | None) -> None:
        """Add the next unit.

        Args:
            number: of the unit.
            lines: of its journal; empty if it was not begun.
            unit: None if it is not finished.
        """
        self._planned += 1
        self._finished += unit is not None
        if unit is None and self._first is None:
            self._first = number
        if self._first is not None:
            self._broken_off = self._broken_off or bool(lines)
        elif unit is not None:
            self.scored.append(unit)

    @property
    def progress(self) -> Progress:
        """The numbers of units."""
        return Progress(
            planned=self._planned,
            finished=self._finished,
            scored=len(self.scored),
            unfinished=self._first if self._broken_off else None,
        )
