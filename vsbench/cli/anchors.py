"""``vsbench anchors``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from vsbench.anchors import Effort, measure
from vsbench.cli import option
from vsbench.cli.bars import bar
from vsbench.errors import UsageError
from vsbench.reporting.formats import Table, to_rich
from vsbench.writing import refuse_orphan
from vsbench_envs import registry
from vsbench_envs.anchors import SHIPPED, GameAnchors, load, save
from vsbench_envs.catalogue import anchor_columns, anchor_rows
from vsbench_envs.errors import MissingExtraError, PluginError

DEFAULTS = Effort()


@click.command()
@option("--env", "envs", multiple=True, help="Environment id. Repeatable.  [default: all]")
@option("--episodes", type=click.IntRange(2), help="Exactly so many, whatever the intervals.")
@option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=DEFAULTS.seconds,
    help="For each game and player, until its interval is narrow.",
)
@option("--seed", type=int, default=0, help="Names all chance.")
@option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Renew the games measured in this table; the shipped one is {SHIPPED.name}.",
)
def command(
    envs: tuple[str, ...], episodes: int | None, seconds: float, seed: int, write: Path | None
) -> None:
    """Measure what random play and the oracle get, the ends of the normalised scale.

    Episodes are played on all processors until the 95 % intervals are narrow.
    """
    if write is not None:
        refuse_orphan(write)
    effort = Effort(episodes, seconds)
    console = Console()
    for env in envs or registry.names():
        spec = registry.get(env).spec
        try:
            found = _measure(env, effort, seed)
        except (MissingExtraError, PluginError) as error:
            click.echo(f"{spec.title}: {error}", err=True)
            continue
        rows = tuple(anchor_rows(spec, found))
        console.print(to_rich(Table(spec.title, anchor_columns(spec), rows)))
        if write is not None:
            _renew(write, env, found)


def _measure(env: str, effort: Effort, seed: int) -> GameAnchors:
    with bar(env) as progress:
        return measure(
            env,
            effort,
            seed,
            lambda player, done, expected: progress.reach(done, expected, f"{env} {player}"),
        )


def _renew(path: Path, env: str, found: GameAnchors) -> None:
    anchors = load(path) | {env: found}
    order = [*registry.names(), *anchors]
    try:
        save({name: anchors[name] for name in dict.fromkeys(order) if name in anchors}, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
