"""``vsbench protocols``."""

from __future__ import annotations

from collections.abc import Iterator

import click
from rich.console import Console
from rich.text import Text

from vsbench.cli import argument, option
from vsbench.protocols import MODEL, Protocol, ProtocolGame, protocol, protocol_names
from vsbench.reporting.formats import Table, env_title, format_decimal, to_rich


@click.command()
@argument("name", required=False)
@option("--json", "as_json", is_flag=True, help="Print the protocol as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the protocols, or describe the protocol NAME.

    A protocol is a frozen definition of a measurement. Figures are comparable if their runs follow
    the same protocol and track without deviations.
    """
    if name is None:
        if as_json:
            raise click.UsageError("--json needs the name of a protocol")
        Console().print(to_rich(_protocols()))
        return
    found = protocol(name)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    console = Console()
    console.print(Text(found.name, "bold"), Text(found.about), "")
    for table in (_settings(found), _games(found), _anchors(found), _free(found)):
        console.print(to_rich(table))
    console.print(Text(f"Source: {found.source}\nSHA-256 {found.sha256}"))


def _protocols() -> Table:
    rows = []
    for name in protocol_names():
        found = protocol(name)
        episodes = sum(game.episodes for game in found.games)
        samples = sum(game.samples.count for game in found.games)
        counts = (str(len(found.games)), f"{episodes:,}", f"{samples:,}")
        rows.append((name, found.about, *counts))
    return Table(
        title="Protocols",
        columns=("name", "description", "games", "episodes", "samples"),
        rows=tuple(rows),
        label_columns=2,
    )


def _settings(found: Protocol) -> Table:
    return Table(
        title="Model settings",
        columns=("setting", "value"),
        rows=tuple(_setting_rows(found)),
        label_columns=2,
    )


def _setting_rows(found: Protocol) -> Iterator[tuple[str, str]]:
    settings, tracks = found.model_settings, found.tracks
    yield "evaluations", ", ".join(found.evaluations)
    for track, values in (("modality", tracks.modality), ("style", tracks.style)):
        others = ", ".join(values[1:])
        yield f"track: {track}", f"{values[0]}; also {others}" if others else values[0]
    feedback = "with feedback" if settings.feedback else "without feedback"
    yield "unparsable answers", f"up to {settings.attempts} attempts, {feedback}"
    yield "illegal answers", "can be corrected" if settings.feedback else "end the decision"
    yield (
        "tokens",
        f"{settings.answer_tokens:,}, and {settings.thinking_tokens:,} for thinking",
    )
    yield "cut-off answers", "asked again with the model's own limit, without using up an attempt"
    yield "temperature", f"{settings.temperature:g}"
    yield "image detail", settings.detail
    yield "persona", settings.persona or "none"
    yield "prompts", f"{found.prompts.version} ({found.prompts.sha256[:12]})"
    for name, formula in found.scoring.items():
        yield f"score: {name}", formula


def _games(found: Protocol) -> Table:
    return Table(
        title="Games",
        columns=("environment", "other seats", "episodes", "samples"),
        rows=tuple(
            (env_title(game.env), _others(game), _episodes(game), str(game.samples.count))
            for game in found.games
        ),
        label_columns=2,
    )


def _others(game: ProtocolGame) -> str:
    bots = [name for name in game.players if name != MODEL]
    if not bots:
        return "the model" if len(game.players) > 1 else "none"
    options = ", ".join(f"{option}={value}" for option, value in game.options[bots[0]].items())
    bot = f"{bots[0]} ({options})" if options else bots[0]
    return f"{bot}, seats {game.seating}"


def _episodes(game: ProtocolGame) -> str:
    if game.group == 1 or game.episodes < 2 * game.group:
        return str(game.episodes)
    return f"{game.episodes} ({game.episodes // game.group} x {game.group})"


def _anchors(found: Protocol) -> Table:
    return Table(
        title="Anchors: the returns that score 0 (random) and 100 (best)",
        columns=("environment", "measure", "random", "best", "weight"),
        rows=tuple(
            (
                env_title(game.env),
                anchor.name,
                format_decimal(anchor.random, 2),
                format_decimal(anchor.best, 2),
                f"{anchor.weight:g}",
            )
            for game in found.games
            for anchor in game.anchors
        ),
        label_columns=2,
    )


def _free(found: Protocol) -> Table:
    return Table(
        title="Fields in which conforming runs may differ",
        columns=("field", "reason"),
        rows=tuple((name.replace("_", " "), why) for name, why in found.free.items()),
        label_columns=2,
    )
