"""``vsbench envs``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from vsbench.cli import option
from vsbench.errors import UsageError
from vsbench_envs import catalogue, registry
from vsbench_envs.canvas import encode


@click.command()
@click.argument("name", required=False)
@option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PNG",
    help="Write what a player sees in the middle of an episode.",
)
def command(name: str | None, picture: Path | None) -> None:
    """List the environments, or explain the one called NAME."""
    console = Console()
    if name is None and picture is not None:
        raise click.UsageError("--picture draws one environment; name it")
    if name is None:
        listed = Table(*catalogue.INDEX_COLUMNS, box=None, pad_edge=False)
        # An id that is cut short cannot be given to --env.
        listed.columns[0].no_wrap = True
        listed.columns[0].overflow = "ignore"
        for known in registry.names():
            listed.add_row(*catalogue.index_row(registry.get(known).spec))
        console.print(listed)
        return
    game = registry.get(name)
    console.print(Markdown(catalogue.entry(game)))
    if picture is not None:
        try:
            picture.write_bytes(encode(catalogue.picture(game)))
        except OSError as error:
            raise UsageError(f"{picture} cannot be written: {error.strerror}") from None
        click.echo(f"\nA picture of it: {picture}")
