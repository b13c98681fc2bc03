"""``vsbench export``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import click

from vsbench.cli import argument, distinct, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.cli.settings import anchors_option
from vsbench.datasets.hub import upload_command
from vsbench.errors import UsageError
from vsbench.exports.files import export_bundle, export_tables
from vsbench.exports.hub import export_hub
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
    metavar="DIR",
    help="Write a file per table to this folder.",
)
@option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.vsb",
    help="Write the run to one compressed file, to be kept, sent and compared.",
)
@option(
    "--hub",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a folder for a dataset hub: a card, tables as Parquet, and bundles.",
)
@option(
    "--license",
    metavar="ID",
    help="With --hub: the licence under which you publish the data, such as cc-by-4.0.",
)
@option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    default="parquet",
    help="With --to: format of the files.",
)
@option(
    "--table",
    "tables",
    type=click.Choice(get_args(TableName)),
    multiple=True,
    help="Table to export. Repeatable.  [default: all but attempts]",
)
@anchors_option
@option("--force", is_flag=True, help="Overwrite existing files.")
def command(
    places: tuple[str, ...],
    folder: Path | None,
    bundle: Path | None,
    hub: Path | None,
    license: str | None,  # noqa: A002
    form: Format,
    tables: tuple[str, ...],
    anchors: AnchorSet,
    force: bool,
) -> None:
    """Export every RUN as tidy tables, as a bundle, or as a folder for a dataset hub.

    RUN is a run's directory, a folder of runs, a tournament, a bundle (.vsb) or a link to one. All
    runs share a table; the column "run" tells them apart. docs/EXPORT.md lists all columns.

    \b
    vsbench export runs/20260101-120000-gpt-4o --to tables
    vsbench export runs --to tables --format csv --table figures --table episodes
    vsbench export runs/20260101-120000-gpt-4o --bundle gpt-4o.vsb
    vsbench export runs --hub my-dataset --license cc-by-4.0
    """
    if not (folder or bundle or hub):
        raise UsageError("say where to: give --to DIR, --bundle FILE.vsb or --hub DIR")
    if license and not hub:
        raise UsageError("--license is of the folder that --hub writes")
    written: list[Path] = []
    with ExitStack() as stack:
        sources = open_sources(places, stack)
        names = check_tables(tables) or sources.standard
        if bundle:
            written.append(export_bundle(sources, bundle, force=force))
        total = sources.work(names) * sum(each is not None for each in (folder, hub))
        with progress_bar("reading journals", total) as progress:
            if folder:
                written += export_tables(
                    sources,
                    folder,
                    names,
                    form=form,
                    anchors=anchors,
                    force=force,
                    progress=progress.advance,
                )
            if hub:
                written += export_hub(
                    sources,
                    hub,
                    names,
                    license=license,
                    anchors=anchors,
                    force=force,
                    progress=progress.advance,
                )
    for path in written:
        click.echo(printable(path))
    if hub:
        if not license:
            click.echo("the card names no licence; --license ID adds one", err=True)
        click.echo(f"upload it with: {upload_command(hub)}", err=True)
