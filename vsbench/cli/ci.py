"""``vsbench ci``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from vsbench.cli import option
from vsbench.cli.playing import announce, play_with_display, show_estimates, warn
from vsbench.cli.settings import settings
from vsbench.cli.streams import output_may_fail
from vsbench.errors import Exit
from vsbench.printable import printable
from vsbench.settings import EVALUATION_TITLES

if TYPE_CHECKING:
    from vsbench.ci.attempts import Work
    from vsbench.ci.config import Config
    from vsbench.ci.verdicts import Outcome, Played
    from vsbench.runner.budget import Budget
    from vsbench.runner.observer import Observer

CONFIGURED = ("models", "max_cost", "max_tokens_total", "time_limit", "loggers", "out")
"""Settings that take the place of keys of the configuration."""

ANY_DROP = 10.0
"""Plans need a goal; what a run detects as it is configured does not depend on it."""


@click.command()
@option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="TOML or YAML file.  [default: [tool.vsbench.ci] in pyproject.toml]",
)
@settings(*CONFIGURED, out="Write the runs to this directory.  [default: .vsbench/ci]")
@option(
    "--baseline",
    metavar="SOURCE",
    help='What to compare with: "last green", a run\'s directory, a bundle, or a link.',
)
@option("--store", metavar="PLACE", help="Where green runs are kept.")
@option("--reports", type=click.Path(path_type=Path), metavar="DIR", help="Where reports go.")
@option(
    "--update-baseline/--no-update-baseline",
    default=None,
    help="Keep a run that passes as the last green one.  [default: not in pull requests]",
)
@option(
    "--sequential/--no-sequential",
    default=None,
    help="Play in batches, and stop as soon as the verdict is certain.",
)
@option(
    "--revision",
    metavar="TEXT",
    help="What is tested; an unfinished run of another revision is not continued.  "
    "[default: the commit, in GitHub and GitLab]",
)
@option("--dry-run", is_flag=True, help="Tell what would be played, and what drops it would find.")
@option("--json", "as_json", is_flag=True, help="Write events to stdout, one JSON object a line.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    config: Path | None,
    revision: str | None,
    dry_run: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Play a model, compare it with its baseline, and fail if it got worse.

    The configuration says what is played, compared with what, and which drop matters; see
    docs/CI.md. Options take the place of its keys. Killed half-way and started again, the command
    goes on where it was, pays for no call twice, and comes to the same verdict.

    \b
    vsbench ci --dry-run                      what it would play, cost and detect
    vsbench ci                                with [tool.vsbench.ci] in pyproject.toml
    vsbench ci --config ci.yml --model openai/gpt-4o

    \b
    Exit codes: 0 no regression, 1 regression, 2 bad input, 3 a limit was reached before a verdict,
    4 inconclusive, 70 an unexpected error, 130 interrupted.
    """
    # What plays is imported when it plays, so that help is shown at once.
    from vsbench.ci import attempts
    from vsbench.ci.config import read_config

    given = {name: value for name, value in values.items() if value not in (None, ())}
    read = read_config(config, given)
    with ExitStack() as stack:
        if dry_run:
            _dry_run(read, stack, as_json)
            return
        work = stack.enter_context(attempts.opened(read, revision))
        ctx.exit(_run(work, as_json))


def _run(work: Work, as_json: bool) -> Exit:
    from vsbench.ci import pipeline, reports, verdicts
    from vsbench.loggers import open_loggers, with_loggers
    from vsbench.reporting import github

    manifests = [job.manifest for job in work.jobs]
    loggers = open_loggers(work.settings.loggers)
    announce(manifests)
    warn(manifests, work.config.settings)
    for line in (*work.notes, *_about_baselines(work)):
        click.echo(f"vsbench: {printable(line)}", err=True)

    async def play(observer: Observer, budget: Budget) -> list[Played]:
        return await pipeline.play(work, with_loggers(observer, loggers), budget)

    again = "start again to go on where it stopped"
    played = play_with_display(play, work.settings, as_json, again)
    outcomes = pipeline.judge_all(work, played)
    if work.config.settings.update_baseline:
        outcomes = pipeline.keep_passed(work, outcomes)
    code = verdicts.exit_code(outcomes)
    folder = work.config.settings.reports
    reports.write_reports(folder, outcomes, code)
    if all(outcome.judgement.verdict != "no verdict" for outcome in outcomes):
        work.judged()
    with output_may_fail():
        if not as_json:
            _show(outcomes)
        github.publish(
            reports.to_markdown(outcomes), reports.github_annotations(outcomes), click.echo
        )
        for outcome in outcomes:
            name = outcome.job.subject.name
            click.echo(f"{printable(name)}: {printable(reports.headline(outcome))}", err=True)
            for line in (*outcome.judgement.reasons[1:], *outcome.report.hints):
                click.echo(f"  {printable(line)}", err=True)
        click.echo(f"reports: {printable(folder)}", err=True)
    return code


def _about_baselines(work: Work) -> Iterator[str]:
    """What each run is compared with, and what is not as configured."""
    from vsbench.ci.sequential import why_not

    for job in work.jobs:
        name, baseline = job.subject.name, job.baseline
        if baseline.directory is None:
            yield f"{name}: nothing to compare with: {baseline.note}"
            continue
        yield f"{name}: compared with {baseline.source}"
        if work.config.settings.sequential and (why := why_not(job)):
            yield f"{name}: played to its end, since {why}"
    if work.config.settings.cache is not None:
        yield (
            "replies from the cache are not measured again: a model that changed under the same "
            "name is not noticed"
        )


def _dry_run(config: Config, stack: ExitStack, as_json: bool) -> None:
    """Tell what would be played, what it costs, and what drops it would find."""
    from vsbench.ci import attempts
    from vsbench.ci.baselines import find_baseline
    from vsbench.estimates.plans import Goal, plan_run
    from vsbench.estimates.usage import Estimator

    manifests = attempts.plan(config)
    announce(manifests)
    warn(manifests, config.settings)
    for subject, manifest in zip(config.subjects, manifests, strict=True):
        baseline = find_baseline(config.settings, subject, manifest, stack)
        estimator = Estimator.of(config.settings, learn=baseline.directory or False)
        show_estimates([estimator.run(manifest)], estimator, as_json)
        about = f"compared with {baseline.source}"
        if baseline.directory is None:
            about = f"nothing to compare with: {baseline.note}"
        click.echo(f"{printable(subject.name)}: {printable(about)}", err=as_json)
        given = config.run_settings(subject, attempts.output(config))
        plan = plan_run(given, manifest, Goal(detect=ANY_DROP), estimator)
        for design in plan.designs_of("protocol"):
            click.echo(
                f"  {EVALUATION_TITLES[design.evaluation]}: a comparison finds drops of "
                f"{design.detectable:.1f} points or more with 80 % probability",
                err=as_json,
            )


def _show(outcomes: Sequence[Outcome]) -> None:
    from vsbench.reporting import tables
    from vsbench.reporting.differences import difference_tables
    from vsbench.reporting.formats import to_rich

    console = Console()
    for outcome in outcomes:
        if len(outcomes) > 1:
            click.echo(f"\n{printable(outcome.job.subject.name)}")
        if outcome.comparison is None:
            found = tables.run_tables(outcome.report.results)
        else:
            found = difference_tables(outcome.comparison, console.width)
        for table in found:
            console.print(to_rich(table))
