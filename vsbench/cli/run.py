"""``vsbench run``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console

from vsbench import api
from vsbench.cli import option
from vsbench.cli.asking import ASKING, asking_options
from vsbench.cli.planning import folder_options, game_options
from vsbench.cli.playing import (
    announce,
    playing_options,
    refuse_to_reshape,
    show_estimates,
    show_while,
    warn,
)
from vsbench.cli.resuming import permission_options, resume_command, with_permissions
from vsbench.cli.seats import seat_option
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit
from vsbench.records.manifest import Manifest
from vsbench.reporting import tables
from vsbench.reporting.formats import to_rich
from vsbench.runner.observer import RunReport
from vsbench.runner.plan import prompt_pack
from vsbench.settings import Evaluation, RunSettings, run_settings

SHAPING = (
    "models", "envs", "evals", "protocol", "episodes", "samples", "seed", "seats", "out",
    *ASKING,
)  # fmt: skip
"""Options that say what is measured. A resumed run has them already."""


@click.command()
@option(
    "--model",
    "models",
    multiple=True,
    callback=None,
    help="Model id, for example openai/gpt-4o. Repeatable.",
)
@game_options("run", "all")
@option(
    "--eval",
    "evals",
    multiple=True,
    type=click.Choice(get_args(Evaluation)),
    help="What to measure. Repeatable.  [default: all three]",
)
@option("--episodes", type=int, help="Episodes in every environment, instead of the protocol's.")
@option("--samples", type=int, help="Samples of every data set, instead of the protocol's.")
@option(
    "--dataset",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A data set, or a folder of them, instead of the shipped ones; again with --resume.",
)
@seat_option("Who sits in seat I: a bot or a model. Repeatable.")
@asking_options
@folder_options("run")
@playing_options
@permission_options
@click.pass_context
def command(
    ctx: click.Context, /, resume: Path | None, dry_run: bool, as_json: bool, **values: Any
) -> None:
    """Play a model through games and measure it.

    Everything that happens is journalled as it happens: stop it at any moment, and go on with
    --resume. Every option can also be set in the environment, --max-cost as VSBENCH_MAX_COST.

    \b
    Exit codes: 0 complete, 1 incomplete, 2 bad input, 3 a limit was reached,
    70 an unexpected error, 130 interrupted.
    """
    settings = run_settings(**values)
    if resume is not None:
        refuse_to_reshape(ctx, SHAPING)
    if dry_run:
        _dry_run(settings, as_json)
        return
    if resume is not None:
        runs = api.reopen(resume, trust_prompts=settings.trust_prompts)
        settings = with_permissions([run.manifest for run in runs], settings)
    else:
        runs = api.begin(settings)
    announce([run.manifest for run in runs])
    warn([run.manifest for run in runs], settings if resume is None else None)
    go_on = "\n".join(_go_on(run.directory, run.manifest, settings) for run in runs)
    reports = show_while(
        lambda *watched: api.play(runs, settings, *watched), settings, as_json, go_on
    )
    if not as_json:
        with output_may_fail():
            _show(reports, settings)
    ctx.exit(max(report.exit for report in reports))


def _go_on(directory: Path, manifest: Manifest, settings: RunSettings) -> str:
    return f"resume with: {resume_command('run', directory, [manifest], settings.dataset)}"


def _dry_run(settings: RunSettings, as_json: bool) -> None:
    from vsbench.reporting.estimate import estimate

    manifests, pack = api.plan(settings), prompt_pack(settings)
    announce(manifests)
    warn(manifests, settings)
    show_estimates(
        ((manifest, estimate(pack, manifest, settings.dataset)) for manifest in manifests), as_json
    )


def _show(reports: list[RunReport], settings: RunSettings) -> None:
    console = Console()
    for report in reports:
        for table in tables.run_tables(report.results):
            console.print(to_rich(table))
    if len(reports) > 1:
        for table in tables.comparison_tables([r.results for r in reports], console.width):
            console.print(to_rich(table))
    for report in reports:
        notes = [f"{report.manifest.model}: {report.directory}", *report.why, *report.hints]
        if report.exit is not Exit.COMPLETE:
            notes.append(_go_on(report.directory, report.manifest, settings))
        click.echo("\n  ".join(notes), err=True)
