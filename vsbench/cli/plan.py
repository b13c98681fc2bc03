"""``vsbench plan``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from vsbench.cli import option
from vsbench.cli.playing import learn_option, tell_notices, warn
from vsbench.cli.settings import model_settings, settings
from vsbench.reporting.formats import to_rich
from vsbench.runner import runs
from vsbench.settings import run_settings


@click.command()
@settings("models", "envs", "evals", "protocol", "episodes", "samples", "dataset", "seed", "seats")
@option("--half-width", type=float, metavar="POINTS", help="Half-width of 95 % intervals to reach.")
@option(
    "--detect",
    type=float,
    metavar="POINTS",
    help="Drop that a comparison of two runs is to find with 80 % probability.",
)
@option("--budget", type=float, metavar="USD", help="Find the best precision for this much money.")
@option(
    "--budget-tokens",
    type=int,
    metavar="N",
    help="Find the best precision for this many tokens, input and output together.",
)
@option("--unpaired", is_flag=True, help="The two runs of a comparison have different seeds.")
@model_settings
@settings("max_connections", "out", out="Where the run is going to be written.")
@learn_option
@option("--json", "as_json", is_flag=True, help="Write one JSON object per model to stdout.")
def command(
    half_width: float | None,
    detect: float | None,
    budget: float | None,
    budget_tokens: int | None,
    unpaired: bool,
    learn: Path | bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Plan how many episodes and samples a run needs, and what they cost. No model is called.

    Give one goal: --half-width, --detect, --budget or --budget-tokens. The plan for the overall
    score takes the fewest dollars (without prices, tokens) over all environments. Variances are
    the shipped ones, or those of your earlier runs.

    \b
    vsbench plan --model gpt-4o --half-width 5
    vsbench plan --model gpt-4o --eval decision --detect 8
    vsbench plan --model gpt-4o --env hanabi --env kuhn_poker --budget 20
    """
    from vsbench.estimates.plans import Goal, plan_run
    from vsbench.estimates.usage import Estimator
    from vsbench.reporting.plan import plan_notes, plan_tables

    given = run_settings(**values)
    goal = Goal(half_width, detect, budget, budget_tokens, paired=not unpaired)
    manifests, estimator = runs.plan(given), Estimator.of(given, learn)
    warn(manifests, given)
    console = Console()
    for manifest in manifests:
        plan = plan_run(given, manifest, goal, estimator)
        if as_json:
            click.echo(json.dumps({"event": "plan", **plan.plain()}))
            continue
        for table in plan_tables(plan):
            console.print(to_rich(table))
        for note in plan_notes(plan):
            console.print(note, highlight=False, markup=False)
        click.echo("\nTo run it:")
        for line in plan.commands:
            click.echo(f"  {line}")
    tell_notices(estimator)
