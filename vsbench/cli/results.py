"""``vsbench results``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from vsbench.analyses import people
from vsbench.api import tournament_results
from vsbench.cli import argument, distinct, opened, option
from vsbench.cli.settings import anchors_option
from vsbench.errors import Exit, UsageError
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, open_run
from vsbench.records.manifest import Manifest
from vsbench.records.results import AnchorSet, Results
from vsbench.records.tournament import TournamentResults
from vsbench.reporting import paper, tables, tournament
from vsbench.reporting.comparison import comparison_note, comparison_tables, incomparable_groups
from vsbench.reporting.formats import Table, to_latex, to_markdown, to_rich
from vsbench.scoring.results import results_of
from vsbench_envs.errors import MissingExtraError, UnknownNameError

T = TypeVar("T")


@click.command()
@argument("sources", nargs=-1, required=True, callback=distinct)
@option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown", "latex"]),
    default="table",
    help="Output format.",
)
@anchors_option
@option(
    "--paper",
    "with_paper",
    is_flag=True,
    help="Compare with the paper: its row of the model, its human study, random play.",
)
@option(
    "--people",
    "pooled",
    is_flag=True,
    help="Pool a human study; each of SOURCES holds the games of one person.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    form: str,
    anchors: AnchorSet,
    with_paper: bool,
    pooled: bool,
) -> None:
    """Show the results of the runs or tournaments in SOURCES; several runs side by side.

    A source is a directory, a folder of runs, a bundle (.vsb), a link to a bundle or to the run's
    page on a leaderboard, or an object such as s3://bucket/run.vsb.

    Results are computed from the journals, also of unfinished runs. Runs of models that are in the
    paper are compared with it, others with --paper. A tournament shows cross-play and ratings; its
    folder "pairings" holds the runs.

    \b
    Exit codes: 0 all shown, 1 some are damaged, 2 bad input or none can be shown.
    """
    if with_paper and pooled:
        raise UsageError("--paper and --people exclude each other")
    tournaments = [path for path in map(Path, sources) if (path / TOURNAMENT).exists()]
    if tournaments:
        if len(tournaments) < len(sources):
            raise UsageError("cannot mix runs and tournaments")
        if with_paper or pooled:
            raise UsageError("--paper and --people apply to runs, not to tournaments")
        found, damaged = _read_all(tournaments, partial(tournament_results, anchors=anchors))
        _show_tournaments(found, form)
    elif pooled:
        damaged = _show_people(ctx, sources, form, anchors)
    else:
        read, damaged = _read_all(opened(ctx, sources), partial(_read, anchors=anchors))
        manifests, runs = [manifest for manifest, _ in read], [results for _, results in read]
        if with_paper:
            _show_with_paper(runs, form)
        else:
            _show_runs(runs, manifests, form)
        if (with_paper or form in ("json", "csv")) and incomparable_groups(manifests):
            # Tables that compare runs say it themselves.
            click.echo(comparison_note(runs, manifests), err=True)
    for problem in damaged:
        click.echo(f"vsbench: {printable(problem)}", err=True)
    ctx.exit(Exit.INCOMPLETE if damaged else Exit.COMPLETE)


def _read_all(
    directories: Sequence[Path], read: Callable[[Path], T]
) -> tuple[list[T], list[Exception]]:
    """The results of all directories that can be read, and the errors of the others.

    Raises:
        UsageError, UnknownNameError, MissingExtraError: none can be read; the first error.
    """
    found: list[T] = []
    problems: list[Exception] = []
    for directory in directories:
        try:
            found.append(read(directory))
        except (UsageError, UnknownNameError, MissingExtraError) as error:
            message = str(error)
            if str(directory) not in message:
                message = f"{directory}: {message}"
            problems.append(UsageError(message))
    if problems and not found:
        raise problems[0]
    return found, problems


def _read(path: Path, anchors: AnchorSet) -> tuple[Manifest, Results]:
    manifest = open_run(path)
    return manifest, results_of(path, manifest, anchors)


def _show_runs(runs: Sequence[Results], manifests: Sequence[Manifest], form: str) -> None:
    if form == "json":
        click.echo(tables.to_json(runs))
    elif form == "csv":
        click.echo(tables.to_csv(runs))
    elif len(runs) == 1:
        _show([*tables.run_tables(runs[0]), *_known_to_paper(runs, form)], form)
    else:
        compared = comparison_tables(runs, manifests, _width(form))
        _show([*compared, *_known_to_paper(runs, form)], form)


def _show_with_paper(runs: Sequence[Results], form: str) -> None:
    if form == "json":
        click.echo(paper.to_json(runs))
    elif form == "csv":
        click.echo(paper.to_csv(runs))
    else:
        _show(paper.paper_tables(runs, _width(form)), form)


def _show_people(
    ctx: click.Context, sources: Sequence[str], form: str, anchors: AnchorSet
) -> list[Exception]:
    """Pool the games of people, and return the errors of damaged ones."""
    owners = {path: source for source in sources for path in opened(ctx, [source])}
    found, damaged = _read_all(
        list(owners), lambda path: (owners[path], results_of(path, open_run(path), anchors))
    )
    by_person: dict[str, list[Results]] = {}
    for owner, results in found:
        by_person.setdefault(owner, []).append(results)
    study = people.pool(by_person)
    if form == "json":
        click.echo(study.model_dump_json(indent=2))
    elif form == "csv":
        click.echo(people.to_csv(study))
    else:
        _show([people.people_table(study)], form)
    return damaged


def _known_to_paper(runs: Sequence[Results], form: str) -> list[Table]:
    """Comparison with the paper of the runs whose models are in it."""
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
    """The width of the terminal; None for formats without a width."""
    return Console().width if form == "table" else None


def _show(found: Sequence[Table], form: str) -> None:
    for table in found:
        if form == "table":
            Console().print(to_rich(table))
        else:
            click.echo(to_markdown(table) if form == "markdown" else to_latex(table))
