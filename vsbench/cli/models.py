"""``vsbench models``."""

from __future__ import annotations

from typing import Any, get_args

import click
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from vsbench.adapters.hf import THINKING_VARIABLES
from vsbench.adapters.openai.servers import server_table
from vsbench.adapters.registry import PROVIDERS, Provider, packages_of, provider_options, providers
from vsbench.models import model_table, traits_of

KINDS = {bool: "true, false", int: "number", float: "number"}

BOTS = Provider("", "Bots of the games, which play without pictures.", "bot/random")


@click.command()
def command() -> None:
    """List model providers, their options, and known models."""
    console = Console()
    for table in (_providers(), _options(), _switches(), _models()):
        console.print(table)


def _providers() -> RichTable:
    table = _table("Providers", "provider", "requires", "example")
    for name in providers():
        if (ours := PROVIDERS.get(name)) is not None:
            table.add_row(name, _needs(ours), f"[bold]{escape(ours.example)}[/]\n{ours.about}")
        else:
            table.add_row(
                name,
                "",
                f"[bold]{name}/...[/]\nFrom the package {' and '.join(packages_of(name))}.",
            )
    table.add_row("bot", _needs(BOTS), f"[bold]{BOTS.example}[/]\n{BOTS.about}")
    return table


def _needs(provider: Provider) -> str:
    extra = [escape(f"vsbench[{provider.extra}]")] if provider.extra else []
    return "\n".join(extra + ([provider.key] if provider.key else [])) or "nothing"


def _options() -> RichTable:
    """Options of providers; those with the same description share a row."""
    table = _table("Provider options: --model-option NAME=VALUE", "name", "values", "description")
    table.columns[0].no_wrap = True
    shared: dict[tuple[str, ...], list[str]] = {}
    for provider in PROVIDERS:
        for name, field in provider_options(provider).model_fields.items():
            line = (name, _values(field), escape(" ".join((field.description or "").split())))
            shared.setdefault(line, []).append(f"{provider}.{name}")
    for (_, values, about), names in shared.items():
        table.add_row("\n".join(names), values, about)
    return table


def _values(field: FieldInfo) -> str:
    return ", ".join(dict.fromkeys(_choices(field.annotation)))


def _choices(annotation: Any) -> list[str]:
    """The values of literals, and the names of other types, that an annotation allows."""
    if isinstance(annotation, str):
        return [annotation]
    if parts := get_args(annotation):
        return [choice for part in parts for choice in _choices(part)]
    return [] if annotation is type(None) else [KINDS.get(annotation, "text")]


def _switches() -> RichTable:
    """Fields of requests that switch thinking, by server."""
    title = "Models with switchable thinking: on by default, --thinking off turns it off"
    table = _table(title, "server", "switch", "token budget")
    table.add_row("anthropic", "thinking", "Claude 4.5 and older")
    for name, row in server_table().servers.items():
        if (switch := row.thinking) is not None:
            table.add_row(name, ", ".join(switch.on), "yes" if switch.budget else "no")
    table.add_row("hf", f"{' or '.join(THINKING_VARIABLES)} of the chat template", "no")
    table.add_row("other", "none: the server's default applies", "no")
    return table


def _models() -> RichTable:
    known = model_table()
    figures = ("context", "answer", "input", "cached", "output")
    table = _table(f"Known models; {known.unit}, {known.date}", "model", "thinking", *figures)
    for column in table.columns[1:]:
        column.no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"
    current = ""
    for model, price in known.prices.items():
        provider, _, name = model.partition("/")
        if provider != current:
            table.add_row(f"[bold]{provider}/[/]")
            current = provider
        traits = traits_of(model)
        sizes = (_size(traits.context), _size(traits.max_output))
        cached = "" if price.cached is None else f"{price.cached:g}"
        costs = (f"{price.input:g}", cached, f"{price.output:g}")
        table.add_row(f" {name}", traits.thinking or "", *sizes, *costs)
    return table


def _size(tokens: int | None) -> str:
    """Format tokens in thousands or millions."""
    if tokens is None:
        return ""
    return f"{tokens / 1e6:.0f}M" if tokens >= 1_000_000 else f"{tokens / 1e3:.0f}k"


def _table(title: str, *columns: str) -> RichTable:
    table = RichTable(title=f"\n{title}", title_justify="left", title_style="bold", box=None)
    table.padding, table.pad_edge, table.collapse_padding = (0, 1), False, True
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
