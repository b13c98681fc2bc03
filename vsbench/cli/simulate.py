"""``vsbench simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vsbench.cli import option
from vsbench.errors import UsageError
from vsbench.simulation.faults import FAULTS, ODD, parse_rate
from vsbench.simulation.server import serve
from vsbench.simulation.settings import SimulationSettings

DEFAULTS = SimulationSettings()


def _rates(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    rates: dict[str, float] = {}
    for text in given:
        try:
            fault, rate = parse_rate(text)
        except (ValueError, LookupError) as error:
            raise click.BadParameter(str(error)) from None
        if fault in rates:
            raise click.BadParameter(f"{fault} is given twice; each fault has one rate")
        rates[fault] = rate
    return rates


@click.command(epilog=f"Faults: {', '.join(FAULTS)}. Odd replies: {', '.join(ODD)}.")
@option("--port", type=int, default=DEFAULTS.port, help="0 picks a free one.")
@option(
    "--policy",
    default=DEFAULTS.policy,
    help="Who answers: oracle, greedy, random, legal (random without looking), "
    "or blind (the oracle from the text alone).",
)
@option(
    "--dataset",
    type=click.Path(path_type=Path),
    help="Published sets (a Parquet file or a folder) to look up the right answers in.  "
    "[default: guess]",
)
@option("--seed", type=int, default=DEFAULTS.seed, help="Of faults and delays.")
@option("--latency", type=float, default=DEFAULTS.latency, help="Mean seconds to an answer.")
@option("--jitter", type=float, default=DEFAULTS.jitter, help="Seconds that it varies by.")
@option(
    "--faults",
    type=float,
    default=DEFAULTS.faults,
    help="Share of calls that go wrong, over all kinds of faults.",
)
@option(
    "--odd",
    type=float,
    default=DEFAULTS.odd,
    help="Share of calls that get odd replies, over all kinds of them.",
)
@option(
    "--odd-in-turn",
    is_flag=True,
    help="Give the first calls every odd reply once, one after the other.",
)
@option(
    "--fault",
    "rates",
    multiple=True,
    callback=_rates,
    metavar="FAULT=RATE",
    help="Share of calls for one kind. Repeatable.",
)
@option("--stall", type=float, default=DEFAULTS.stall, help="Seconds that a stalled call hangs.")
@option(
    "--retry-after",
    type=float,
    default=DEFAULTS.retry_after,
    help="Seconds that a rate limit advises.",
)
@option("--capacity", type=int, help="Calls at once; more are turned away.  [default: no limit]")
@option("--context", type=int, help="Most tokens of prompt and answer.  [default: no limit]")
@option("--key", help="The key that callers must show.  [default: any]")
def command(**values: Any) -> None:
    """Serve a simulated model provider on this machine.

    It speaks OpenAI's and Anthropic's protocols and plays from the pictures, or from the text where
    there are none. Point OPENAI_BASE_URL
    or ANTHROPIC_BASE_URL at the printed address and run any model name against it: in tests, in
    CI, or to see how faults are handled.
    """
    try:
        settings = SimulationSettings(**values)
    except ValueError as error:
        raise UsageError(str(error)) from None
    try:
        serve(settings)
    except OSError as error:
        raise UsageError(f"port {settings.port} cannot be used: {error.strerror}") from None
