"""``vsbench prompts``."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text as Line

from vsbench.cli import argument, option
from vsbench.cli.settings import prompt_settings, setting
from vsbench.cli.streams import output_may_fail
from vsbench.errors import UsageError
from vsbench.messages import Image, Message
from vsbench.prompts import PromptPack
from vsbench.settings import Evaluation, Modality, Persona, Style
from vsbench_prompts import VERSION


@click.group()
def command() -> None:
    """Show prompts, or copy the templates to change them."""


@command.command()
@argument("game")
@option(
    "--eval",
    "evaluation",
    type=click.Choice(get_args(Evaluation)),
    default="decision",
    help="Kind of question.",
)
@option("--seat", type=int, help="Seat to ask.  [default: the one to move]")
@option(
    "--step",
    type=click.IntRange(min=0),
    help="Joint moves played by bots before.  [default: 6, fewer in shorter episodes]",
)
@option("--seed", type=int, default=0, help="Random seed of the episode.")
@prompt_settings
@option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Directory for the pictures.  [default: a new temporary one]",
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
    prompts_version: str | None,
    folder: Path | None,
    opened: bool,
) -> None:
    """Print a prompt of GAME exactly as a model gets it, and open its pictures.

    Bots play an episode up to --step; the prompt is that of the seat's next question, with the
    protocol's settings unless options change them. No model is called.
    """
    from vsbench.evaluations.examples import check_templates, example_question
    from vsbench.players.questions import personas
    from vsbench.protocols import resolve_model_settings
    from vsbench.settings import run_settings
    from vsbench_envs import registry

    available = personas(registry.get(game).spec.personas)
    if persona is not None and persona not in available:
        names = ", ".join(sorted(available)) or "none"
        raise UsageError(f"{game} has no persona {persona}; its personas: {names}")
    if evaluation == "perception" and modality == "text":
        raise UsageError("perception needs pictures: it cannot be shown with --modality text")
    settings = run_settings(modality=modality, style=style, persona=persona)
    question = example_question(game, evaluation, seat=seat, step=step, seed=seed)
    pack = PromptPack.shipped(prompts, [game], prompts_version or VERSION)
    check_templates(pack, game, evaluation)
    messages = question.first(pack, resolve_model_settings(settings))
    pictures = _write_pictures(messages, folder, f"{game}-{evaluation}-{question.step}")
    with output_may_fail():
        _print(messages, pictures)
    for path in pictures if opened and sys.stdout.isatty() else ():
        click.launch(str(path))


def _write_pictures(messages: Sequence[Message], folder: Path | None, stem: str) -> list[Path]:
    """Write the pictures of messages to files, in order."""
    pictures = [part.png for m in messages for part in m.parts if isinstance(part, Image)]
    if not pictures:
        return []
    try:
        target = folder or Path(tempfile.mkdtemp(prefix="vsbench-prompt-"))
        target.mkdir(parents=True, exist_ok=True)
        paths = [target / f"{stem}-{number}.png" for number in range(1, len(pictures) + 1)]
        for path, png in zip(paths, pictures, strict=True):
            path.write_bytes(png)
    except OSError as error:
        raise UsageError(f"the pictures cannot be written: {error}") from None
    return paths


def _print(messages: Sequence[Message], pictures: Sequence[Path]) -> None:
    """Print messages as they are sent, with file names in place of pictures."""
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
@setting("prompts_version")
@option("--json", "as_json", is_flag=True, help="Print the SHA-256 of each template, as JSON.")
def list_templates(prompts_version: str | None, as_json: bool) -> None:
    """List the templates of the pack."""
    pack = PromptPack.shipped(version=prompts_version or VERSION)
    if as_json:
        hashes = {
            name: hashlib.sha256(text.encode()).hexdigest() for name, text in pack.templates.items()
        }
        found = {"pack": {pack.version: pack.sha256}, "templates": hashes}
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"pack {pack.version}, SHA-256 {pack.sha256}")
    for name in pack.templates:
        click.echo(name)


@command.command()
@argument("name")
@setting("prompts_version")
def template(name: str, prompts_version: str | None) -> None:
    """Print the template NAME."""
    templates = PromptPack.shipped(version=prompts_version or VERSION).templates
    if name not in templates:
        raise click.UsageError(f"no template {name!r}; list them with: vsbench prompts list")
    click.echo(templates[name], nl=False)


@command.command()
@argument("folder", type=click.Path(path_type=Path, file_okay=False))
@setting("prompts_version")
def eject(folder: Path, prompts_version: str | None) -> None:
    """Copy the templates to FOLDER; change them there and use --prompts FOLDER.

    Existing files are kept. Delete the templates that you do not change, so that they follow later
    versions of the pack.
    """
    from vsbench.output_paths import refuse_orphan, refuse_record, write_errors

    refuse_record(folder)
    refuse_orphan(folder)
    with write_errors(folder):
        written = PromptPack.shipped(version=prompts_version or VERSION).eject(folder)
    click.echo(f"{len(written)} templates written to {folder}")
