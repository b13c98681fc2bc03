"""``vsbench play``."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import get_args

import click
import rich

from vsbench import api
from vsbench.adapters.person import MODEL
from vsbench.cli import option
from vsbench.cli.playing import refuse_to_reshape
from vsbench.cli.resuming import permission_options, resume_command, with_permissions
from vsbench.cli.seats import seat_option
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit, UsageError
from vsbench.records.bounds import ATTEMPTS
from vsbench.records.manifest import Manifest
from vsbench.reporting.ending import show_ending
from vsbench.runner.observer import NullObserver, RunReport
from vsbench.settings import Modality, RunSettings, run_settings
from vsbench_envs import registry

PARTNER = "oracle"
"""Who joins in a game that models play with themselves."""


@click.command()
@click.argument("name", required=False)
@seat_option(
    "Who sits in another seat: a player or a model.  [default: the standard opponent, or oracle]"
)
@option("--as", "own", type=int, default=0, metavar="SEAT", help="The seat that you take.")
@option("--seed", type=int, help="Names the episode.  [default: a new one]")
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to write the run.  [default: a new folder in runs/]",
)
@option(
    "--modality",
    type=click.Choice(get_args(Modality)),
    default="both",
    help="What you get: the picture, as models do, the state in words, or both.",
)
@option(
    "--resume", type=click.Path(path_type=Path), metavar="DIR", help="Go on with a game you left."
)
@permission_options
@option("--style-less", is_flag=True, help="Plain text: no colours, nothing that moves.")
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
    style_less: bool,
) -> None:
    """Take a seat in the game called NAME, against players or models.

    You get what a model gets: its text, and its pictures in a file, which a viewer can follow. With
    --modality image nothing else, as in a study of how people do. Answer with an action or its
    number. q or Ctrl-D leaves the table; the game is journalled like any run, and can be gone on
    with by --resume.

    \b
    Exit codes: 0 played to the end, 1 unfinished, 2 bad input, 70 an unexpected error, 130 left.
    """
    if style_less:
        rich.reconfigure(force_terminal=False)
    if (name is None) == (resume is None):
        raise click.UsageError("name a game, or a run to --resume")
    if resume is not None:
        refuse_to_reshape(ctx, ("seats", "own", "seed", "out", "modality"))
    settings = RunSettings() if name is None else _settings(name, own, seats, seed, out, modality)
    if resume is None:
        (run,) = api.begin(settings)
    else:
        permitted = run_settings(
            allow_hosts=allow_hosts, allow_code=allow_code, trust_prompts=trust_prompts
        )
        (run,) = _reopen(resume, permitted)
        settings = with_permissions([run.manifest], permitted)
    try:
        (report,) = asyncio.run(api.play([run], settings, NullObserver()))
    except KeyboardInterrupt:
        click.echo(err=True)
        _say_how_to_go_on(run.directory, run.manifest)
        raise
    with output_may_fail():
        if report.exit is Exit.COMPLETE:
            show_ending(report, rich.get_console())
        else:
            _say_what_happened(report)
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
        raise UsageError(f"seat {own} is yours; choose another by --as")
    usual = dict.fromkeys(range(spec.seats), spec.opponent or PARTNER)
    return run_settings(
        models=(MODEL,),
        envs=(name,),
        evals=("decision",),
        episodes=1,
        seed=secrets.randbelow(10**6) if seed is None else seed,
        seats={**usual, **others, own: MODEL},
        modality=modality,
        # A slip of the fingers is no move: the person is asked as often as it takes.
        attempts=ATTEMPTS,
        feedback=True,
        out=out,
    )


def _reopen(directory: Path, settings: RunSettings) -> list[api.Prepared]:
    runs = api.reopen(directory, trust_prompts=settings.trust_prompts)
    if len(runs) != 1 or runs[0].manifest.model != MODEL:
        raise UsageError(f"{directory} is no person's game; vsbench run --resume goes on with runs")
    return runs


def _say_what_happened(report: RunReport) -> None:
    for why in report.why:
        click.echo(f"vsbench: {why}", err=True)
    _say_how_to_go_on(report.directory, report.manifest)


def _say_how_to_go_on(directory: Path, manifest: Manifest) -> None:
    click.echo(f"resume with: {resume_command('play', directory, [manifest])}", err=True)
