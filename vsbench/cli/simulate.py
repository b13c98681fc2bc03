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
            raise click.BadParameter(f"fault {fault} is given twice")
        rates[fault] = rate
    return rates


@click.command(epilog=f"Faults: {', '.join(FAULTS)}. Odd replies: {', '.join(ODD)}.")
@option("--port", type=int, default=DEFAULTS.port, help="TCP port; 0 picks a free one.")
@option(
    "--policy",
    default=DEFAULTS.policy,
    metavar="POLICY",
    help="Policy of the answers: oracle, greedy, random, legal (random, not reading pictures), "
    "or blind (oracle, from the text only); or a mixture, as in oracle=0.8,random=0.2.",
)
@option(
    "--dataset",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Published data sets, a Parquet file or a folder, with the correct answers.  "
    "[default: guess]",
)
@option("--seed", type=int, default=DEFAULTS.seed, help="Random seed of faults and delays.")
@option("--latency", type=float, default=DEFAULTS.latency, help="Mean latency in seconds.")
@option(
    "--jitter", type=float, default=DEFAULTS.jitter, help="Variation of the latency in seconds."
)
@option(
    "--faults",
    type=float,
    default=DEFAULTS.faults,
    help="Share of calls that fail, over all kinds of faults.",
)
@option(
    "--odd",
    type=float,
    default=DEFAULTS.odd,
    help="Share of calls with odd replies, over all kinds of them.",
)
@option(
    "--odd-in-turn",
    is_flag=True,
    help="Send every odd reply once, in turn, to the first calls.",
)
@option(
    "--fault",
    "rates",
    multiple=True,
    callback=_rates,
    metavar="FAULT=RATE",
    help="Share of calls with one fault or odd reply. Repeatable.",
)
@option("--stall", type=float, default=DEFAULTS.stall, help="Duration of stalled calls in seconds.")
@option(
    "--retry-after",
    type=float,
    default=DEFAULTS.retry_after,
    help="Retry-After of rate limits in seconds.",
)
@option("--capacity", type=int, help="Reject calls beyond this many at once.  [default: no limit]")
@option(
    "--context", type=int, help="Context window in tokens, prompt and answer.  [default: no limit]"
)
@option("--key", metavar="KEY", help="Required API key.  [default: any]")
def command(**values: Any) -> None:
    """Serve a simulated model provider on this machine.

    It implements the APIs of OpenAI and Anthropic, and answers from the pictures, or from the text
    if there are none. Set OPENAI_BASE_URL or ANTHROPIC_BASE_URL to the printed address and use any
    model name: in tests, in CI, or to see how faults are handled.
    """
    try:
        settings = SimulationSettings(**values)
    except ValueError as error:
        raise UsageError(str(error)) from None
    try:
        serve(settings)
    except OSError as error:
        raise UsageError(f"port {settings.port} cannot be used: {error.strerror}") from None
