"""Warnings about environment variables that no option reads."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator

import click

PREFIX = "VSBENCH_"

NOT_OPTIONS = ("VSBENCH_API_KEY", "VSBENCH_DEBUG")
"""Variables that do not set an option; see vsbench.adapters.openai and vsbench.cli.exceptions."""


def warn_of_unknown(ctx: click.Context, group: click.Group) -> None:
    """Warn of every ``VSBENCH_...`` variable that no command reads, and suggest a similar one."""
    given = sorted(name for name in os.environ if name.startswith(PREFIX))
    given = [name for name in given if name not in NOT_OPTIONS]
    if not given:
        return
    # Listing the variables imports every command, so do it only when needed.
    known = [*NOT_OPTIONS, *dict.fromkeys(_variables(ctx, group))]
    suffixes = [variable.removeprefix(PREFIX) for variable in known]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name.removeprefix(PREFIX).upper(), suffixes, n=1)
            hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
            click.echo(f"vsbench: warning: {name} is set, but no option reads it{hint}", err=True)


def _variables(ctx: click.Context, command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            if (subcommand := command.get_command(ctx, name)) is not None:
                yield from _variables(ctx, subcommand)
