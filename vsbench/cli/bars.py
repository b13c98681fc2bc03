"""The bar that shows how far a slow command is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Bar:
    """A bar under way."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def advance(self, more: float) -> None:
        """Show that so much more is done."""
        self._progress.advance(self._task, more)

    def reach(self, done: float, total: float, what: str | None = None) -> None:
        """Show how much is done, of how much, and of what if that has changed."""
        self._progress.update(self._task, completed=done, total=total, description=what)


@contextmanager
def bar(what: str, total: float | None = None) -> Iterator[Bar]:
    """Show a bar on a terminal while something is done, and remove it after."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield Bar(progress, progress.add_task(what, total=total))
