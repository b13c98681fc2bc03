"""Several runs shown as one: a tournament's pairings, game by game."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.runner.observer import Line, Observer, RunReport


class MergedObserver:
    """Tells a display of several runs of episodes as if they were one."""

    def __init__(
        self, display: Observer, directory: Path, title: str, runs: Mapping[Path, Manifest]
    ) -> None:
        """See the class.

        Args:
            display: who is told.
            directory: where all the runs are.
            title: shown in place of a model.
            runs: all that will be opened.
        """
        self._display = display
        self._directory = directory
        self._past: list[Line] = []
        self._to_open, self._to_close = set(runs), set(runs)
        self._first: dict[tuple[Path, str], int] = {}
        """Of each run and environment, the number that its first episode gets."""
        plans: dict[str, EnvironmentPlan] = {}
        for path, manifest in runs.items():
            for plan in manifest.environments:
                before = plans[plan.env].episodes if plan.env in plans else 0
                self._first[path, plan.env] = before
                plans[plan.env] = plan.model_copy(update={"episodes": before + plan.episodes})
        one = next(iter(runs.values()))
        together = {"model": title, "environments": tuple(plans.values())}
        self._manifest = one.model_copy(update=together)

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Open the whole when the last one is."""
        self._past += [(self._renumbered(directory, key), line) for key, line in past]
        self._to_open.discard(directory)
        if not self._to_open:
            self._display.opened(self._directory, self._manifest, self._past)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Pass a line on."""
        key = self._renumbered(directory, key)
        if self._to_open:
            self._past.append((key, record))
        else:
            self._display.happened(self._directory, key, record)

    def closed(self, report: RunReport) -> None:
        """Close the whole when the last one is."""
        self._to_close.discard(report.directory)
        if not self._to_close:
            whole = replace(report, directory=self._directory, manifest=self._manifest)
            self._display.closed(whole)

    def _renumbered(self, directory: Path, key: UnitKey) -> UnitKey:
        return replace(key, number=key.number + self._first[directory, key.env])
