"""What all loggers share: metrics from records, sent from a thread of their own."""

from __future__ import annotations

import logging
import queue
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from vsbench.errors import Exit
from vsbench.exports.files import export_tables
from vsbench.exports.rows import Row
from vsbench.exports.tables import TABLES, Source, Sources, TableName, read_tables
from vsbench.loggers.metrics import RunMetrics, with_bounds
from vsbench.protocols import standing_of
from vsbench.records.files import MANIFEST, PAIRINGS, PROMPTS, RESULTS, UnitKey
from vsbench.records.frames import figure_rows
from vsbench.records.journal import JournalRecord
from vsbench.records.journals import chain_start
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results
from vsbench.redaction import Secrets
from vsbench.runner.observer import Line, RunReport

log = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between metrics."""

LOGGED: tuple[TableName, ...] = ("figures", "episodes")
"""Tables that are logged at the end."""

PATIENCE = 60.0
"""Seconds to wait for what is left to be sent when the last run has ended."""


@dataclass(frozen=True)
class RunInfo:
    """A run, as trackers show it."""

    id: str
    """The start of the run's chain: it stays the same when the run is resumed."""
    name: str
    group: str | None
    """The tournament that the run is a pairing of."""
    directory: Path
    config: Mapping[str, Any]
    """Settings, without secrets."""


@dataclass(frozen=True)
class Outcome:
    """What is logged at the end of a run."""

    summary: Mapping[str, float]
    tables: Mapping[str, tuple[tuple[str, ...], list[Row]]]
    """Name -> columns and rows."""
    files: Mapping[str, Path]
    """Name in the tracker -> file: those of the run that are small, and the tables as CSV."""
    complete: bool


class Tracker(Protocol):
    """A run in an experiment tracker. Its methods are called in one thread, in order."""

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Log metrics; the step is the number of replies so far."""
        ...

    def finish(self, outcome: Outcome) -> None:
        """Log the final figures, tables and files, and end the run."""
        ...


class RunLogger(ABC):
    """An observer that sends running figures, settings and results to an experiment tracker.

    Everything is sent from a thread per run, so that a slow tracker never delays calls, and one
    that fails is left out with a warning. Runs that are resumed continue in the tracker.

    Args:
        interval: seconds between metrics; 0 logs after every episode and sample.
    """

    def __init__(self, interval: float = INTERVAL) -> None:
        self._interval = interval
        self._open_runs: dict[Path, _Followed] = {}
        self._ending: list[_Worker] = []

    @abstractmethod
    def start(self, run: RunInfo) -> Tracker:
        """Begin or continue a run in the tracker; called in the run's thread."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Begin or continue a run."""
        info = run_info(directory, manifest)
        followed = _Followed(RunMetrics(manifest), _Worker(f"{type(self).__name__} of {info.name}"))
        followed.worker.submit(lambda: followed.start(self.start(info)))
        for key, record in past:
            followed.metrics.add(key, record)
        self._open_runs[directory] = followed

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Count a record, and log metrics after some."""
        followed = self._open_runs[directory]
        ended = followed.metrics.add(key, record)
        if ended and time.monotonic() - followed.logged_at >= self._interval:
            followed.log()

    def closed(self, report: RunReport) -> None:
        """Log the results and the files of a run; after the last run, wait until all is sent."""
        followed = self._open_runs.pop(report.directory)
        followed.log()
        followed.worker.submit(lambda: followed.finish(report))
        self._ending.append(followed.worker)
        if not self._open_runs:
            deadline = time.monotonic() + PATIENCE
            for worker in self._ending:
                worker.end(deadline)
            self._ending.clear()


@dataclass
class _Followed:
    """A run that is followed."""

    metrics: RunMetrics
    worker: _Worker
    logged_at: float = float("-inf")
    trackers: list[Tracker] = field(default_factory=list)
    """The tracker, once it is open."""

    def start(self, tracker: Tracker) -> None:
        self.trackers.append(tracker)

    def log(self) -> None:
        self.logged_at = time.monotonic()
        metrics, step = self.metrics.snapshot(), self.metrics.replies
        self.worker.submit(lambda: self.trackers[0].log(metrics, step))

    def finish(self, report: RunReport) -> None:
        with tempfile.TemporaryDirectory(prefix="vsbench-") as folder:
            self.trackers[0].finish(outcome_of(report, Path(folder)))


class _Worker:
    """A thread that does one thing after another until one fails."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # A tracker that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Do something after what was submitted before."""
        self._jobs.put(job)

    def end(self, deadline: float) -> None:
        """Wait until everything is done, or until a time by the monotonic clock."""
        self._jobs.put(None)
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            log.warning("%s did not send everything within %.0f s", self._name, PATIENCE)

    def _work(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job()
        except Exception as error:
            message = Secrets.in_environment().redact(f"{type(error).__name__}: {error}")
            log.warning("%s failed; the run continues without it: %s", self._name, message)


def run_info(directory: Path, manifest: Manifest) -> RunInfo:
    """Describe a run for trackers."""
    resolved = directory.resolve()
    pairing = resolved.parent.name == PAIRINGS
    standing = standing_of(manifest)
    config = {
        **manifest.model_dump(mode="json", exclude={"prices", "format", "schema_version"}),
        "environments": {plan.env: plan.model_dump(mode="json") for plan in manifest.environments},
        "directory": str(directory),
        "conforms": standing.conforms,
        "standing": standing.summary,
    }
    return RunInfo(
        id=chain_start(directory).chain,
        name=resolved.name,
        group=resolved.parent.parent.name if pairing else None,
        directory=directory,
        config=_redacted(config, Secrets.in_environment()),
    )


def _redacted(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, str):
        return secrets.redact_prose(value)
    if isinstance(value, dict):
        return {key: _redacted(each, secrets) for key, each in value.items()}
    return [_redacted(each, secrets) for each in value] if isinstance(value, list) else value


def summary_of(results: Results) -> dict[str, float]:
    """All final figures of a run with their intervals, and its usage."""
    usage = results.usage
    found: dict[str, float] = {}
    for row in figure_rows(results):
        prefix = "score" if row.figure == "score" else "figures"
        name = f"{prefix}/{row.evaluation}/{row.environment}"
        if row.figure != "score":
            name += f"/{row.figure}"
        found |= with_bounds(name, row.value, row.low, row.high)
    return found | {
        "complete": float(results.complete),
        "progress/replies": usage.replies,
        "tokens/input": usage.input,
        "tokens/output": usage.output,
        "faults": sum(usage.faults.values()),
        **({} if usage.cost is None else {"cost/usd": usage.cost}),
    }


def outcome_of(report: RunReport, folder: Path) -> Outcome:
    """Collect what is logged at the end of a run; ``folder`` takes files that are made for it."""
    run = report.directory.resolve()
    names = [MANIFEST, RESULTS]
    names += sorted(path.relative_to(run).as_posix() for path in (run / PROMPTS).rglob("*.j2"))
    files = {name: run / name for name in names if (run / name).is_file()}
    sources = Sources((Source(run.name, run),), ())
    rows: dict[TableName, list[Row]] = {name: [] for name in LOGGED}
    for name, row in read_tables(sources, LOGGED):
        rows[name].append(row)
    for path in export_tables(sources, folder, LOGGED, form="csv"):
        files[f"tables/{path.name}"] = path
    columns = {name: tuple(column.name for column in TABLES[name].columns) for name in LOGGED}
    return Outcome(
        summary=summary_of(report.results),
        tables={name: (columns[name], rows[name]) for name in LOGGED},
        files=files,
        complete=report.exit is Exit.COMPLETE,
    )
