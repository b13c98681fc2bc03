"""Progress shown: live in a terminal, plain lines elsewhere, events for machines."""

from __future__ import annotations

import json
import math
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

from vsbench.adapters.registry import provider_of
from vsbench.printable import printable
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.records.tournament import TournamentResults
from vsbench.reporting.figures import count, money
from vsbench.reporting.progress import RunProgress, clock
from vsbench.runner.observer import Line, RunReport
from vsbench_envs import registry


class LiveProgress:
    """A table that is kept up to date, for people at a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._note = ""
        self._runs: dict[Path, RunProgress] = {}
        self._live = Live(
            console=console, get_renderable=self._render, refresh_per_second=8, transient=True
        )

    def preparing(self, text: str) -> None:
        """Say what is done before anything is played."""
        self._live.start()
        self.note(text)

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Begin to show a run."""
        if not self._runs:
            self._note = ""
            self._live.start()
        self._runs[directory] = RunProgress(manifest, past)

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Count a line."""
        run = self._runs[directory]
        run.add(key, record)
        if record.type == "fault" and record.kind == "rate_limited":
            # It holds for every model of this provider.
            for other in self._runs.values():
                if provider_of(other.model) == provider_of(run.model):
                    other.retry = run.retry

    def closed(self, report: RunReport) -> None:
        """Stop showing a run."""
        self._runs.pop(report.directory)
        if not self._runs:
            self._live.stop()

    def note(self, text: str) -> None:
        """Say something beside the figures."""
        self._note = text
        self._live.refresh()

    def stop(self) -> None:
        """Leave the terminal as it was, whatever happened."""
        self._live.stop()

    def _render(self) -> RenderableType:
        width = self._console.width
        notes = [Text(self._note, style="bold")] if self._note else []
        return Group(*(_run_table(run, width) for run in self._runs.values()), *notes)


class PlainProgress:
    """A line now and then, for logs."""

    EVERY = 10.0
    """Seconds between lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._runs: dict[Path, RunProgress] = {}
        self._last = time.monotonic()

    def preparing(self, text: str) -> None:
        """Say what is done before anything is played."""
        self.note(text)

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """Say that a run begins."""
        run = self._runs[directory] = RunProgress(manifest, past)
        planned = sum(env.planned for env in run.environments.values())
        finished = sum(env.finished for env in run.environments.values())
        print(
            f"{printable(run.model)}: {planned} episodes and samples, {finished} done, "
            f"in {printable(directory)}",
            file=self._out,
        )

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """Say how far it is, if that was not said lately."""
        run = self._runs[directory]
        run.add(key, record)
        now = time.monotonic()
        if now - self._last >= self.EVERY:
            self._last = now
            print(_plain_line(run), file=self._out, flush=True)

    def closed(self, report: RunReport) -> None:
        """Say how it ended."""
        print(_plain_line(self._runs.pop(report.directory)), file=self._out, flush=True)

    def note(self, text: str) -> None:
        """Say something in a line of its own."""
        print(text, file=self._out, flush=True)

    def stop(self) -> None:
        """Nothing to tidy."""


class JsonEvents:
    """Every journal line as an event, one JSON object a line, for machines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def preparing(self, text: str) -> None:
        """Machines are told of nothing before the run."""

    def opened(self, directory: Path, manifest: Manifest, past: Iterable[Line]) -> None:
        """A run's manifest."""
        self._write("run", directory, run=manifest.model_dump(mode="json"))

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        """A journal line and where it belongs."""
        self._write("record", directory, **asdict(key), record=record.model_dump(mode="json"))

    def closed(self, report: RunReport) -> None:
        """A run's results."""
        results = report.results.model_dump(mode="json")
        told = {"exit": int(report.exit), "hints": report.hints, "results": results}
        self._write("end", directory=report.directory, **told)

    def tournament(self, directory: Path, results: TournamentResults) -> None:
        """A tournament's results, after those of its pairings."""
        self._write("tournament", directory, results=results.model_dump(mode="json"))

    def note(self, text: str) -> None:
        """A message for people."""
        print(json.dumps({"event": "note", "text": text}), file=self._out, flush=True)

    def stop(self) -> None:
        """Nothing to tidy."""

    def _write(self, event: str, directory: Path, **values: Any) -> None:
        line = json.dumps({"event": event, "directory": str(directory), **values})
        print(line, file=self._out, flush=True)


WIDE = 120
"""Columns of a terminal that has room for every figure."""


def _run_table(run: RunProgress, width: int) -> RenderableType:
    wide = width >= WIDE
    table = Table(title=Text(printable(run.model)), title_justify="left", box=None, pad_edge=False)
    table.padding = (0, 2 if wide else 1, 0, 0)
    table.add_column("evaluation", no_wrap=True)
    table.add_column("environment", no_wrap=True)
    table.add_column("", width=20 if wide else 8)
    figures = ("steps", "ok", "illegal", "other", "tokens", "cost", "faults")
    for heading in ("done", *(figures if wide else ("ok", "not ok", "cost", "faults"))):
        table.add_column(heading, justify="right", no_wrap=True)
    for (evaluation, env), progress in run.environments.items():
        tally = progress.tally
        ok, illegal = tally.decisions["ok"], tally.decisions["illegal"]
        wrong = tally.decisions.total() - ok
        bad = (illegal, wrong - illegal) if wide else (wrong,)
        tokens = count(tally.tokens["input"] + tally.tokens["output"])
        table.add_row(
            evaluation,
            registry.get(env).spec.title,
            ProgressBar(total=progress.planned, completed=progress.done),
            f"{progress.finished}/{progress.planned}",
            *([count(progress.steps)] if wide else []),
            count(ok),
            *(Text(count(number), style="yellow" if number else "") for number in bad),
            *([tokens] if wide else []),
            money(tally.cost),
            Text(count(tally.faults.total()), style="red" if tally.faults else ""),
        )
    return Group(table, Text(_footer(run), style="dim"))


def _footer(run: RunProgress) -> str:
    tally = run.tally
    parts = [f"{clock(run.elapsed)} so far"]
    if not run.begun and run.environments:
        return f"{parts[0]} · preparing and asking the first questions"
    if run.eta is None:
        parts.append("time to go unknown")
    elif run.eta:
        parts.append(f"about {clock(run.eta)} to go")
    parts.append(f"{count(tally.attempts.total())} replies")
    if run.retry is not None:
        kind, due = run.retry
        if (wait := due - time.monotonic()) > 0:
            parts.append(f"{kind.replace('_', ' ')}: retrying, next in {math.ceil(wait)} s")
    return " · ".join(parts)


def _plain_line(run: RunProgress) -> str:
    finished = sum(env.finished for env in run.environments.values())
    planned = sum(env.planned for env in run.environments.values())
    steps = sum(env.steps for env in run.environments.values())
    tally = run.tally
    odd = tally.decisions.total() - tally.decisions["ok"]
    return (
        f"{printable(run.model)}: {finished}/{planned} done, {steps} steps, "
        f"{tally.decisions.total()} decisions ({odd} not ok), {tally.faults.total()} faults, "
        f"{count(tally.tokens['input'] + tally.tokens['output'])} tokens, {money(tally.cost)}, "
        f"{_footer(run)}"
    )
