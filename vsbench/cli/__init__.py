"""The command line: one thin file a command, imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from vsbench.cli.streams import close_streams, open_streams
from vsbench.errors import Exit

COMMANDS = {
    "run": "Play a model through games and measure it.",
    "tournament": "Let models and players meet, each with each, and rate them.",
    "play": "Take a seat yourself, against players or models.",
    "results": "Show the results of runs.",
    "failures": "Show the decisions of a run that are worth looking at.",
    "plot": "Draw scores, behaviours, settings or sources of runs, as a file.",
    "replay": "Check runs by deriving them again, or show an episode.",
    "dataset": "Build, describe, export and check recorded states to ask about.",
    "envs": "List the environments; explain, check or make one.",
    "anchors": "Measure random play and the oracle, the ends of the scale.",
    "models": "List model providers and what they need.",
    "protocols": "List what can be measured comparably, or explain it.",
    "prompts": "Show what models are asked, or copy the templates for changes.",
    "simulate": "Serve a simulated model provider on this machine.",
    "doctor": "Tell what is installed and whether models can be reached.",
}

MODULES = {"failures": "failure_cases"}
"""Commands whose module has another name than they have."""

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class Commands(click.Group):
    """Finds a command in its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; for the overview its line in the table is enough."""
        if cmd_name not in COMMANDS:
            return None
        module = MODULES.get(cmd_name, cmd_name)
        command: click.Command = import_module(f"vsbench.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="vsbench", prog_name="vsbench")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Measure how well vision-language models reason and decide in multi-agent games.

    \b
    Try it without a key:    vsbench run --model sighted/oracle --protocol vsbench-1-quick
    Measure a model:         vsbench run --model gpt-4o

    \b
    Exit codes: 0 complete, 1 incomplete or worse than before, 2 bad input, 3 a limit was
    reached, 70 an unexpected error (VSBENCH_DEBUG=1 shows its traceback), 130 interrupted.
    """
    from vsbench.cli.variables import warn_of_unknown

    warn_of_unknown(ctx, cli)


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """A command's option, also read from ``VSBENCH_<ITS_NAME>``; each value counts once."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0]
    variable = "VSBENCH_" + long.removeprefix("--").replace("-", "_").upper()
    attributes.setdefault("show_default", attributes.get("default") is not None)
    if attributes.get("multiple"):
        attributes.setdefault("callback", distinct)
    return click.option(*names, envvar=variable, **attributes)


def distinct(ctx: click.Context, param: click.Parameter, given: tuple[T, ...]) -> tuple[T, ...]:
    """A callback for repeatable options and arguments: each value once, paths by where they lead.

    Playing, reading or writing something twice because it was named twice is never wanted.
    """
    named: dict[object, T] = {}
    for value in given:
        named.setdefault(value.resolve() if isinstance(value, Path) else value, value)
    return tuple(named.values())


def stacked(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several options as one decorator, shown in this order."""

    def decorate(command: F) -> F:
        for each in reversed(options):
            command = each(command)
        return command

    return decorate


def main() -> None:
    """The program: runs a command and turns what goes wrong into messages and exit codes."""
    open_streams()
    try:
        code = int(cli.main(standalone_mode=False) or 0)
    except SystemExit as ended:
        # By 1, click and rich end a program whose output nobody reads (`vsbench results | head`).
        if ended.code != 1:
            raise
        code = int(Exit.COMPLETE)
    except BaseException as error:
        from vsbench.cli.failures import explain

        code = int(explain(error))
    finally:
        close_streams()
    sys.exit(code)
