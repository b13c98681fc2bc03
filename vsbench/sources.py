"""Open runs wherever they are kept."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from vsbench.records.files import run_directories


def open_runs(source: str, stack: ExitStack) -> list[Path]:
    """Return the directories of the runs at a source.

    Args:
        source: a run directory, or a folder of runs.
        stack: removes temporary copies when it is closed.

    Raises:
        UsageError: there is no run.
    """
    return run_directories(Path(source))
