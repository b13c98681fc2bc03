"""Display, limits and signals of every command that plays.

What plays is imported by the functions that need it, so that help and completion are quick.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console

from vsbench.cli import option, stacked
from vsbench.cli.settings import setting, settings
from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.runner.cache import DEFAULT
from vsbench.settings import RunSettings, describe

if TYPE_CHECKING:
    from vsbench.estimates.usage import Estimator, RunEstimate
    from vsbench.records.manifest import Manifest
    from vsbench.reporting.displays import JsonEvents, LiveProgress, PlainProgress
    from vsbench.runner.budget import Budget

    Display = JsonEvents | LiveProgress | PlainProgress

CACHE = str(DEFAULT)

NONE = "none"
"""The value of ``--learn`` that switches learning off."""

T = TypeVar("T")


def _learn(ctx: click.Context, param: click.Parameter, given: str | None) -> Path | bool:
    return given is None or (given != NONE and Path(given))


learn_option = option(
    "--learn",
    metavar=f"DIR|{NONE}",
    callback=_learn,
    help=f"Earlier runs that estimates learn from, or {NONE}.  [default: the folder of --out]",
)
"""``--learn``; the command gets the ``learn`` of :meth:`vsbench.estimates.usage.Estimator.of`."""


def check_learn(dry_run: bool, learn: Path | bool) -> None:
    """Raise UsageError if ``--learn`` is given where nothing is estimated."""
    if learn is not True and not dry_run:
        raise UsageError("--learn is about estimates: add --dry-run")


play_options = stacked(
    settings("max_connections", "timeout", "patience"),
    setting(
        "cache",
        is_flag=False,
        flag_value=CACHE,
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"{describe('cache')}  [without FILE: {CACHE}]",
    ),
    settings("max_cost", "max_tokens_total", "time_limit", "loggers"),
    option(
        "--dry-run",
        is_flag=True,
        help="Estimate calls, tokens, cost and time without calling models.",
    ),
    learn_option,
    option(
        "--json", "as_json", is_flag=True, help="Write events to stdout, one JSON object a line."
    ),
)
"""Options of every command that plays: limits, cache and output."""


def play_with_display(
    play: Callable[[Display, Budget], Awaitable[T]],
    settings: RunSettings,
    as_json: bool,
    how_to_resume: str,
) -> T:
    """Play under the limits in the settings, and show the progress.

    ``how_to_resume`` is printed if the user interrupts the calls in progress too.
    """
    from vsbench.reporting.displays import JsonEvents, LiveProgress, PlainProgress
    from vsbench.runner.budget import Budget

    if as_json:
        display: Display = JsonEvents(sys.stdout)
    else:
        console = Console(stderr=True)
        display = LiveProgress(console) if console.is_terminal else PlainProgress(sys.stderr)
    budget = Budget(settings.max_cost, settings.max_tokens_total, settings.time_limit)

    async def stoppable() -> T:
        with _graceful_stop(budget, display):
            display.preparing("preparing: opening models and games")
            return await play(display, budget)

    try:
        return asyncio.run(stoppable())
    except KeyboardInterrupt:
        with suppress(OSError):
            display.stop()
            click.echo(how_to_resume, err=True)
        raise
    finally:
        # An error of a closed terminal must not hide the outcome of the run.
        with suppress(OSError):
            display.stop()


def warn(manifests: Sequence[Manifest], settings: RunSettings | None = None) -> None:
    """Print the notices of :func:`vsbench.planning.notices.notices`."""
    from vsbench.planning.notices import notices

    for notice in notices(manifests, settings):
        click.echo(f"vsbench: warning: {printable(notice)}", err=True)


def announce(manifests: Sequence[Manifest]) -> None:
    """Print the protocol of each run, and the settings in force for each model."""
    from vsbench.protocols import standing_of

    standings = {standing_of(manifest).summary: None for manifest in manifests}
    for summary in standings:
        click.echo(f"vsbench: protocol {printable(summary)}", err=True)
    asked = {name: each for manifest in manifests for name, each in manifest.models.items()}
    for name, in_force in asked.items():
        click.echo(f"vsbench: {printable(name)}: {in_force.summary}", err=True)


def show_estimates(estimates: Iterable[RunEstimate], using: Estimator, as_json: bool) -> None:
    """Print estimates, as tables or as JSON objects, one per line, and what was not learnt from."""
    from vsbench.reporting.estimate import estimate_tables
    from vsbench.reporting.formats import to_rich

    for found in estimates:
        if as_json:
            click.echo(json.dumps({"event": "estimate", **found.plain()}))
        else:
            for table in estimate_tables(found):
                Console().print(to_rich(table))
    tell_notices(using)


def tell_notices(estimator: Estimator) -> None:
    """Print what could not be learnt from."""
    for notice in estimator.experience.notices:
        click.echo(f"vsbench: {printable(notice)}", err=True)


@contextmanager
def _graceful_stop(budget: Budget, display: Display) -> Iterator[None]:
    """Let calls in progress end after a signal to stop, since they are paid for.

    A second Ctrl-C drops them; a second SIGHUP does not, since terminals may send several.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if budget.stopped is None:
            budget.stop("interrupt", "interrupted")
            with suppress(OSError):
                display.note(
                    "stopping after the calls in progress; press Ctrl-C again to drop them"
                )

    def interrupt() -> None:
        if budget.stopped is None:
            stop()
        elif task is not None:
            task.cancel()

    handlers = {signal.SIGINT: interrupt, signal.SIGTERM: interrupt}
    # Windows has no SIGHUP, and nohup ignores it.
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        handlers[hangup] = stop
    with suppress(NotImplementedError):  # Event loops of Windows handle no signals.
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
    try:
        yield
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        with suppress(NotImplementedError):
            for number in handlers:
                loop.remove_signal_handler(number)
