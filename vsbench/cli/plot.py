"""``vsbench plot``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_args

import click

from vsbench.analyses import charts
from vsbench.analyses.charts import Chart
from vsbench.analyses.drawing import FORMATS, draw
from vsbench.cli import distinct, option
from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, open_run, run_directories
from vsbench.records.guard import refuse_record
from vsbench.records.results import Results
from vsbench.scoring.results import results_of
from vsbench.settings import Evaluation
from vsbench.writing import refuse_orphan

Make = Callable[[Sequence[Results], Evaluation | None], Chart]

KINDS: Mapping[str, Make] = {
    "scores": charts.scores,
    "behaviours": lambda runs, evaluation: charts.behaviours(runs),
    "settings": charts.settings,
    "reasoning": lambda runs, evaluation: charts.predictions(runs),
}
"""What can be drawn, by name."""

OF_SCORES = ("scores", "settings")
"""Kinds that show the figures of one evaluation."""


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument(
    "directories", nargs=-1, required=True, type=click.Path(path_type=Path), callback=distinct
)
@option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help=f"Where to: a name that ends in {', '.join(FORMATS)}.",
)
@option(
    "--eval",
    "evaluation",
    type=click.Choice(get_args(Evaluation)),
    help="Which figures scores and settings show.  [default: the first that the runs have]",
)
def command(
    kind: str, directories: tuple[Path, ...], to: Path, evaluation: Evaluation | None
) -> None:
    """Draw the runs in DIRECTORIES, with 95 % intervals, into a file.

    \b
    scores       each run by game
    behaviours   social behaviours by player, red and blue, in the mixed-motive games
    settings     runs of one model that differ in one setting: pictures or text; plain answers,
                 chain of thought or thinking; personas
    reasoning    predictions by who played

    Needs the extra vsbench[plots].
    """
    if to.suffix.lower() not in FORMATS:
        raise UsageError(f"{to} has to end in {', '.join(FORMATS)}")
    if evaluation is not None and kind not in OF_SCORES:
        raise UsageError(f"--eval is for {' and '.join(OF_SCORES)}, not for {kind}")
    refuse_record(to.parent)
    refuse_orphan(to)
    chart = KINDS[kind](_results(directories), evaluation)
    try:
        draw(chart, to)
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror or error}") from None
    click.echo(f"{printable(chart.title)}: {printable(to)}")


def _results(directories: Sequence[Path]) -> list[Results]:
    for directory in directories:
        if (directory / TOURNAMENT).exists():
            raise UsageError(f"{directory} holds a tournament; name runs, or its pairings")
    paths = [path for directory in directories for path in run_directories(directory)]
    # A run may be named by itself and by the folder that it is in.
    places = {path.resolve(): path for path in paths}
    return [results_of(path, open_run(path)) for path in places.values()]
