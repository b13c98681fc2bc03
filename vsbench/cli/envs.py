"""``vsbench envs``."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from vsbench.cli import argument, option
from vsbench.errors import Exit
from vsbench.output_paths import write_errors
from vsbench_envs import catalogue, registry
from vsbench_envs.canvas import encode


class EnvsGroup(click.Group):
    """Subcommands, and ``vsbench envs NAME`` for ``vsbench envs show NAME``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take a word that is no subcommand for the name of an environment."""
        if args and args[0] not in {*self.commands, "--help", "-h"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Complete subcommands and environments."""
        envs = (env for env in registry.names() if env.startswith(incomplete))
        return [*super().shell_complete(ctx, incomplete), *map(CompletionItem, envs)]


@click.group(cls=EnvsGroup, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the environments; explain, check or make one.

    "vsbench envs NAME" is short for "vsbench envs show NAME".
    """
    if ctx.invoked_subcommand is not None:
        return
    listed = Table(*catalogue.INDEX_COLUMNS, box=None, pad_edge=False)
    # An id that is cut short cannot be given to --env.
    listed.columns[0].no_wrap = True
    listed.columns[0].overflow = "ignore"
    for game in registry.installed().values():
        listed.add_row(*catalogue.index_row(game.spec))
    Console().print(listed)
    for error in registry.plugins().broken().values():
        click.echo(f"vsbench: {error}", err=True)


@command.command()
@argument("name", required=False)
@option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PNG",
    help="Write what a player sees in the middle of an episode.",
)
def show(name: str | None, picture: Path | None) -> None:
    """Explain an environment: its rules, seats, actions, bots and anchors."""
    if name is None:
        raise click.UsageError("name an environment; --picture draws one")
    game = registry.get(name)
    Console().print(Markdown(catalogue.entry(game)))
    if picture is not None:
        with write_errors(picture):
            picture.write_bytes(encode(catalogue.picture(game)))
        click.echo(f"\nA picture of it: {picture}")


@command.command()
@argument("name")
@click.option("--fast", is_flag=True, help="Leave out checks that take seconds.")
def check(name: str, fast: bool) -> int:
    """Run the conformance suite over an environment.

    Exit code 1 if something is wrong or yet to be written.
    """
    from vsbench.testing import CHECKS
    from vsbench_envs.testing.checks import run_check

    if (broken := registry.plugins().broken().get(name)) is not None:
        raise broken
    game = registry.get(name)
    console, table = Console(), Table(box=None, pad_edge=False)
    for heading in ("stage", "check", "", ""):
        table.add_column(heading)
    passed, todo, failed = 0, 0, 0
    for one in CHECKS:
        if fast and one.slow:
            continue
        with console.status(str(one)):
            problem = run_check(one, game)
        if problem is None:
            passed += 1
            table.add_row(one.stage, one.name, "[green]ok[/]", "")
        elif problem.todo:
            todo += 1
            table.add_row(one.stage, one.name, "[yellow]to do[/]", escape(problem.message))
        else:
            failed += 1
            table.add_row(one.stage, one.name, "[red]failed[/]", escape(problem.message))
    console.print(table)
    console.print(f"\n{game.spec.title}: {passed} passed, {todo} to do, {failed} failed")
    return Exit.COMPLETE if not todo and not failed else Exit.INCOMPLETE


@command.command()
@argument("name")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write the package; it must not exist.  [default: NAME]",
)
def new(name: str, folder: Path | None) -> None:
    """Write the skeleton of a package with an environment called NAME."""
    from vsbench.skeleton import write_skeleton

    folder = folder or Path(name)
    write_skeleton(name, folder)
    click.echo(
        f"Wrote {folder}. Install it with: pip install -e {folder}\n"
        f"See what is to do with: vsbench envs check {name}"
    )
