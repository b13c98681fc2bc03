"""The option that tells a provider something of its own."""

from __future__ import annotations

import click

from vsbench.cli import option


def _read(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    options: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or "." not in name:
            raise click.BadParameter(
                f"{text!r} is not of the form PROVIDER.KEY=VALUE, as in hf.batch_size=16"
            )
        if name in options:
            raise click.BadParameter(f"{name} is given twice")
        options[name] = value
    return options


model_option = option(
    "--model-option",
    "model_options",
    multiple=True,
    callback=_read,
    metavar="PROVIDER.KEY=VALUE",
    help="An option of a provider's own, as hf.batch_size=16. Repeatable.",
)
"""``--model-option PROVIDER.KEY=VALUE``, repeatable; a command gets ``model_options``."""
