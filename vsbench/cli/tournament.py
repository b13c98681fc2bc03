"""``vsbench tournament``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
from rich.console import Console

from vsbench.cli import option
from vsbench.cli.playing import (
    check_learn,
    play_options,
    play_with_display,
    show_estimates,
    warn,
)
from vsbench.cli.resuming import resume_command, with_permissions
from vsbench.cli.settings import (
    model_settings,
    permission_settings,
    refuse_to_reshape,
    resume_option,
    setting,
    settings,
)
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit
from vsbench.loggers import open_loggers, with_loggers
from vsbench.planning.tournament import SelfPlay
from vsbench.records.tournament import Tournament
from vsbench.reporting.displays import JsonEvents
from vsbench.reporting.formats import to_rich
from vsbench.reporting.tournament import tournament_tables
from vsbench.runner import tournaments
from vsbench.runner.budget import Budget
from vsbench.runner.observer import MergedObserver, Observer
from vsbench.runner.tournaments import PreparedTournament, TournamentReport
from vsbench.settings import RunSettings, run_settings

if TYPE_CHECKING:
    from vsbench.cli.playing import Display


@click.command()
@setting("models", flag="--player", metavar="ID", help="A model, or bot/NAME. At least two.")
@settings("envs", "protocol")
@setting(
    "episodes",
    metavar="DEALS",
    help="Deals per environment; each is played once from every seat.",
)
@settings("seed")
@option(
    "--self-play",
    type=click.Choice(get_args(SelfPlay)),
    default="auto",
    help="Whether players also play themselves; auto: in games that are not purely competitive.",
)
@model_settings
@settings("out")
@resume_option("tournament")
@play_options
@permission_settings
@click.pass_context
def command(
    ctx: click.Context,
    /,
    resume: Path | None,
    self_play: SelfPlay,
    dry_run: bool,
    learn: Path | bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Play models and bots against each other in a round robin, and rate them.

    Every deal is played once from every seat, and all pairings play the same deals, so that luck of
    the draw evens out. Each pairing is a run of its own: resume, show and verify it like any run.

    \b
    Exit codes: 0 complete, 1 incomplete, 2 bad input, 3 a limit was reached,
    70 an unexpected error, 130 interrupted.
    """
    given = run_settings(**values)
    check_learn(dry_run, learn)
    if resume is not None:
        refuse_to_reshape(ctx, "self_play")
    if dry_run:
        _dry_run(given, self_play, learn, as_json)
        return
    if resume is not None:
        prepared = tournaments.reopen(resume, trust_prompts=given.trust_prompts)
        manifests = [pairing.manifest for pairing in prepared.pairings]
        given = with_permissions(manifests, given)
    else:
        prepared = tournaments.begin(given, self_play)
    manifests = [pairing.manifest for pairing in prepared.pairings]
    warn(manifests, given if resume is None else None)

    loggers = open_loggers(given.loggers)

    async def play(display: Display, budget: Budget) -> TournamentReport:
        report = await tournaments.play(
            prepared,
            given,
            with_loggers(_pairings_observer(prepared, display), loggers),
            budget,
        )
        if isinstance(display, JsonEvents):
            with output_may_fail():
                display.tournament(report.directory, report.results)
        return report

    how_to_resume = _how_to_resume(prepared.directory, prepared.tournament)
    report = play_with_display(play, given, as_json, how_to_resume)
    if not as_json:
        with output_may_fail():
            _show(report)
    ctx.exit(report.exit)


def _how_to_resume(directory: Path, tournament: Tournament) -> str:
    command = resume_command("tournament", directory, [*tournament.pairings.values()])
    return f"resume with: {command}"


def _pairings_observer(prepared: PreparedTournament, display: Display) -> Observer:
    """Return the observer of the pairings: JSON shows each of them, other displays one run."""
    if isinstance(display, JsonEvents):
        return display
    runs = {pairing.directory: pairing.manifest for pairing in prepared.pairings}
    title = f"{len(prepared.tournament.entrants)} players, {len(runs)} pairings"
    return MergedObserver(display, prepared.directory, title, runs)


def _dry_run(settings: RunSettings, self_play: SelfPlay, learn: Path | bool, as_json: bool) -> None:
    from vsbench.estimates.usage import Estimator

    tournament, estimator = tournaments.plan(settings, self_play), Estimator.of(settings, learn)
    warn([*tournament.pairings.values()], settings)
    show_estimates(estimator.tournament(tournament), estimator, as_json)


def _show(report: TournamentReport) -> None:
    console = Console()
    for table in tournament_tables(report.results, console.width):
        console.print(to_rich(table))
    notes = [str(report.directory), *report.why, *report.hints]
    if report.exit is not Exit.COMPLETE:
        notes.append(_how_to_resume(report.directory, report.tournament))
    click.echo("\n  ".join(notes), err=True)
