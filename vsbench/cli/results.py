"""``vsbench results``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar, get_args

import click
from rich.console import Console

from vsbench import round_robin
from vsbench.analyses import people
from vsbench.cli import distinct, option
from vsbench.errors import Exit, UsageError
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, open_run, run_directories
from vsbench.records.results import AnchorSet, Results
from vsbench.records.tournament import TournamentResults
from vsbench.reporting import paper, tables, tournament
from vsbench.reporting.formats import Table, to_latex, to_markdown, to_rich
from vsbench.scoring.results import results_of
from vsbench_envs.errors import MissingExtraError, UnknownNameError

T = TypeVar("T")


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
@option(
    "--paper",
    "beside",
    is_flag=True,
    help="Put runs beside the paper's figures: its row of the model, its people, random play.",
)
@option(
    "--people",
    "pooled",
    is_flag=True,
    help="Pool people's games into one row; each of DIRECTORIES holds one person's.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    directories: tuple[Path, ...],
    form: str,
    anchors: AnchorSet,
    beside: bool,
    pooled: bool,
) -> None:
    """Show the results of the runs in DIRECTORIES; several are put side by side.

    Results are worked out from the journals, also of runs that are under way. Runs of a model that
    is in the paper are shown beside its figures, others with --paper. A tournament's
    folder shows its cross-play and ratings, the folder in it that holds its pairings their runs.

    \b
    Exit codes: 0 all are shown, 1 some are damaged, 2 bad input, or none can be shown.
    """
    if beside and pooled:
        raise UsageError("--paper and --people are asked for one at a time")
    tournaments = [path for path in directories if (path / TOURNAMENT).exists()]
    if tournaments:
        if len(tournaments) < len(directories):
            raise UsageError("cannot mix runs and tournaments; name one kind")
        if beside or pooled:
            raise UsageError("--paper and --people are for runs, not for tournaments")
        standing, damaged = _readable(
            tournaments, partial(round_robin.tournament_results, anchors=anchors)
        )
        _show_tournaments(standing, form)
    elif pooled:
        damaged = _show_people(directories, form, anchors)
    else:
        places = [path for directory in directories for path in run_directories(directory)]
        runs, damaged = _readable(
            distinct(ctx, ctx.command.params[0], tuple(places)),
            lambda path: results_of(path, open_run(path), anchors),
        )
        if beside:
            _show_beside_paper(runs, form)
        else:
            _show_runs(runs, form)
    for problem in damaged:
        click.echo(f"vsbench: {printable(problem)}", err=True)
    ctx.exit(Exit.INCOMPLETE if damaged else Exit.COMPLETE)


def _readable(
    directories: Sequence[Path], read: Callable[[Path], T]
) -> tuple[list[T], list[Exception]]:
    """The results of all that can be read, and what is wrong with the others.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: none can be read; about the first.
    """
    found: list[T] = []
    problems: list[Exception] = []
    for directory in directories:
        try:
            found.append(read(directory))
        except (UsageError, UnknownNameError, MissingExtraError) as error:
            told = str(error)
            named = told if str(directory) in told else f"{directory}: {told}"
            problems.append(UsageError(named))
    if problems and not found:
        raise problems[0]
    return found, problems


def _show_runs(runs: Sequence[Results], form: str) -> None:
    if form == "json":
        click.echo(tables.to_json(runs))
    elif form == "csv":
        click.echo(tables.to_csv(runs))
    elif len(runs) == 1:
        _show([*tables.run_tables(runs[0]), *_of_known_models(runs, form)], form)
    else:
        compared = tables.comparison_tables(runs, _width(form))
        _show([*compared, *_of_known_models(runs, form)], form)


def _show_beside_paper(runs: Sequence[Results], form: str) -> None:
    if form == "json":
        click.echo(paper.to_json(runs))
    elif form == "csv":
        click.echo(paper.to_csv(runs))
    else:
        _show(paper.paper_tables(runs, _width(form)), form)


def _show_people(directories: Sequence[Path], form: str, anchors: AnchorSet) -> list[Exception]:
    """Pool what can be read of people's games; returns what is wrong with the others."""
    owners = {path: folder for folder in directories for path in run_directories(folder)}
    found, damaged = _readable(
        list(owners), lambda path: (owners[path], results_of(path, open_run(path), anchors))
    )
    by_person: dict[str, list[Results]] = {}
    for folder, results in found:
        by_person.setdefault(str(folder), []).append(results)
    study = people.pool(by_person)
    if form == "json":
        click.echo(study.model_dump_json(indent=2))
    elif form == "csv":
        click.echo(people.to_csv(study))
    else:
        _show([people.people_table(study)], form)
    return damaged


def _of_known_models(runs: Sequence[Results], form: str) -> list[Table]:
    """Tables beside the paper's of runs whose models are in it."""
    known = [run for run in runs if paper.in_the_paper(run)]
    return paper.paper_tables(known, _width(form)) if known else []


def _show_tournaments(found: Sequence[TournamentResults], form: str) -> None:
    if form == "json":
        click.echo(json.dumps([results.model_dump(mode="json") for results in found], indent=2))
    elif form == "csv":
        click.echo(tournament.to_csv(found))
    else:
        for results in found:
            _show(tournament.tournament_tables(results, _width(form)), form)


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
