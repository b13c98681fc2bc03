"""``vsbench results``."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click
from rich.console import Console

from vsbench import api
from vsbench.cli import option
from vsbench.records.results import AnchorSet
from vsbench.reporting import tables
from vsbench.reporting.formats import to_latex, to_markdown, to_rich


@click.command()
@click.argument("directories", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown", "latex"]),
    default="table",
    help="How to write them.",
)
@option(
    "--anchors",
    type=click.Choice(get_args(AnchorSet)),
    default="paper",
    help="What returns are normalised by: the published anchors, or our own players'.",
)
def command(directories: tuple[Path, ...], form: str, anchors: AnchorSet) -> None:
    """Show the results of the runs in DIRECTORIES; several are put side by side.

    Results are worked out from the journals, also of runs that are under way.
    """
    runs = [
        results for directory in directories for results in api.results(directory, anchors=anchors)
    ]
    if form == "json":
        click.echo(tables.to_json(runs))
        return
    if form == "csv":
        click.echo(tables.to_csv(runs))
        return
    shown = tables.of_run(runs[0]) if len(runs) == 1 else [tables.comparison_table(runs)]
    for table in shown:
        if form == "table":
            Console().print(to_rich(table))
        else:
            write = to_markdown if form == "markdown" else to_latex
            click.echo(write(table))
