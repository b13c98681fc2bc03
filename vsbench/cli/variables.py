"""Environment variables of vsbench: those that nothing reads are named, with what is near."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator

import click

PREFIX = "VSBENCH_"

OTHERS = ("VSBENCH_API_KEY", "VSBENCH_DEBUG")
"""Variables that are no options: see vsbench.adapters.openai.factory and vsbench.cli.failures."""


def warn_of_unknown(ctx: click.Context, group: click.Group) -> None:
    """Warn of every ``VSBENCH_...`` that no command reads."""
    given = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in OTHERS)
    if not given:
        return
    # To know every command's variables is to import all of them: only where it may matter.
    known = [*OTHERS, *dict.fromkeys(_variables(ctx, group))]
    for name in given:
        if name not in known:
            ends = [variable.removeprefix(PREFIX) for variable in known]
            near = difflib.get_close_matches(name.removeprefix(PREFIX).upper(), ends, n=1)
            hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
            told = f"vsbench: warning: {name} is set, but no option reads it{hint}"
            click.echo(told, err=True)


def _variables(ctx: click.Context, command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            if (inner := command.get_command(ctx, name)) is not None:
                yield from _variables(ctx, inner)
