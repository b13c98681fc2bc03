"""``vsbench plot``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_args

import click

from vsbench.analyses import charts
from vsbench.analyses.charts import Chart
from vsbench.analyses.drawing import FORMATS, draw
from vsbench.cli import argument, distinct, option, unique
from vsbench.errors import UsageError
from vsbench.output_paths import refuse_orphan, refuse_record, write_errors
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, open_run, run_directories
from vsbench.records.results import Results
from vsbench.scoring.results import results_of
from vsbench.settings import Evaluation

Make = Callable[[Sequence[Results], Evaluation | None], Chart]

KINDS: Mapping[str, Make] = {
    "scores": charts.scores,
    "behaviours": lambda runs, evaluation: charts.behaviours(runs),
    "settings": charts.settings,
    "predictions": lambda runs, evaluation: charts.predictions(runs),
}
"""Name -> function that makes the chart."""

WITH_EVALUATION = ("scores", "settings")
"""Kinds that show one evaluation."""


@click.command()
@argument("kind", type=click.Choice(list(KINDS)))
@argument(
    "directories", nargs=-1, required=True, type=click.Path(path_type=Path), callback=distinct
)
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
    help="Evaluation shown by scores and settings.  [default: the first that the runs have]",
)
def command(
    kind: str, directories: tuple[Path, ...], to: Path, evaluation: Evaluation | None
) -> None:
    """Plot the runs in DIRECTORIES, with 95 % confidence intervals.

    \b
    scores        scores by game
    behaviours    social behaviours by player in the mixed-motive games
    settings      scores of one model's runs that differ in one setting: modality,
                  test-time scaling (answer only, chain of thought, thinking), or persona
    predictions   accuracy of predictions by predicted player

    Requires the extra vsbench[plots].
    """
    if to.suffix.lower() not in FORMATS:
        raise UsageError(f"{to} must end in {', '.join(FORMATS)}")
    if evaluation is not None and kind not in WITH_EVALUATION:
        raise UsageError(f"--eval applies to {' and '.join(WITH_EVALUATION)}, not to {kind}")
    refuse_record(to.parent)
    refuse_orphan(to)
    chart = KINDS[kind](_results(directories), evaluation)
    with write_errors(to):
        draw(chart, to)
    click.echo(f"{printable(chart.title)}: {printable(to)}")


def _results(directories: Sequence[Path]) -> list[Results]:
    for directory in directories:
        if (directory / TOURNAMENT).exists():
            raise UsageError(f"{directory} is a tournament; name runs, or its pairings")
    # A run may be given twice: by itself, and by the folder that it is in.
    paths = unique(path for directory in directories for path in run_directories(directory))
    return [results_of(path, open_run(path)) for path in paths]
