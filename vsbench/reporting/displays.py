"""Observers that show progress: a live table, plain lines, or JSON events."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from vsbench.adapters.registry import server_of
from vsbench.printable import printable
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.records.tournament import TournamentResults
from vsbench.reporting.formats import env_title, format_cost, format_count
from vsbench.reporting.progress import RunProgress, format_duration
from vsbench.runner.observer import Line, NullObserver, Observer, RunReport


class LiveProgress:
    """A table that is updated in place, for terminals."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._note = ""
        self._runs: dict[Path, RunProgress] = {}
        self._live = Live(
            console=console, get_renderable=self._render, refresh_per_second=8, transient=True
        )

    def preparing(self, text: str) -> None:
        """Show what is prepared before the first run is opened."""
        self._live.start()
        self.note(text)

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Add a run to the display."""
        if not self._runs:
            self._note = ""
            self._live.start()
        self._runs[directory] = RunProgress(manifest, past)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Count a journal record."""
        run = self._runs[directory]
        run.add(key, record)
        if record.type == "fault" and record.kind == "rate_limited":
            # The limit applies to every model of the provider.
            for other in self._runs.values():
                if server_of(other.model) == server_of(run.model):
                    other.retry = run.retry

    def closed(self, report: RunReport) -> None:
        """Remove a run from the display."""
        self._runs.pop(report.directory)
        if not self._runs:
            self._live.stop()

    def note(self, text: str) -> None:
        """Show a message below the table."""
        self._note = text
        self._live.refresh()

    def stop(self) -> None:
        """Remove the table and restore the terminal."""
        self._live.stop()

    def _render(self) -> RenderableType:
        width = self._console.width
        notes = [Text(self._note, style="bold")] if self._note else []
        return Group(*(_run_table(run, width) for run in self._runs.values()), *notes)


class PlainProgress:
    """A line of text every few seconds, for logs and notebooks."""

    INTERVAL = 10.0
    """Seconds between lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._runs: dict[Path, RunProgress] = {}
        self._last = time.monotonic()

    def preparing(self, text: str) -> None:
        """Show what is prepared before the first run is opened."""
        self.note(text)

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Print what is planned, and where it is written."""
        run = self._runs[directory] = RunProgress(manifest, past)
        planned = sum(env.planned for env in run.environments.values())
        finished = sum(env.finished for env in run.environments.values())
        print(
            f"{printable(run.model)}: {planned} episodes and samples, {finished} done, "
            f"in {printable(directory)}",
            file=self._out,
        )

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Count a journal record; print the progress if the last line is old enough."""
        run = self._runs[directory]
        run.add(key, record)
        now = time.monotonic()
        if now - self._last >= self.INTERVAL:
            self._last = now
            print(_plain_line(run), file=self._out, flush=True)

    def closed(self, report: RunReport) -> None:
        """Print the final progress of a run."""
        print(_plain_line(self._runs.pop(report.directory)), file=self._out, flush=True)

    def note(self, text: str) -> None:
        """Print a message."""
        print(text, file=self._out, flush=True)

    def stop(self) -> None:
        """Do nothing: there is nothing to restore."""


class JsonEvents:
    """Every journal record as an event, one JSON object per line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def preparing(self, text: str) -> None:
        """Write nothing: events begin with the first run."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Write a ``run`` event with the manifest."""
        self._write("run", directory, run=manifest.model_dump(mode="json"))

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Write a ``record`` event with a journal record and its episode or sample."""
        self._write("record", directory, **asdict(key), record=record.model_dump(mode="json"))

    def closed(self, report: RunReport) -> None:
        """Write an ``end`` event with exit code, hints and results."""
        results = report.results.model_dump(mode="json")
        values = {"exit": int(report.exit), "hints": report.hints, "results": results}
        self._write("end", report.directory, **values)

    def tournament(self, directory: Path, results: TournamentResults) -> None:
        """Write a ``tournament`` event with the results, after those of the pairings."""
        self._write("tournament", directory, results=results.model_dump(mode="json"))

    def note(self, text: str) -> None:
        """Write a ``note`` event with a message for people."""
        print(json.dumps({"event": "note", "text": text}), file=self._out, flush=True)

    def stop(self) -> None:
        """Do nothing: there is nothing to restore."""

    def _write(self, event: str, directory: Path, **values: Any) -> None:
        line = json.dumps({"event": event, "directory": str(directory), **values})
        print(line, file=self._out, flush=True)


def default_observer() -> Observer:
    """The observer of runs from Python: plain lines in a notebook, otherwise none."""
    return PlainProgress(sys.stdout) if in_notebook() else NullObserver()


def in_notebook() -> bool:
    """Whether this process is a Jupyter kernel."""
    return "IPython" in sys.modules and Console().is_jupyter


WIDE = 120
"""Characters of a terminal's line from which on the table shows every figure."""


def _run_table(run: RunProgress, width: int) -> RenderableType:
    wide = width >= WIDE
    table = Table(title=Text(printable(run.model)), title_justify="left", box=None, pad_edge=False)
    table.padding = (0, 2 if wide else 1, 0, 0)
    table.add_column("evaluation", no_wrap=True)
    table.add_column("environment", no_wrap=True)
    table.add_column("", width=20 if wide else 8)
    figures = ("steps", "ok", "illegal", "other", "tokens", "cost", "faults")
    for heading in ("done", *(figures if wide else ("ok", "invalid", "cost", "faults"))):
        table.add_column(heading, justify="right", no_wrap=True)
    for (evaluation, env), progress in run.environments.items():
        tally = progress.tally
        ok, illegal = tally.decisions["ok"], tally.decisions["illegal"]
        invalid = tally.decisions.total() - ok
        counts = (illegal, invalid - illegal) if wide else (invalid,)
        tokens = format_count(tally.tokens["input"] + tally.tokens["output"])
        table.add_row(
            evaluation,
            env_title(env),
            ProgressBar(total=progress.planned, completed=progress.done),
            f"{progress.finished}/{progress.planned}",
            *([format_count(progress.steps)] if wide else []),
            format_count(ok),
            *(Text(format_count(number), style="yellow" if number else "") for number in counts),
            *([tokens] if wide else []),
            format_cost(tally.cost),
            Text(format_count(tally.faults.total()), style="red" if tally.faults else ""),
        )
    return Group(table, Text(_footer(run), style="dim"))


def _footer(run: RunProgress) -> str:
    tally = run.tally
    parts = [f"{format_duration(run.elapsed)} elapsed"]
    if not run.active and run.environments:
        return f"{parts[0]} · waiting for the first replies"
    if run.eta is None:
        parts.append("time left unknown")
    elif run.eta:
        parts.append(f"about {format_duration(run.eta)} left")
    parts.append(f"{format_count(tally.attempts.total())} replies")
    if run.retry is not None:
        kind, due = run.retry
        if (wait := due - time.monotonic()) > 0:
            parts.append(f"{kind.replace('_', ' ')}, retrying in {math.ceil(wait)} s")
    return " · ".join(parts)


def _plain_line(run: RunProgress) -> str:
    finished = sum(env.finished for env in run.environments.values())
    planned = sum(env.planned for env in run.environments.values())
    steps = sum(env.steps for env in run.environments.values())
    tally = run.tally
    tokens = tally.tokens["input"] + tally.tokens["output"]
    invalid = tally.decisions.total() - tally.decisions["ok"]
    return (
        f"{printable(run.model)}: {finished}/{planned} done, {steps} steps, "
        f"{tally.decisions.total()} decisions ({invalid} invalid), {tally.faults.total()} faults, "
        f"{format_count(tokens)} tokens, {format_cost(tally.cost)}, "
        f"{_footer(run)}"
    )
