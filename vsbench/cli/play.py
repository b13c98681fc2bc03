"""``vsbench play``."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any

import click
import rich
from rich.console import Console

from vsbench.adapters.person import MODEL
from vsbench.adapters.person.display import Display
from vsbench.cli import argument, option
from vsbench.cli.resuming import resume_command, with_permissions
from vsbench.cli.settings import (
    permission_settings,
    refuse_to_reshape,
    resume_option,
    setting,
)
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit, UsageError
from vsbench.evaluations.decision_making import EVALUATION
from vsbench.messages import Image, Text
from vsbench.reconstruction.episode import open_episode
from vsbench.records.bounds import MAX_ATTEMPTS
from vsbench.records.files import REPLAYS, UnitKey
from vsbench.records.manifest import Manifest
from vsbench.records.results import EpisodeResult
from vsbench.reporting.formats import Table, fit, to_rich
from vsbench.runner import runs
from vsbench.runner.observer import NullObserver, RunReport
from vsbench.settings import Modality, RunSettings, run_settings
from vsbench_envs import registry
from vsbench_envs.game import State
from vsbench_envs.spec import GameSpec

PARTNER = "oracle"
"""Bot in the other seats of games without a standard opponent."""


@click.command()
@argument("name", required=False)
@setting(
    "seats",
    help="Seat a bot or a model in another seat.  [default: the standard opponent, or oracle]",
)
@option("--as", "own", type=int, default=0, metavar="SEAT", help="Your own seat.")
@setting("seed", default=None, help="Random seed of the episode.  [default: a new one]")
@setting("out")
@setting("modality", default="both", help="Show the state as image, text, or both.")
@resume_option("game")
@permission_settings
@option("--plain", is_flag=True, help="Print plain text, without colours or animation.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str | None,
    seats: dict[int, str],
    own: int,
    seed: int | None,
    out: Path | None,
    modality: Modality,
    resume: Path | None,
    allow_hosts: tuple[str, ...],
    allow_code: tuple[str, ...],
    trust_prompts: bool,
    plain: bool,
) -> None:
    """Play the game NAME yourself, against bots or models.

    You get the same text and pictures as a model; pictures are written to a file that an image
    viewer can follow. Answer with an action or its number. Enter q or press Ctrl-D to leave, and
    use --resume to continue. The game is recorded like any other run. For a human study, use
    --modality image, which gives people what models get.

    \b
    Exit codes: 0 finished, 1 unfinished, 2 bad input, 70 unexpected error, 130 left early.
    """
    if plain:
        rich.reconfigure(force_terminal=False)
    if (name is None) == (resume is None):
        raise click.UsageError("name a game, or a run to --resume")
    if resume is not None:
        refuse_to_reshape(ctx, "own")
    settings = RunSettings() if name is None else _settings(name, own, seats, seed, out, modality)
    if resume is None:
        (run,) = runs.begin(settings)
    else:
        permitted = run_settings(
            allow_hosts=allow_hosts, allow_code=allow_code, trust_prompts=trust_prompts
        )
        (run,) = _reopen(resume, permitted)
        settings = with_permissions([run.manifest], permitted)
    try:
        (report,) = asyncio.run(runs.play([run], settings, NullObserver()))
    except KeyboardInterrupt:
        click.echo(err=True)
        _print_resume_command(run.directory, run.manifest)
        raise
    with output_may_fail():
        if report.exit is Exit.COMPLETE:
            _show_outcome(report, rich.get_console())
        else:
            for why in report.why:
                click.echo(f"vsbench: {why}", err=True)
            _print_resume_command(report.directory, report.manifest)
    ctx.exit(report.exit)


def _settings(
    name: str,
    own: int,
    others: dict[int, str],
    seed: int | None,
    out: Path | None,
    modality: Modality,
) -> RunSettings:
    spec = registry.get(name).spec
    if own in others:
        raise UsageError(f"seat {own} is yours; choose another seat with --as")
    defaults = dict.fromkeys(range(spec.seats), spec.opponent or PARTNER)
    return run_settings(
        models=(MODEL,),
        envs=(name,),
        evals=("decision",),
        episodes=1,
        seed=secrets.randbelow(10**6) if seed is None else seed,
        seats={**defaults, **others, own: MODEL},
        modality=modality,
        # A typing error is not a move: ask again as often as it takes.
        attempts=MAX_ATTEMPTS,
        feedback=True,
        out=out,
    )


def _reopen(directory: Path, settings: RunSettings) -> list[runs.Prepared]:
    reopened = runs.reopen(directory, trust_prompts=settings.trust_prompts)
    if len(reopened) != 1 or reopened[0].manifest.model != MODEL:
        raise UsageError(
            f"{directory} is not a game of vsbench play; resume runs with vsbench run --resume"
        )
    return reopened


def _print_resume_command(directory: Path, manifest: Manifest) -> None:
    click.echo(f"resume with: {resume_command('play', directory, [manifest])}", err=True)


def _show_outcome(report: RunReport, console: Console) -> None:
    """Show the final state as seen from the person's first seat, and the figures."""
    (result,), (plan,) = report.results.environments, report.manifest.environments
    (episode,) = result.episodes
    key = UnitKey(EVALUATION, plan.env, episode.episode)
    *_, last = open_episode(report.directory, key).moments()
    console.print()
    console.rule("Game over", style="dim")
    seen = last.seats[plan.seats.measured[0]]
    display = Display(console, report.directory / REPLAYS)
    display.show_state([*map(Image, seen.pictures), Text(seen.text)])
    console.print()
    table = _seats_table(registry.get(plan.env).spec, episode, last.before)
    for part in fit(table, console.width):
        console.print(to_rich(part))
    console.print(f"{episode.length} steps, in {report.directory}", soft_wrap=True, highlight=False)


def _seats_table(spec: GameSpec, episode: EpisodeResult, end: State[Any]) -> Table:
    """Player, return and counted events of each seat, a column each, under the score."""
    none = (0,) * spec.seats
    counts = (
        (meaning, *map(str, end.events.get(event, none))) for event, meaning in spec.events.items()
    )
    return Table(
        title=f"{spec.title}: score {episode.score:.1f} (random play 0, oracle 100)",
        columns=("", *(f"seat {seat}: {role}" for seat, role in enumerate(spec.roles))),
        rows=(
            ("player", *episode.seats),
            ("return", *(f"{value:g}" for value in end.returns)),
            *counts,
        ),
    )
