"""``vsbench run``."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console

from vsbench import api
from vsbench.cli import option
from vsbench.cli.seats import seat_option
from vsbench.errors import Exit, UsageError
from vsbench.prompts import PromptPack
from vsbench.reporting import tables
from vsbench.reporting.displays import JsonEvents, LiveProgress, PlainProgress
from vsbench.reporting.formats import to_rich
from vsbench.runner.limits import Limits
from vsbench.runner.observer import RunReport
from vsbench.settings import Evaluation, Modality, Persona, RunSettings, Style, run_settings

DEFAULTS = RunSettings()

SHAPING = (
    "models", "envs", "evals", "preset", "episodes", "samples", "dataset", "seed", "seats",
    "modality", "style", "persona", "attempts", "temperature", "reasoning_effort", "detail",
    "max_tokens", "prompts", "prices", "out",
)  # fmt: skip
"""Options that say what is measured. A resumed run has them already."""


@click.command()
@option("--model", "models", multiple=True, help="Model id, as openai/gpt-4o. Repeatable.")
@option("--env", "envs", multiple=True, help="Environment id. Repeatable.  [default: all]")
@option(
    "--eval",
    "evals",
    multiple=True,
    type=click.Choice(get_args(Evaluation)),
    help="What to measure. Repeatable.  [default: decision and reasoning]",
)
@option(
    "--preset",
    type=click.Choice(["paper", "quick"]),
    default=DEFAULTS.preset,
    help="Episode counts: as published, or a first look.",
)
@option("--episodes", type=int, help="Episodes in every environment, instead of the preset's.")
@option("--samples", type=int, help="Samples of every data set, instead of the preset's.")
@option(
    "--dataset",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A data set, or a folder of them, instead of the shipped ones.",
)
@option("--seed", type=int, default=DEFAULTS.seed, help="Names all chance in the run.")
@seat_option("Who sits in seat I: a scripted player or a model. Repeatable.")
@option(
    "--modality",
    type=click.Choice(get_args(Modality)),
    default=DEFAULTS.modality,
    help="Show situations, tell them, or both.",
)
@option(
    "--style",
    type=click.Choice(get_args(Style)),
    default=DEFAULTS.style,
    help="Answer at once, or think aloud first.",
)
@option(
    "--persona", type=click.Choice(get_args(Persona)), help="A character for mixed-motive games."
)
@option(
    "--prompts",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Templates that replace those of the pack.",
)
@option(
    "--attempts",
    type=int,
    default=DEFAULTS.attempts,
    help="Questions for one decision before a random move stands in.",
)
@option("--temperature", type=float, default=DEFAULTS.temperature, help="Sampling temperature.")
@option("--reasoning-effort", metavar="LEVEL", help="For reasoning models, as low or high.")
@option(
    "--detail",
    type=click.Choice(["auto", "low", "high"]),
    default=DEFAULTS.detail,
    help="How finely pictures are looked at.",
)
@option(
    "--max-tokens",
    type=int,
    default=DEFAULTS.max_tokens,
    help="Tokens of an answer; raised when one was cut off.",
)
@option(
    "--prices",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON price table, laid over the shipped one.",
)
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to write the run.  [default: a new folder in runs/]",
)
@option(
    "--resume", type=click.Path(path_type=Path), metavar="DIR", help="Go on with an unfinished run."
)
@option(
    "--max-connections",
    type=int,
    default=DEFAULTS.max_connections,
    help="Calls at once to each model.",
)
@option("--timeout", type=float, default=DEFAULTS.timeout, help="Seconds for one call.")
@option(
    "--patience",
    type=float,
    default=DEFAULTS.patience,
    help="Seconds for which a failing call is repeated.",
)
@option("--max-cost", type=float, metavar="USD", help="Stop before spending more.")
@option("--max-tokens-total", type=int, help="Stop before using more tokens.")
@option("--time-limit", type=float, metavar="SECONDS", help="Stop after this time.")
@option("--dry-run", is_flag=True, help="Tell expected calls, tokens and cost; call nobody.")
@option("--json", "as_json", is_flag=True, help="Write events to stdout, a JSON object a line.")
@click.pass_context
def command(
    ctx: click.Context, /, resume: Path | None, dry_run: bool, as_json: bool, **values: Any
) -> None:
    """Play a model through games and measure it.

    Everything that happens is journalled as it happens: stop it at any moment, and go on with
    --resume. Every option can also be set in the environment, --max-cost as VSBENCH_MAX_COST.

    \b
    Exit codes: 0 complete, 1 incomplete, 2 bad input, 3 a limit was reached, 130 interrupted.
    """
    settings = run_settings(**values)
    if dry_run:
        _dry_run(settings)
        return
    runs = api.begin(settings) if resume is None else _reopen(ctx, resume)
    if as_json:
        display: JsonEvents | LiveProgress | PlainProgress = JsonEvents(sys.stdout)
    else:
        console = Console(stderr=True)
        display = LiveProgress(console) if console.is_terminal else PlainProgress(sys.stderr)
    limits = Limits(settings.max_cost, settings.max_tokens_total, settings.time_limit)

    async def play() -> list[RunReport]:
        with _stopping_gently(limits):
            return await api.play(runs, settings, display, limits)

    try:
        reports = asyncio.run(play())
    finally:
        display.stop()
    if not as_json:
        _show(reports)
    ctx.exit(max(report.exit for report in reports))


def _reopen(ctx: click.Context, directory: Path) -> list[api.Prepared]:
    default = click.core.ParameterSource.DEFAULT
    given = [name for name in SHAPING if ctx.get_parameter_source(name) is not default]
    if given:
        raise UsageError(
            f"--resume goes on with the run's own settings; leave out: {', '.join(given)}"
        )
    return api.reopen(directory)


def _dry_run(settings: RunSettings) -> None:
    from vsbench.reporting.estimate import estimate, estimate_table

    console, pack = Console(), PromptPack.shipped(settings.prompts)
    for manifest in api.plan(settings):
        console.print(to_rich(estimate_table(manifest, estimate(pack, manifest))))


def _show(reports: list[RunReport]) -> None:
    console = Console()
    for report in reports:
        for table in tables.of_run(report.results):
            console.print(to_rich(table))
    if len(reports) > 1:
        console.print(to_rich(tables.comparison_table([r.results for r in reports])))
    for report in reports:
        notes = [f"{report.manifest.model}: {report.directory}", *report.why]
        if report.exit is not Exit.COMPLETE:
            notes.append(f"go on with: vsbench run --resume {report.directory}")
        click.echo("\n  ".join(notes), err=True)


@contextmanager
def _stopping_gently(limits: Limits) -> Iterator[None]:
    """Ctrl-C lets calls under way end, since they are paid for; a second one does not."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def interrupt() -> None:
        if limits.stopped is None:
            click.echo("\nvsbench: finishing calls under way; Ctrl-C again to drop them", err=True)
            limits.stop("interrupt", "interrupted")
        elif task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
