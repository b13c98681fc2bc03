"""``vsbench compare``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from io import StringIO
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text

from vsbench.cli import argument, distinct, option
from vsbench.cli.comparing import open_sources, read_runs
from vsbench.cli.settings import anchors_option
from vsbench.errors import Exit, UsageError
from vsbench.output_paths import refuse_orphan, refuse_record, write_errors
from vsbench.printable import printable
from vsbench.records.comparison import Comparison
from vsbench.records.results import AnchorSet
from vsbench.reporting import differences, github
from vsbench.reporting.formats import to_rich
from vsbench.reporting.junit import to_junit
from vsbench.reporting.pull_request import to_markdown
from vsbench.scoring.comparison import compare
from vsbench.scoring.gate import GAME_TOLERANCE, TOLERANCE, judge
from vsbench.settings import Evaluation

CHOICES = 5

TEXT_WIDTH = 100
"""Characters of a line of a text report."""

SEVERITY = (Exit.COMPLETE, Exit.INCONCLUSIVE, Exit.INCOMPLETE)
"""Exit codes, the gravest last."""

REPORTS = {".md": "Markdown", ".json": "JSON", ".xml": "JUnit", ".txt": "text"}
"""Ending of a report's file -> its format."""


def points(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> dict[Evaluation, float]:
    """Callback that parses ``3`` and ``reasoning=5`` into points by evaluation."""
    evaluations: tuple[Evaluation, ...] = get_args(Evaluation)
    found: dict[Evaluation, float] = {}
    for written in given:
        name, equals, number = written.rpartition("=")
        named = [each for each in evaluations if each == name or not equals]
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not named or not 0 <= value <= 1000:
            raise click.BadParameter(
                f"{written!r} is neither points, such as 3, nor points of an evaluation, such as "
                f"{evaluations[0]}=3"
            )
        found |= dict.fromkeys(named, value)
    return found


@click.command()
@argument("base")
@argument("new", nargs=-1, required=True, callback=distinct)
@option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "json", "junit"]),
    default="table",
    help="Output format.",
)
@option(
    "--to",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write a report: Markdown (.md), JSON (.json), JUnit (.xml) or text (.txt). "
    "Repeatable.",
)
@option(
    "--choices",
    type=click.IntRange(min=0),
    default=CHOICES,
    help="List so many decisions and answers that cost most.",
)
@option(
    "--replays",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the pages that show them, for both runs.",
)
@option(
    "--dataset",
    "datasets",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="File or folder with the runs' data sets, for pages of samples, unless they ship.",
)
@option(
    "--drop",
    type=click.FloatRange(min=0, min_open=True),
    metavar="POINTS",
    help="Say how many episodes and samples find a drop of so many points.",
)
@anchors_option
@option(
    "--incomparable",
    is_flag=True,
    help="Compare runs whose settings make their figures incomparable all the same.",
)
@option("--gate", is_flag=True, help="Judge whether NEW is worse; decides the exit code.")
@option(
    "--tolerance",
    multiple=True,
    callback=points,
    metavar="POINTS",
    help="Points by which an overall score may drop, such as 3, or reasoning=5 for one evaluation. "
    f"Repeatable.  [default: {TOLERANCE:g}]",
)
@option(
    "--game-tolerance",
    multiple=True,
    callback=points,
    metavar="POINTS",
    help=f"Points by which a game's score may drop.  [default: {GAME_TOLERANCE:g}]",
)
@option(
    "--detect",
    multiple=True,
    callback=points,
    metavar="POINTS",
    help="Drop of an overall score that must not go unnoticed; if it could, the gate is "
    "inconclusive.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    base: str,
    new: tuple[str, ...],
    form: str,
    reports: tuple[Path, ...],
    choices: int,
    replays: Path | None,
    datasets: Path | None,
    drop: float | None,
    anchors: AnchorSet,
    incomparable: bool,
    gate: bool,
    tolerance: Mapping[Evaluation, float],
    game_tolerance: Mapping[Evaluation, float],
    detect: Mapping[Evaluation, float],
) -> None:
    """Compare runs with a base run: is NEW worse than BASE, and how sure is that?

    A run is given as its directory, a bundle (.vsb), a link to a bundle or to the run's page on a
    leaderboard, or an object such as s3://bucket/run.vsb. Differences have 95 % intervals and p
    values; runs with the same seed are compared episode by episode. Runs whose settings make their
    figures incomparable are refused.

    \b
    vsbench compare runs/before runs/after
    vsbench compare runs/before runs/after --gate --to report.md --to junit.xml

    In GitHub Actions, the report also becomes the step's summary and annotations.

    \b
    Exit codes: 0 compared, or no regression with --gate; 1 regression; 2 bad input or not
    comparable; 4 inconclusive.
    """
    if not gate and (tolerance or game_tolerance or detect):
        raise UsageError("--tolerance, --game-tolerance and --detect need --gate")
    if datasets is not None and replays is None:
        raise UsageError("--dataset needs --replays")
    for path in reports:
        _check_report(path)
    if replays is not None:
        refuse_orphan(replays)
        refuse_record(replays)
    stack = ctx.with_resource(ExitStack())
    base_run, new_runs = open_sources(base, new, stack)
    folder = f"{replays}/" if replays else ""
    comparisons: list[Comparison] = []
    for number, pair in enumerate(read_runs(base_run, new_runs, anchors), start=1):
        name = "new" if number == 1 else f"new-{number}"
        comparison = compare(
            *pair,
            drop=drop,
            choices=choices,
            replays=(f"{folder}base-", f"{folder}{name}-"),
            incomparable=incomparable,
        )
        if gate:
            judgement = judge(comparison, tolerance, game_tolerance, detect)
            comparison = comparison.model_copy(update={"judgement": judgement})
        comparisons.append(comparison)
    if replays is not None:
        from vsbench.viewer.pages import write_choices

        for comparison, run in zip(comparisons, new_runs, strict=True):
            write_choices(comparison, base_run.directory, run.directory, datasets=datasets)
    for path in reports:
        with write_errors(path):
            path.write_text(_report(comparisons, path, with_pages=bool(replays)), encoding="utf-8")
    _show(comparisons, form)
    # What programs read from the standard output has no other lines in it.
    github.publish(
        _markdown(comparisons),
        (line for each in comparisons for line in github.workflow_commands(each)),
        partial(click.echo, err=form != "table"),
    )
    judgements = [each.judgement for each in comparisons if each.judgement is not None]
    codes = [Exit.COMPLETE, *(judgement.exit for judgement in judgements)]
    ctx.exit(max(codes, key=SEVERITY.index))


def _check_report(path: Path) -> None:
    if path.suffix.lower() not in REPORTS:
        raise UsageError(f"--to {path} must end in {', '.join(REPORTS)}")
    refuse_record(path.parent)
    refuse_orphan(path)


def _show(comparisons: Sequence[Comparison], form: str) -> None:
    if form == "json":
        click.echo(differences.to_json(comparisons))
    elif form == "junit":
        click.echo(to_junit(comparisons), nl=False)
    elif form == "markdown":
        click.echo(_markdown(comparisons), nl=False)
    else:
        _print(comparisons, Console())


def _markdown(comparisons: Sequence[Comparison]) -> str:
    return "\n".join(map(to_markdown, comparisons))


def _print(comparisons: Sequence[Comparison], console: Console) -> None:
    """Print comparisons as text."""

    def out(*lines: str, style: str = "", wrap: bool = True) -> None:
        console.print(Text("\n".join(lines), style=style), soft_wrap=not wrap)

    for comparison in comparisons:
        out(*differences.side_lines(comparison), "")
        if told := differences.warning(comparison):
            out(told, "")
        out(differences.headline(comparison), style="bold")
        if comparison.judgement is not None:
            out(*(f"- {printable(reason)}" for reason in comparison.judgement.reasons))
        out()
        for table in differences.difference_tables(comparison, console.width):
            console.print(to_rich(table))
            out()
        if settings := differences.setting_lines(comparison):
            out("Settings that differ", style="bold")
            out(*(f"  {line}" for line in settings), "")
        if choices := list(differences.choice_lines(comparison)):
            out(differences.CHOICES, style="bold")
            # Commands are copied, and so never broken.
            out(*(f"  {line}" for line in choices), "", wrap=False)


def _report(comparisons: Sequence[Comparison], path: Path, *, with_pages: bool) -> str:
    """A report in the format of its file's ending."""
    match REPORTS[path.suffix.lower()]:
        case "JSON":
            return differences.to_json(comparisons) + "\n"
        case "JUnit":
            return to_junit(comparisons)
        case "Markdown":
            link = partial(_relative, path.parent) if with_pages else None
            return "\n".join(to_markdown(each, link) for each in comparisons)
    out = StringIO()
    _print(comparisons, Console(file=out, width=TEXT_WIDTH))
    return out.getvalue()


def _relative(folder: Path, page: str) -> str:
    """The address of a page as seen from a folder."""
    file, hash_sign, step = page.partition("#")
    return f"{Path(os.path.relpath(file, folder)).as_posix()}{hash_sign}{step}"
