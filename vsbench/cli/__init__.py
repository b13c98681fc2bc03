"""The command line: one module per command, imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from vsbench.cli.streams import close_streams, open_streams
from vsbench.errors import Exit

if TYPE_CHECKING:
    from vsbench.logs import Level

COMMANDS = {
    "run": "Play models through games and measure them.",
    "plan": "Plan the episodes that a precision, a detectable drop or a budget needs.",
    "tournament": "Play a round robin of models and bots, and rate them.",
    "play": "Play a game yourself, against bots or models.",
    "ci": "Play, compare with a baseline, and fail if a model got worse.",
    "results": "Show the results of runs and tournaments.",
    "compare": "Compare runs with a base run: what became worse, and how sure that is.",
    "export": "Export runs and tournaments as tidy tables.",
    "failures": "Show failure cases: invalid answers, blunders, contradictions.",
    "plot": "Plot scores, behaviours, settings, predictions or differences of runs.",
    "replay": "Verify runs, or write the replay of an episode.",
    "dataset": "Build, describe, export and check data sets of recorded states.",
    "envs": "List the environments; describe, check or create one.",
    "anchors": "Measure random play and the oracle, the anchors of scores.",
    "models": "List model providers, their options, and known models.",
    "protocols": "List the protocols, or describe one.",
    "prompts": "Show prompts, or copy the templates to change them.",
    "simulate": "Serve a simulated model provider on this machine.",
    "completion": "Print the script that lets a shell complete commands and values.",
    "doctor": "Check packages, API keys, and whether models can be reached.",
}
"""Name -> summary of each command; each is ``command`` in the module of its name."""

COMPLETE = "_VSBENCH_COMPLETE"
"""Environment variable by which the script of a shell asks for completions."""

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command from its module."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"vsbench.cli.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete names of commands, without importing them, and options."""
        known = COMMANDS.items()
        found = [CompletionItem(n, help=about) for n, about in known if n.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the summaries, without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """An option that is also read from ``VSBENCH_<NAME>``; repeated values count once."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0]
    variable = "VSBENCH_" + long.removeprefix("--").replace("-", "_").upper()
    attributes.setdefault("show_default", attributes.get("default") is not None)
    attributes.setdefault("shell_complete", _complete)
    if attributes.get("multiple"):
        attributes.setdefault("callback", distinct)
    return click.option(*names, envvar=variable, **attributes)


def argument(name: str, **attributes: Any) -> Callable[[F], F]:
    """An argument whose values shells complete; see :mod:`vsbench.cli.values`."""
    return click.argument(name, shell_complete=_complete, **attributes)


def _complete(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from vsbench.cli.values import complete

    return complete(ctx, param, incomplete)


def distinct(ctx: click.Context, param: click.Parameter, given: tuple[T, ...]) -> tuple[T, ...]:
    """Callback of repeatable options and arguments that drops duplicates."""
    return unique(given)


def unique(values: Iterable[T]) -> tuple[T, ...]:
    """Each value once, in order; paths are compared by where they lead."""
    found: dict[object, T] = {}
    for value in values:
        found.setdefault(value.resolve() if isinstance(value, Path) else value, value)
    return tuple(found.values())


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@option(
    "--log-level",
    "log_level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    help="Log messages from this level on: retries and waits are info; every call, journal line "
    "and the SDKs' own messages are debug.  [default: warning; info in a file]",
)
@option(
    "--log-file",
    "log_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append the log to this file instead of stderr; JSON Lines if it ends in .jsonl.",
)
@click.version_option(package_name="vsbench", prog_name="vsbench")
@click.pass_context
def cli(ctx: click.Context, log_level: Level | None, log_file: Path | None) -> None:
    """Measure how well vision-language models perceive, reason and decide in multi-agent games.

    \b
    Try it without an API key:  vsbench run --model sighted/oracle --protocol vsbench-1-quick
    Measure a model:            vsbench run --model gpt-4o
    See every retry and call:   vsbench --log-level debug --log-file log.txt run --model gpt-4o

    \b
    Exit codes: 0 complete, 1 incomplete, worse or with findings, 2 bad input, 3 limit reached,
    4 inconclusive, 70 unexpected error (VSBENCH_DEBUG=1 shows the traceback), 130 interrupted.
    """
    from vsbench.cli.environment import warn_of_unknown

    warn_of_unknown(ctx, cli)
    if log_level or log_file:
        from vsbench.logs import configure

        configure(log_level, log_file, ctx.with_resource(ExitStack()))


def stacked(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Combine options into one decorator; help lists them in this order."""

    def decorate(command: F) -> F:
        for each in reversed(options):
            command = each(command)
        return command

    return decorate


def opened(ctx: click.Context, sources: Iterable[str]) -> list[Path]:
    """The directories of the runs at these sources, each once; temporary ones last as long as the
    command does."""
    from vsbench.sources import open_runs

    stack = ctx.with_resource(ExitStack())
    return list(unique(path for source in sources for path in open_runs(source, stack)))


envs_option = option(
    "--env",
    "envs",
    multiple=True,
    metavar="ENV",
    help="Environment id. Repeatable.  [default: all]",
)
"""``--env ENV`` of commands that are not given a protocol; the command gets ``envs``."""


def main(command: click.Command = cli) -> None:
    """Run the program: a command, whose exceptions become messages and exit codes."""
    open_streams()
    if COMPLETE in os.environ:
        import_module("vsbench.cli.shells")
    try:
        code = int(command.main(standalone_mode=False) or 0)
    except SystemExit as ended:
        # Click and rich exit with 1 when the reader of the output has ended (`... | head`).
        if ended.code != 1:
            raise
        code = int(Exit.COMPLETE)
    except BaseException as error:
        from vsbench.cli.exceptions import report

        code = int(report(error))
    finally:
        close_streams()
    sys.exit(code)
