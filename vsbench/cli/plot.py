"""``vsbench plot``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import get_args

import click

from vsbench.analyses import charts
from vsbench.analyses.charts import Chart
from vsbench.analyses.drawing import FORMATS, draw
from vsbench.cli import argument, distinct, opened, option
from vsbench.cli.comparing import open_sources, read_runs
from vsbench.errors import UsageError
from vsbench.output_paths import refuse_orphan, refuse_record, write_errors
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, open_run
from vsbench.records.results import Results
from vsbench.reporting.comparison import incomparable_groups, marked_labels
from vsbench.scoring.comparison import compare
from vsbench.scoring.results import results_of
from vsbench.settings import Evaluation

Make = Callable[[Sequence[Results], Sequence[str], Evaluation | None], Chart]

KINDS: Mapping[str, Make] = {
    "scores": lambda runs, names, evaluation: charts.scores(runs, evaluation, names),
    "behaviours": lambda runs, names, evaluation: charts.behaviours(runs, names),
    "settings": lambda runs, names, evaluation: charts.settings(runs, evaluation),
    "predictions": lambda runs, names, evaluation: charts.predictions(runs, names),
}
"""Name -> function that makes the chart of runs and their names."""

DIFFERENCES = "differences"
"""The kind that compares runs with the first one."""

WITH_EVALUATION = ("scores", "settings", DIFFERENCES)
"""Kinds that show one evaluation."""


@click.command()
@argument("kind", type=click.Choice([*KINDS, DIFFERENCES]))
@argument("sources", nargs=-1, required=True, callback=distinct)
@option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help=f"Output file, ending in {', '.join(FORMATS)}.",
)
@option(
    "--eval",
    "evaluation",
    type=click.Choice(get_args(Evaluation)),
    help="Evaluation shown by scores and settings (by default the first that the runs have), or by "
    "differences (by default all).",
)
@option(
    "--incomparable",
    is_flag=True,
    help="Plot differences of runs whose settings make their figures incomparable all the same.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    kind: str,
    sources: tuple[str, ...],
    to: Path,
    evaluation: Evaluation | None,
    incomparable: bool,
) -> None:
    """Plot the runs in SOURCES, with 95 % confidence intervals.

    \b
    scores        scores by game
    behaviours    social behaviours by player in the mixed-motive games
    settings      scores of one model's runs that differ in one setting: modality,
                  test-time scaling (answer only, chain of thought, thinking), or persona
    predictions   accuracy of predictions by predicted player
    differences   differences of scores from those of the first run, which is the base

    A source is a directory, a folder of runs, a bundle (.vsb), a link to a bundle or to the run's
    page on a leaderboard, or an object such as s3://bucket/run.vsb. Runs whose figures are not
    comparable are marked by letters.

    Requires the extra vsbench[plots].
    """
    if to.suffix.lower() not in FORMATS:
        raise UsageError(f"{to} must end in {', '.join(FORMATS)}")
    if evaluation is not None and kind not in WITH_EVALUATION:
        raise UsageError(f"--eval applies to {' and '.join(WITH_EVALUATION)}, not to {kind}")
    if incomparable and kind != DIFFERENCES:
        raise UsageError(f"--incomparable applies to {DIFFERENCES}; other kinds mark such runs")
    refuse_record(to.parent)
    refuse_orphan(to)
    if kind == DIFFERENCES:
        chart = _differences(ctx, sources, evaluation, incomparable)
    else:
        chart = _chart(ctx, kind, sources, evaluation)
    with write_errors(to):
        draw(chart, to)
    click.echo(f"{printable(chart.title)}: {printable(to)}")


def _chart(
    ctx: click.Context, kind: str, sources: Sequence[str], evaluation: Evaluation | None
) -> Chart:
    for source in sources:
        if (Path(source) / TOURNAMENT).exists():
            raise UsageError(f"{source} is a tournament; name runs, or its pairings")
    paths = opened(ctx, sources)
    manifests = [open_run(path) for path in paths]
    pairs = zip(paths, manifests, strict=True)
    runs = [results_of(path, manifest) for path, manifest in pairs]
    chart = KINDS[kind](runs, marked_labels(runs, manifests), evaluation)
    if kind == "settings":
        # Its series are the values of the setting that differs.
        return chart
    return replace(chart, note="\n".join(incomparable_groups(manifests)))


def _differences(
    ctx: click.Context, sources: Sequence[str], evaluation: Evaluation | None, incomparable: bool
) -> Chart:
    if len(sources) < 2:
        raise UsageError("name a base run, and at least one to compare with it")
    base, new = open_sources(sources[0], sources[1:], ctx.with_resource(ExitStack()))
    comparisons = [compare(*pair, incomparable=incomparable) for pair in read_runs(base, new)]
    return charts.differences(comparisons, evaluation)
