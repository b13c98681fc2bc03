"""Open the runs that commands compare with a base run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vsbench.cli.progress_bar import progress_bar
from vsbench.errors import UsageError
from vsbench.records.results import AnchorSet
from vsbench.scoring.comparison import ComparedRun
from vsbench.sources import open_runs


@dataclass(frozen=True)
class OpenedRun:
    """A run that was opened."""

    directory: Path
    source: str
    """Where it is kept, as commands take it."""


def open_sources(
    base: str, new: Sequence[str], stack: ExitStack
) -> tuple[OpenedRun, list[OpenedRun]]:
    """Open a base run, and the runs that are compared with it.

    Args:
        base: source of one run.
        new: sources of one or more runs each; the base run among them is left out.
        stack: removes temporary copies when it is closed.

    Raises:
        UsageError: there is no run, several base runs, or nothing but the base run.
    """
    first, *others = open_runs(base, stack)
    if others:
        raise UsageError(f"{base} holds {1 + len(others)} runs; name the one to compare with")
    found: dict[Path, OpenedRun] = {}
    for source in new:
        paths = open_runs(source, stack)
        for path in paths:
            kept = source if len(paths) == 1 else str(path)
            found.setdefault(path.resolve(), OpenedRun(path, kept))
    found.pop(first.resolve(), None)
    if not found:
        raise UsageError(f"{base} is the only run named; name another one to compare it with")
    return OpenedRun(first, base), list(found.values())


def read_runs(
    base: OpenedRun, new: Sequence[OpenedRun], anchors: AnchorSet = "paper"
) -> Iterator[tuple[ComparedRun, ComparedRun]]:
    """Read opened runs one after the other, and yield each with the base run.

    Raises:
        UsageError: a run is damaged.
    """
    with progress_bar("reading runs", 1 + len(new)) as progress:
        read = ComparedRun.open(base.directory, base.source, anchors)
        progress.advance(1)
        for run in new:
            yield read, ComparedRun.open(run.directory, run.source, anchors)
            progress.advance(1)
