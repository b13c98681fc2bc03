"""``vsbench envs``."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from vsbench.cli import option
from vsbench_envs import registry
from vsbench_envs.canvas import encode
from vsbench_envs.game import Game


@click.command()
@click.argument("name", required=False)
@option(
    "--picture",
    type=click.Path(path_type=Path),
    metavar="PNG",
    help="Write what the first player sees at the start.",
)
def command(name: str | None, picture: Path | None) -> None:
    """List the environments, or explain the one called NAME."""
    if name is None:
        _list()
        return
    game = registry.get(name)
    _explain(game)
    if picture is not None:
        state = game.new(0)
        picture.write_bytes(encode(game.view.draw(state.percept(0))[-1]))
        click.echo(f"\nA picture of the start: {picture}")


def _list() -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "game", "kind", "seats", "opponent", ""):
        table.add_column(heading)
    for name in registry.names():
        spec = registry.get(name).spec
        opponent = spec.opponent or "self-play"
        table.add_row(spec.id, spec.title, spec.kind, str(spec.seats), opponent, spec.summary)
    Console().print(table)


def _explain(game: Game[Any]) -> None:
    spec = game.spec
    doc = inspect.getdoc(sys.modules[type(game.view).__module__.rpartition(".")[0]]) or spec.summary
    click.echo(doc)
    click.echo(f"\nid          {spec.id} ({spec.kind}, {spec.seats} seats)")
    click.echo(f"moves       {'simultaneous' if spec.simultaneous else 'in turns'}")
    click.echo(f"opponent    {spec.opponent or 'self-play'}")
    counts = ", ".join(f"{count} ({preset})" for preset, count in spec.episodes.items())
    click.echo(f"episodes    {counts}")
    shown = ", ".join(spec.actions[:12])
    more = f", ... ({len(spec.actions)} in all)" if len(spec.actions) > 12 else ""
    click.echo(f"actions     {shown}{more}")
    for measure in spec.measures:
        click.echo(
            f"measure     {measure.name}: random {measure.random:.4g}, best {measure.best:.4g}"
            f", weight {measure.weight:g}"
        )
    for event, meaning in spec.events.items():
        click.echo(f"behaviour   {event}: {meaning}")
    click.echo("\nPlayers")
    for name, player in game.players.items():
        options = "".join(f" [:{key}={value[1]}]" for key, value in player.parameters.items())
        click.echo(f"  {name}{options}\n      {player.about}")
