"""``vsbench export``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import click

from vsbench.cli import argument, distinct, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.exports.files import export_tables
from vsbench.exports.tables import TableName, check_tables, open_sources
from vsbench.exports.writers import Format
from vsbench.printable import printable
from vsbench.records.results import AnchorSet


@click.command()
@argument("places", metavar="RUN...", nargs=-1, required=True, callback=distinct)
@option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Output folder, for a file per table.",
)
@option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    default="parquet",
    help="Format of the files.",
)
@option(
    "--table",
    "tables",
    type=click.Choice(get_args(TableName)),
    multiple=True,
    help="Table to export. Repeatable.  [default: all but attempts]",
)
@option(
    "--anchors",
    type=click.Choice(get_args(AnchorSet)),
    default="paper",
    help="Normalise returns by the published anchors, or by those measured with vsbench's bots.",
)
@option("--force", is_flag=True, help="Overwrite existing files.")
def command(
    places: tuple[str, ...],
    folder: Path,
    form: Format,
    tables: tuple[str, ...],
    anchors: AnchorSet,
    force: bool,
) -> None:
    """Export every RUN as tidy tables, a file each.

    RUN is a run's directory, a folder of runs, a tournament, a bundle (.vsb) or a link to one. All
    runs share a table; the column "run" tells them apart. docs/EXPORT.md lists all columns.

    \b
    vsbench export runs/20260101-120000-gpt-4o --to tables
    vsbench export runs --to tables --format csv --table figures --table episodes
    """
    with ExitStack() as stack:
        sources = open_sources(places, stack)
        names = check_tables(tables) or sources.standard
        with progress_bar("reading journals", sources.work(names)) as progress:
            written = export_tables(
                sources,
                folder,
                names,
                form=form,
                anchors=anchors,
                force=force,
                progress=progress.advance,
            )
    for path in written:
        click.echo(printable(path))
