"""``vsbench results``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
from rich.console import Console

from vsbench import api, round_robin
from vsbench.cli import distinct, option
from vsbench.errors import UsageError
from vsbench.records.files import TOURNAMENT
from vsbench.records.results import AnchorSet
from vsbench.reporting import standings, tables
from vsbench.reporting.formats import Table, to_latex, to_markdown, to_rich


@click.command()
@click.argument(
    "directories", nargs=-1, required=True, type=click.Path(path_type=Path), callback=distinct
)
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

    Results are worked out from the journals, also of runs that are under way. A tournament's
    folder shows its cross-play and ratings, the folder in it that holds its pairings their runs.
    """
    tournaments = [path for path in directories if (path / TOURNAMENT).exists()]
    if tournaments:
        if len(tournaments) < len(directories):
            raise UsageError("tournaments and runs cannot be put side by side; name one kind")
        _show_tournaments(tournaments, form, anchors)
        return
    runs = [
        results for directory in directories for results in api.results(directory, anchors=anchors)
    ]
    if form == "json":
        click.echo(tables.to_json(runs))
        return
    if form == "csv":
        click.echo(tables.to_csv(runs))
        return
    if len(runs) == 1:
        _show(tables.of_run(runs[0]), form)
    else:
        _show(tables.comparison_tables(runs, _width(form)), form)


def _show_tournaments(directories: Sequence[Path], form: str, anchors: AnchorSet) -> None:
    found = [
        round_robin.tournament_results(directory, anchors=anchors) for directory in directories
    ]
    if form == "json":
        click.echo(json.dumps([results.model_dump(mode="json") for results in found], indent=2))
    elif form == "csv":
        click.echo(standings.to_csv(found))
    else:
        for results in found:
            _show(standings.of_tournament(results, _width(form)), form)


def _width(form: str) -> int | None:
    """Letters that a line has room for, where it matters."""
    return Console().width if form == "table" else None


def _show(shown: Sequence[Table], form: str) -> None:
    for table in shown:
        if form == "table":
            Console().print(to_rich(table))
        else:
            write = to_markdown if form == "markdown" else to_latex
            click.echo(write(table))
