"""``vsbench results``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from vsbench import api
from vsbench.cli import option
from vsbench.reporting import tables


@click.command()
@click.argument("directories", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown", "latex"]),
    default="table",
    help="How to write them.",
)
def command(directories: tuple[Path, ...], form: str) -> None:
    """Show the results of the runs in DIRECTORIES; several are put side by side.

    Results are worked out from the journals, also of runs that are under way.
    """
    runs = [results for directory in directories for results in api.results(directory)]
    if form == "json":
        click.echo(tables.to_json(runs))
        return
    if form == "csv":
        click.echo(tables.to_csv(runs))
        return
    shown = tables.of_run(runs[0]) if len(runs) == 1 else [tables.comparison_table(runs)]
    for table in shown:
        if form == "table":
            Console().print(tables.to_rich(table))
        else:
            write = tables.to_markdown if form == "markdown" else tables.to_latex
            click.echo(write(table))
