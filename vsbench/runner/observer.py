"""Observers follow runs: they get every record when it is journalled."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import tee
from pathlib import Path
from typing import Protocol

from vsbench.errors import Exit
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.records.results import Results

log = logging.getLogger(__name__)

Line = tuple[UnitKey, JournalRecord]


@dataclass(frozen=True)
class RunReport:
    """The outcome of a run."""

    directory: Path
    manifest: Manifest
    results: Results
    exit: Exit
    """Complete once everything is finished that was to be played by now."""
    why: tuple[str, ...] = ()
    """Reasons why it is incomplete."""
    odd_replies: Mapping[str, int] = field(default_factory=dict)
    """Hints about odd replies, with the options that help -> number of replies."""

    @property
    def hints(self) -> tuple[str, ...]:
        """The odd replies in words, a line each."""
        return describe_hints(self.odd_replies)


def describe_hints(odd_replies: Mapping[str, int]) -> tuple[str, ...]:
    """Put hints about odd replies into words, a line each."""
    return tuple(
        f"{number:,} {'reply' if number == 1 else 'replies'} of {what}"
        for what, number in odd_replies.items()
    )


class Observer(Protocol):
    """Follows runs: a progress display, a stream of events."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """A run starts, or resumes after the past lines of its journals."""
        ...

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """A record was journalled."""
        ...

    def closed(self, report: RunReport) -> None:
        """A run ended, complete or not."""
        ...


class NullObserver:
    """Ignores everything."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Ignore it."""

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Ignore it."""

    def closed(self, report: RunReport) -> None:
        """Ignore it."""


class GuardedObserver:
    """Forwards everything to another observer and keeps its errors from ending the run.

    A display that fails, or whose terminal or pipe is gone, is no reason to lose calls in progress.
    The first error is logged.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._failed = False

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Forward it."""
        with self._guarded():
            self._observer.opened(directory, manifest, past)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Forward it."""
        with self._guarded():
            self._observer.happened(directory, key, record)

    def closed(self, report: RunReport) -> None:
        """Forward it."""
        with self._guarded():
            self._observer.closed(report)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not self._failed:
                self._failed = True
                # A closed pipe is no defect: log no traceback.
                trace = None if isinstance(error, OSError) else error
                name = type(self._observer).__name__
                log.warning("%s failed; the run continues: %r", name, error, exc_info=trace)


class CombinedObserver:
    """Forwards everything to several observers, also when one of them fails."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = [GuardedObserver(observer) for observer in observers]

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Forward it."""
        # Past lines may be read from files meanwhile, and only once.
        for observer, lines in zip(self._observers, tee(past, len(self._observers)), strict=True):
            observer.opened(directory, manifest, lines)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Forward it."""
        for observer in self._observers:
            observer.happened(directory, key, record)

    def closed(self, report: RunReport) -> None:
        """Forward it."""
        for observer in self._observers:
            observer.closed(report)


class MergedObserver:
    """Shows an observer several runs of episodes as one, such as the pairings of a tournament."""

    def __init__(
        self, observer: Observer, directory: Path, title: str, runs: Mapping[Path, Manifest]
    ) -> None:
        """Merge runs.

        Args:
            observer: follows the merged run.
            directory: the folder of all runs.
            title: shown in place of a model.
            runs: all runs that will be opened, by directory.
        """
        self._observer = observer
        self._directory = directory
        self._past: list[Line] = []
        self._to_open, self._to_close = set(runs), set(runs)
        self._offsets: dict[tuple[Path, str], int] = {}
        """Run and environment -> number of its first episode in the merged run."""
        plans: dict[str, EnvironmentPlan] = {}
        for path, manifest in runs.items():
            for plan in manifest.environments:
                offset = plans[plan.env].episodes if plan.env in plans else 0
                self._offsets[path, plan.env] = offset
                plans[plan.env] = plan.model_copy(update={"episodes": offset + plan.episodes})
        first = next(iter(runs.values()))
        merged = {"model": title, "environments": tuple(plans.values())}
        self._manifest = first.model_copy(update=merged)

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Open the merged run once all runs are open."""
        self._past += [(self._renumbered(directory, key), line) for key, line in past]
        self._to_open.discard(directory)
        if not self._to_open:
            self._observer.opened(self._directory, self._manifest, self._past)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Forward a record."""
        key = self._renumbered(directory, key)
        if self._to_open:
            self._past.append((key, record))
        else:
            self._observer.happened(self._directory, key, record)

    def closed(self, report: RunReport) -> None:
        """Close the merged run once all runs are closed."""
        self._to_close.discard(report.directory)
        if not self._to_close:
            merged = replace(report, directory=self._directory, manifest=self._manifest)
            self._observer.closed(merged)

    def _renumbered(self, directory: Path, key: UnitKey) -> UnitKey:
        return replace(key, number=key.number + self._offsets[directory, key.env])
