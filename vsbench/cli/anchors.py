"""``vsbench anchors``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from vsbench.anchors import StoppingRule, measure
from vsbench.cli import envs_option, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.output_paths import refuse_orphan, write_errors
from vsbench.reporting.formats import Table, to_rich
from vsbench_envs import registry
from vsbench_envs.anchors import GameAnchors, load, save
from vsbench_envs.catalogue import anchor_columns, anchor_rows
from vsbench_envs.errors import MissingExtraError, PluginError

DEFAULTS = StoppingRule()


@click.command()
@envs_option
@option(
    "--episodes",
    type=click.IntRange(2),
    help="Play exactly this many episodes per game and player.",
)
@option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=DEFAULTS.seconds,
    help="Stop after this time per game and player, if intervals are not narrow before.",
)
@option("--seed", type=int, default=0, help="Random seed.")
@option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Update the measured games in this JSON file.",
)
def command(
    envs: tuple[str, ...], episodes: int | None, seconds: float, seed: int, write: Path | None
) -> None:
    """Measure the returns of random play and the oracle, the anchors of normalised scores.

    Episodes are played on all processors until the 95 % confidence intervals are narrow. The
    anchors that ship with vsbench are in anchors.json of vsbench_envs.
    """
    if write is not None:
        refuse_orphan(write)
    rule = StoppingRule(episodes, seconds)
    console = Console()
    for env in envs or registry.names():
        spec = registry.get(env).spec
        try:
            found = _measure(env, rule, seed)
        except (MissingExtraError, PluginError) as error:
            click.echo(f"{spec.title}: {error}", err=True)
            continue
        rows = tuple(anchor_rows(spec, found))
        console.print(to_rich(Table(spec.title, anchor_columns(spec), rows)))
        if write is not None:
            _update(write, env, found)


def _measure(env: str, rule: StoppingRule, seed: int) -> GameAnchors:
    with progress_bar(env) as progress:
        return measure(
            env,
            rule,
            seed,
            lambda bot, done, expected: progress.update(done, expected, f"{env} {bot}"),
        )


def _update(path: Path, env: str, found: GameAnchors) -> None:
    anchors = load(path)
    if env in anchors:
        found = replace(found, spread=anchors[env].spread)
    anchors[env] = found
    order = [*registry.names(), *anchors]
    with write_errors(path):
        save({name: anchors[name] for name in dict.fromkeys(order) if name in anchors}, path)
