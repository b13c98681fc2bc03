"""``vsbench run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from vsbench.cli.playing import (
    announce,
    check_learn,
    play_options,
    play_with_display,
    show_estimates,
    warn,
)
from vsbench.cli.settings import (
    model_settings,
    permission_settings,
    refuse_to_reshape,
    resume_option,
    settings,
)
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit
from vsbench.settings import RunSettings, run_settings

if TYPE_CHECKING:
    from vsbench.records.manifest import Manifest
    from vsbench.runner.observer import RunReport


@click.command()
@settings("models", "envs", "evals", "protocol", "episodes", "samples", "dataset", "seed", "seats")
@model_settings
@settings("out")
@resume_option("run")
@play_options
@permission_settings
@click.pass_context
def command(
    ctx: click.Context,
    /,
    resume: Path | None,
    dry_run: bool,
    learn: Path | bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Evaluate models on games.

    Every call is journalled: stop a run at any time and continue it with --resume. Every option can
    also be set in the environment, for example --max-cost as VSBENCH_MAX_COST.

    \b
    Exit codes: 0 complete, 1 incomplete, 2 bad input, 3 a limit was reached,
    70 an unexpected error, 130 interrupted.
    """
    # Imported late, so that help and completion are quick.
    from vsbench.cli.resuming import with_permissions
    from vsbench.loggers import open_loggers, with_loggers
    from vsbench.runner import runs

    given = run_settings(**values)
    check_learn(dry_run, learn)
    if resume is not None:
        refuse_to_reshape(ctx)
    if dry_run:
        _dry_run(given, learn, as_json)
        return
    if resume is not None:
        prepared = runs.reopen(resume, trust_prompts=given.trust_prompts)
        given = with_permissions([run.manifest for run in prepared], given)
    else:
        prepared = runs.begin(given)
    loggers = open_loggers(given.loggers)
    announce([run.manifest for run in prepared])
    warn([run.manifest for run in prepared], given if resume is None else None)
    how_to_resume = "\n".join(
        _how_to_resume(run.directory, run.manifest, given) for run in prepared
    )
    reports = play_with_display(
        lambda display, budget: runs.play(prepared, given, with_loggers(display, loggers), budget),
        given,
        as_json,
        how_to_resume,
    )
    if not as_json:
        with output_may_fail():
            _show(reports, given)
    ctx.exit(max(report.exit for report in reports))


def _how_to_resume(directory: Path, manifest: Manifest, settings: RunSettings) -> str:
    from vsbench.cli.resuming import resume_command

    return f"resume with: {resume_command('run', directory, [manifest], settings.dataset)}"


def _dry_run(settings: RunSettings, learn: Path | bool, as_json: bool) -> None:
    from vsbench.estimates.usage import Estimator
    from vsbench.runner import runs

    manifests, estimator = runs.plan(settings), Estimator.of(settings, learn)
    announce(manifests)
    warn(manifests, settings)
    show_estimates(map(estimator.run, manifests), estimator, as_json)


def _show(reports: list[RunReport], settings: RunSettings) -> None:
    from vsbench.reporting import tables
    from vsbench.reporting.comparison import comparison_tables
    from vsbench.reporting.formats import to_rich

    console = Console()
    for report in reports:
        for table in tables.run_tables(report.results):
            console.print(to_rich(table))
    if len(reports) > 1:
        for table in comparison_tables(
            [report.results for report in reports],
            [report.manifest for report in reports],
            console.width,
        ):
            console.print(to_rich(table))
    for report in reports:
        notes = [f"{report.manifest.model}: {report.directory}", *report.why, *report.hints]
        if report.exit is not Exit.COMPLETE:
            notes.append(_how_to_resume(report.directory, report.manifest, settings))
        click.echo("\n  ".join(notes), err=True)
