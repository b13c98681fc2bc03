"""``vsbench failures``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from vsbench.analyses.failures import KINDS, Failure, Failures, Kind, find_failures, summary
from vsbench.analyses.values import explain_losses
from vsbench.cli import option
from vsbench.cli.bars import bar
from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, UnitKey, run_directories
from vsbench.reporting.formats import Table, env_title, to_rich
from vsbench.writing import refuse_link

LIMIT = 5


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@option("--env", "envs", multiple=True, help="Environment id. Repeatable.  [default: all]")
@option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="What to look for. Repeatable.  [default: everything]",
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    help="Cases that are shown of each kind and environment, the worst first.",
)
@option("--pages", is_flag=True, help="Write the replays that the cases link to.")
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="As what.")
def command(
    directory: Path,
    envs: tuple[str, ...],
    kinds: tuple[Kind, ...],
    limit: int,
    pages: bool,
    form: str,
) -> None:
    """Show the decisions of the run in DIRECTORY that are worth looking at.

    \b
    illegal, unparsable, refused, truncated   a random legal move stood in
    blunder         far from the best by the game's own values, or from the oracle's choice
    contradiction   the reasoning settles on another action than was taken

    Each is shown with what the game's oracle would have done, and a replay opened at its step. A
    loss is an estimate that points at decisions worth a look, no score.
    """
    if (directory / TOURNAMENT).exists():
        raise UsageError(f"{directory} holds a tournament; name a pairing in it")
    found = [_find(path, envs, kinds or KINDS, limit) for path in run_directories(directory)]
    if pages:
        for _, shown in found:
            _write_pages(shown)
    if form == "json":
        click.echo(f"[{','.join(shown.model_dump_json(indent=2) for _, shown in found)}]")
        return
    for everything, shown in found:
        _tell(everything, shown)


def _find(
    directory: Path, envs: Sequence[str], kinds: Sequence[Kind], limit: int
) -> tuple[Failures, Failures]:
    """All that was found in a run, and what is shown of it."""
    with bar("episodes") as progress:
        everything = find_failures(directory, envs, kinds, progress.reach)
    shown = tuple(_first(everything.found, limit))
    return everything, everything.model_copy(update={"found": shown})


def _first(failures: Sequence[Failure], limit: int) -> Iterator[Failure]:
    """So many of each kind and environment."""
    seen: dict[tuple[str, str], int] = {}
    for failure in failures:
        place = (failure.env, failure.kind)
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= limit:
            yield failure


def _write_pages(shown: Failures) -> None:
    from vsbench.replay.html import html

    directory = Path(shown.directory)
    keys = [UnitKey("decision", failure.env, failure.episode) for failure in shown.found]
    for key in dict.fromkeys(keys):
        path = key.replay(directory)
        refuse_link(path)
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(html(directory, key), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _tell(everything: Failures, shown: Failures) -> None:
    console = Console()
    if everything.found:
        console.print(to_rich(_counts(everything)))
    else:
        click.echo(_headline(everything))
    if not everything.decisions:
        click.echo("The model made no decisions here. Bots' moves are not looked at.")
        return
    for failure in shown.found:
        click.echo("\n".join(_lines(failure)))
        click.echo()
    blunders = [failure.env for failure in shown.found if failure.kind == "blunder"]
    for titles, about in explain_losses(list(dict.fromkeys(blunders))):
        click.echo(f"Loss in {titles}: {about}.")
    hidden = len(everything.found) - len(shown.found)
    if hidden:
        click.echo(f"{hidden} more; --limit, --env and --kind choose what is shown.")


def _headline(failures: Failures) -> str:
    return (
        f"{printable(failures.model)}: {len(failures.found)} cases in "
        f"{failures.decisions} decisions of {failures.episodes} episodes"
    )


def _counts(failures: Failures) -> Table:
    counts = summary(failures.found)
    kinds = [kind for kind in KINDS if any(by_kind[kind] for by_kind in counts.values())]
    return Table(
        title=_headline(failures),
        columns=("environment", *kinds),
        rows=tuple(
            (env_title(env), *(str(by_kind[kind]) for kind in kinds))
            for env, by_kind in counts.items()
        ),
    )


def _lines(failure: Failure) -> Iterator[str]:
    cost = "" if failure.loss is None else f", at a loss of {failure.loss:g} ({failure.unit})"
    named = "" if failure.named is None else f", named {failure.named!r}"
    better = "" if failure.oracle is None else f"; the oracle: {failure.oracle}"
    yield (
        f"{failure.kind}: {failure.env}/{failure.episode}, step {failure.step}, "
        f"seat {failure.seat} ({failure.role}){named}"
    )
    yield f"  took {failure.taken}{cost}{better}"
    if failure.excerpt:
        yield f"  reply: {failure.excerpt}"
    yield f"  {failure.command}"
    yield f"  {failure.page}"
