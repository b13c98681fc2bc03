"""``vsbench prompts``."""

from __future__ import annotations

from pathlib import Path

import click

from vsbench.errors import UsageError
from vsbench.prompts import PromptPack
from vsbench_prompts import VERSION


@click.group()
def command() -> None:
    """Show the prompts, or copy them for changes."""


@command.command("list")
def list_templates() -> None:
    """List the templates of the pack."""
    pack = PromptPack.shipped()
    click.echo(f"pack {VERSION}, SHA-256 {pack.sha256}")
    for name in pack.templates:
        click.echo(name)


@command.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the template called NAME."""
    templates = PromptPack.shipped().templates
    if name not in templates:
        raise click.UsageError(f"there is no template {name!r}; vsbench prompts list names them")
    click.echo(templates[name], nl=False)


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def eject(folder: Path) -> None:
    """Copy the pack into FOLDER, for changes to be used with --prompts FOLDER.

    Files that are there already are kept. Delete what you do not change: it then follows the pack.
    """
    from vsbench.records.guard import refuse_record
    from vsbench.writing import refuse_orphan

    refuse_record(folder)
    refuse_orphan(folder)
    try:
        written = PromptPack.shipped().eject(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    click.echo(f"{len(written)} templates written to {folder}")
