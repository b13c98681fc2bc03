"""``vsbench models``."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from vsbench.adapters.registry import PROVIDERS, providers
from vsbench.prices import price_table


@click.command()
def command() -> None:
    """List model providers, what each needs, and known prices."""
    console = Console()
    table = Table(box=None, pad_edge=False)
    for heading in ("provider", "example", "needs", ""):
        table.add_column(heading)
    for name in providers():
        if name in PROVIDERS:
            line = PROVIDERS[name]
            extra = [rf"vsbench\[{line.extra}]"] if line.extra else []
            needs = ", ".join(extra + ([line.key] if line.key else [])) or "nothing"
            table.add_row(name, line.example, needs, line.about)
        else:
            table.add_row(name, f"{name}/...", "", "From another package.")
    table.add_row(
        "player", "player/random", "nothing", "A game's scripted players, playing without pictures."
    )
    console.print(table)
    prices = price_table()
    priced = Table(title=f"\nPrices, {prices.unit}, {prices.date}", title_justify="left", box=None)
    priced.add_column("model")
    for heading in ("input", "cached", "output"):
        priced.add_column(heading, justify="right")
    for model, price in prices.prices.items():
        cached = "" if price.cached is None else f"{price.cached:g}"
        priced.add_row(model, f"{price.input:g}", cached, f"{price.output:g}")
    console.print(priced)
