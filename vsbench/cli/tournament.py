"""``vsbench tournament``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console

from vsbench import round_robin
from vsbench.cli import option
from vsbench.cli.asking import ASKING, asking_options
from vsbench.cli.planning import folder_options, game_options
from vsbench.cli.playing import (
    Display,
    playing_options,
    refuse_to_reshape,
    show_estimates,
    show_while,
    warn,
)
from vsbench.cli.resuming import permission_options, resume_command, with_permissions
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit
from vsbench.records.tournament import Tournament
from vsbench.reporting.displays import JsonEvents
from vsbench.reporting.formats import to_rich
from vsbench.reporting.together import MergedObserver
from vsbench.reporting.tournament import tournament_tables
from vsbench.round_robin import PreparedTournament, TournamentReport
from vsbench.runner.limits import Limits
from vsbench.runner.observer import Observer
from vsbench.runner.plan import prompt_pack
from vsbench.runner.tournament import SelfPlay
from vsbench.settings import RunSettings, run_settings

SHAPING = (
    "models", "envs", "protocol", "episodes", "self_play", "seed", "out", *ASKING,
)  # fmt: skip
"""Options that say who meets whom, and how. A resumed tournament has them already."""


@click.command()
@option(
    "--player",
    "models",
    multiple=True,
    callback=None,
    metavar="ID",
    help="Who takes part: a model, or bot/NAME for a bot. Twice or more.",
)
@game_options("tournament", "all with two seats or more")
@option(
    "--episodes",
    type=int,
    metavar="DEALS",
    help="Deals in every environment, each played once from every seat, instead of the protocol's.",
)
@option(
    "--self-play",
    type=click.Choice(get_args(SelfPlay)),
    default="auto",
    help="Whether players meet themselves too; auto: where there is more than winning.",
)
@asking_options
@folder_options("tournament")
@playing_options
@permission_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    resume: Path | None,
    self_play: SelfPlay,
    dry_run: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Let models and players meet, each with each, and rate them.

    Every deal is played once from every seat, and all pairings play the same deals, so that
    nobody wins by luck of the draw. Each pairing is a run of its own: it can be stopped, gone on
    with, shown and verified like any other.

    \b
    Exit codes: 0 complete, 1 incomplete, 2 bad input, 3 a limit was reached,
    70 an unexpected error, 130 interrupted.
    """
    settings = run_settings(**values)
    if resume is not None:
        refuse_to_reshape(ctx, SHAPING)
    if dry_run:
        _dry_run(settings, self_play, as_json)
        return
    if resume is not None:
        prepared = round_robin.reopen(resume, trust_prompts=settings.trust_prompts)
        manifests = [pairing.manifest for pairing in prepared.pairings]
        settings = with_permissions(manifests, settings)
    else:
        prepared = round_robin.begin(settings, self_play)
    manifests = [pairing.manifest for pairing in prepared.pairings]
    warn(manifests, settings if resume is None else None)

    async def play(display: Display, limits: Limits) -> TournamentReport:
        report = await round_robin.play(prepared, settings, _seen(prepared, display), limits)
        if isinstance(display, JsonEvents):
            with output_may_fail():
                display.tournament(report.directory, report.results)
        return report

    go_on = _go_on(prepared.directory, prepared.tournament)
    report = show_while(play, settings, as_json, go_on)
    if not as_json:
        with output_may_fail():
            _show(report)
    ctx.exit(report.exit)


def _go_on(directory: Path, tournament: Tournament) -> str:
    command = resume_command("tournament", directory, [*tournament.pairings.values()])
    return f"resume with: {command}"


def _seen(prepared: PreparedTournament, display: Display) -> Observer:
    """How a display sees the pairings: machines each by itself, people all as one."""
    if isinstance(display, JsonEvents):
        return display
    runs = {pairing.directory: pairing.manifest for pairing in prepared.pairings}
    title = f"{len(prepared.tournament.entrants)} players, {len(runs)} pairings"
    return MergedObserver(display, prepared.directory, title, runs)


def _dry_run(settings: RunSettings, self_play: SelfPlay, as_json: bool) -> None:
    from vsbench.reporting.estimate import tournament_estimates

    tournament, pack = round_robin.plan(settings, self_play), prompt_pack(settings)
    warn([*tournament.pairings.values()], settings)
    show_estimates(tournament_estimates(pack, tournament), as_json)


def _show(report: TournamentReport) -> None:
    console = Console()
    for table in tournament_tables(report.results, console.width):
        console.print(to_rich(table))
    notes = [str(report.directory), *report.why, *report.hints]
    if report.exit is not Exit.COMPLETE:
        notes.append(_go_on(report.directory, report.tournament))
    click.echo("\n  ".join(notes), err=True)
