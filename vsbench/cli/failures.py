"""``vsbench failures``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from vsbench.analyses.failures import KINDS, Failure, Failures, Kind, find_failures, summary
from vsbench.analyses.values import explain_losses
from vsbench.cli import argument, envs_option, opened, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.errors import UsageError
from vsbench.output_paths import refuse_link, write_errors
from vsbench.printable import printable
from vsbench.records.files import TOURNAMENT, UnitKey
from vsbench.reporting.formats import Table, env_title, to_rich
from vsbench.sources import is_local

LIMIT = 5


@click.command()
@argument("source")
@envs_option
@option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="Kind of failure. Repeatable.  [default: all]",
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    help="Show at most this many failures of each kind and environment.",
)
@option("--pages", is_flag=True, help="Write the replays that the failures link to.")
@option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output format."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str,
    envs: tuple[str, ...],
    kinds: tuple[Kind, ...],
    limit: int,
    pages: bool,
    form: str,
) -> None:
    """Show failure cases of the run at SOURCE, or of the runs in its folders.

    SOURCE is a directory, a bundle (.vsb), a link to a bundle or to the run's page on a
    leaderboard, or an object such as s3://bucket/run.vsb.

    \b
    illegal, unparsable, refused, truncated
                    the answer was invalid; a random legal move replaced it
    blunder         the action is far worse than the best, by the game's own values
    contradiction   the reasoning settles on another action than the answer

    Each is shown with the oracle's action and a replay opened at its step, the worst first. Losses
    are estimates for finding decisions worth reading; they are not scores.
    """
    if (Path(source) / TOURNAMENT).exists():
        raise UsageError(f"{source} is a tournament; name one of its pairings")
    if pages and not is_local(source):
        raise UsageError(f"{source} is no directory to write pages into; leave out --pages")
    found = [_find(path, envs, kinds or KINDS, limit) for path in opened(ctx, [source])]
    if not is_local(source):
        found = [(_elsewhere(every, source), _elsewhere(shown, source)) for every, shown in found]
    if pages:
        for _, shown in found:
            _write_pages(shown)
    if form == "json":
        click.echo(f"[{','.join(shown.model_dump_json(indent=2) for _, shown in found)}]")
        return
    for all_failures, shown in found:
        _print(all_failures, shown)


def _find(
    directory: Path, envs: Sequence[str], kinds: Sequence[Kind], limit: int
) -> tuple[Failures, Failures]:
    """All failures of a run, and those to be shown."""
    with progress_bar("episodes") as progress:
        all_failures = find_failures(directory, envs, kinds, progress.update)
    shown = tuple(_first(all_failures.found, limit))
    return all_failures, all_failures.model_copy(update={"found": shown})


def _elsewhere(found: Failures, source: str) -> Failures:
    """The failures of a run that is not kept in a directory here: pages go to the working one."""

    def located(failure: Failure) -> Failure:
        page = UnitKey("decision", failure.env, failure.episode).replay(Path()).name
        episode = f"{failure.env}/{failure.episode}"
        command = shlex.join(["vsbench", "replay", source, "--html", episode, "--to", page])
        return failure.model_copy(
            update={"command": command, "page": f"{page}#step={failure.step}"}
        )

    located_ones = tuple(map(located, found.found))
    return found.model_copy(update={"directory": source, "found": located_ones})


def _first(failures: Sequence[Failure], limit: int) -> Iterator[Failure]:
    """The first ``limit`` failures of each kind and environment."""
    seen: dict[tuple[str, str], int] = {}
    for failure in failures:
        place = (failure.env, failure.kind)
        seen[place] = seen.get(place, 0) + 1
        if seen[place] <= limit:
            yield failure


def _write_pages(shown: Failures) -> None:
    from vsbench.viewer.html import html

    directory = Path(shown.directory)
    keys = [UnitKey("decision", failure.env, failure.episode) for failure in shown.found]
    for key in dict.fromkeys(keys):
        path = key.replay(directory)
        refuse_link(path)
        with write_errors(path):
            path.parent.mkdir(exist_ok=True)
            path.write_text(html(directory, key), encoding="utf-8")


def _print(all_failures: Failures, shown: Failures) -> None:
    console = Console()
    if all_failures.found:
        console.print(to_rich(_counts(all_failures)))
    else:
        click.echo(_headline(all_failures))
    if not all_failures.decisions:
        click.echo("The model made no decisions here; moves of bots are not searched.")
        return
    for failure in shown.found:
        click.echo("\n".join(_lines(failure)))
        click.echo()
    blunders = [failure.env for failure in shown.found if failure.kind == "blunder"]
    for titles, about in explain_losses(list(dict.fromkeys(blunders))):
        click.echo(f"Loss in {titles}: {about}.")
    hidden = len(all_failures.found) - len(shown.found)
    if hidden:
        click.echo(f"{hidden} more; use --limit, --env and --kind to show others.")


def _headline(failures: Failures) -> str:
    return (
        f"{printable(failures.model)}: {len(failures.found)} failures in "
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
    loss = "" if failure.loss is None else f", losing {failure.loss:g} ({failure.unit})"
    named = "" if failure.named is None else f", named {failure.named!r}"
    better = "" if failure.oracle is None else f"; oracle: {failure.oracle}"
    yield (
        f"{failure.kind}: {failure.env}/{failure.episode}, step {failure.step}, "
        f"seat {failure.seat} ({failure.role}){named}"
    )
    yield f"  played {failure.taken}{loss}{better}"
    if failure.excerpt:
        yield f"  reply: {failure.excerpt}"
    yield f"  {failure.command}"
    yield f"  {failure.page}"
