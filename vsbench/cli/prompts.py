"""``vsbench prompts``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text as Line

from vsbench.cli import option
from vsbench.cli.settings import prompt_settings
from vsbench.cli.streams import output_may_fail
from vsbench.errors import UsageError
from vsbench.messages import Image, Message
from vsbench.prompts import PromptPack
from vsbench.settings import Evaluation, Modality, Persona, Style
from vsbench_prompts import VERSION


@click.group()
def command() -> None:
    """Show what models are asked, or copy the templates for changes."""


@command.command()
@click.argument("game")
@option(
    "--eval",
    "evaluation",
    type=click.Choice(get_args(Evaluation)),
    default="decision",
    help="A decision, a prediction of another's move, or what is in the picture.",
)
@option("--seat", type=int, help="Who is asked.  [default: whoever moves]")
@option(
    "--step",
    type=click.IntRange(min=0),
    help="Joint moves that bots play before.  [default: 6, or fewer in a shorter episode]",
)
@option("--seed", type=int, default=0, help="Of the episode.")
@prompt_settings
@option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write the pictures.  [default: a new temporary folder]",
)
@option("--open/--no-open", "opened", default=True, help="Open the pictures in a viewer.")
def show(
    game: str,
    evaluation: Evaluation,
    seat: int | None,
    step: int | None,
    seed: int,
    modality: Modality | None,
    style: Style | None,
    persona: Persona | None,
    prompts: Path | None,
    folder: Path | None,
    opened: bool,
) -> None:
    """Print a real prompt of GAME, and open its pictures: exactly what a model gets.

    Bots play an episode up to --step; what the seat would be asked then is shown, in the protocol's
    way unless options say otherwise. Nothing is called and no run is needed.
    """
    from vsbench.evaluations.examples import specimen
    from vsbench.players.questions import personas
    from vsbench.protocols import resolve_model_settings
    from vsbench.settings import run_settings
    from vsbench_envs import registry

    has = personas(registry.get(game).spec.personas)
    if persona is not None and persona not in has:
        raise UsageError(f"{game} has no persona {persona}; it has {', '.join(sorted(has)) or '-'}")
    if evaluation == "perception" and modality == "text":
        raise UsageError("perception needs pictures: it cannot be shown with --modality text")
    settings = run_settings(modality=modality, style=style, persona=persona)
    question = specimen(game, evaluation, seat=seat, step=step, seed=seed)
    messages = question.first(PromptPack.shipped(prompts, [game]), resolve_model_settings(settings))
    pictures = _write_pictures(messages, folder, f"{game}-{evaluation}-{question.step}")
    with output_may_fail():
        _print(messages, pictures)
    for path in pictures if opened and sys.stdout.isatty() else ():
        click.launch(str(path))


def _write_pictures(messages: Sequence[Message], folder: Path | None, stem: str) -> list[Path]:
    """Write the pictures of some messages as files, in order."""
    found = [part.png for m in messages for part in m.parts if isinstance(part, Image)]
    if not found:
        return []
    try:
        where = folder or Path(tempfile.mkdtemp(prefix="vsbench-prompt-"))
        where.mkdir(parents=True, exist_ok=True)
        paths = [where / f"{stem}-{number}.png" for number in range(1, len(found) + 1)]
        for path, png in zip(paths, found, strict=True):
            path.write_bytes(png)
    except OSError as error:
        raise UsageError(f"the pictures cannot be written: {error}") from None
    return paths


def _print(messages: Sequence[Message], pictures: Sequence[Path]) -> None:
    """The messages as they are sent, each picture by its file."""
    console, files = Console(highlight=False), iter(pictures)
    for message in messages:
        console.rule(Line(message.role, style="bold"), align="left")
        for part in message.parts:
            if isinstance(part, Image):
                console.print(Line(f"[picture: {next(files)}]", style="cyan"), soft_wrap=True)
            else:
                console.print(Line(part.text), soft_wrap=True)


@command.command()
def contents() -> None:
    """Show the facts and pictures that each game's prompts give, read from real prompts."""
    from vsbench.reporting.formats import to_rich
    from vsbench.reporting.prompts import prompt_contents_table

    Console().print(to_rich(prompt_contents_table()))


@command.command("list")
def list_templates() -> None:
    """List the templates of the pack."""
    pack = PromptPack.shipped()
    click.echo(f"pack {VERSION}, SHA-256 {pack.sha256}")
    for name in pack.templates:
        click.echo(name)


@command.command()
@click.argument("name")
def template(name: str) -> None:
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
