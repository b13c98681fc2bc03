"""``vsbench replay``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from vsbench.api import replay
from vsbench.cli import option
from vsbench.cli.progress_bar import progress_bar
from vsbench.errors import Exit
from vsbench.printable import printable
from vsbench.protocols import standing_of
from vsbench.reconstruction.episode import episode_key
from vsbench.reconstruction.findings import Finding
from vsbench.records.files import TOURNAMENT, open_run, run_directories
from vsbench.verification.run import verify
from vsbench.verification.tournament import check_tournament


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@option(
    "--html",
    "page",
    metavar="EPISODE",
    help="Write what each seat saw, was asked and answered, as one page: kuhn_poker/3.",
)
@option("--gif", "film", metavar="EPISODE", help="Write what each seat saw, as an animation.")
@option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to.  [default: in the run's replays/]",
)
@option(
    "--dataset",
    "datasets",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="Where the data sets are that the run asks about, unless they ship.",
)
@option(
    "--trust-prompts",
    is_flag=True,
    help="Render prompts of a pack that is not ours, within limits.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    directory: Path,
    page: str | None,
    film: str | None,
    to: Path | None,
    datasets: Path | None,
    trust_prompts: bool,
) -> None:
    """Derive the run in DIRECTORY again and compare, or show an episode of it.

    Every episode follows from its seed and its moves. States, scripted moves, the reading of
    replies, rewards and results are worked out again; the first step that differs is named. Of a
    tournament that is done for all pairings, and for its own results.

    \b
    Exit codes: 0 all agrees, 1 something differs.
    """
    if page and film:
        raise click.UsageError("--html and --gif are asked for one at a time")
    if to is not None and not (page or film):
        raise click.UsageError("--to says where --html or --gif writes; name one of them")
    if page or film:
        _show(directory, page or film or "", to, ".html" if page else ".gif", trust_prompts)
        return
    verified = [_verify(path, datasets, trust_prompts) for path in run_directories(directory)]
    if (directory / TOURNAMENT).exists():
        verified.append(_verify_tournament(directory, trust_prompts))
    ctx.exit(Exit.COMPLETE if all(verified) else Exit.INCOMPLETE)


def _show(directory: Path, episode: str, to: Path | None, suffix: str, trust_prompts: bool) -> None:
    if to is not None and to.suffix.lower() != suffix:
        raise click.UsageError(f"--to {to} does not end in {suffix}")
    key = episode_key(open_run(directory), episode)
    written = replay(
        directory, episode, to or key.replay(directory, suffix), trust_prompts=trust_prompts
    )
    click.echo(f"{key.env}, episode {key.number}: {printable(written)}")


def _verify(directory: Path, datasets: Path | None, trust_prompts: bool) -> bool:
    with progress_bar("deriving episodes") as progress:
        verified = verify(
            directory, progress.update, datasets=datasets, trust_prompts=trust_prompts
        )
    click.echo(
        f"{printable(directory)}: {verified.finished} episodes and samples"
        + (f", {verified.unfinished} unfinished" if verified.unfinished else "")
        + f"; derived again: {verified.steps} steps, {verified.decisions} decisions, "
        f"{verified.samples} answers, {verified.scripted} scripted moves, "
        f"{verified.prompts} prompts"
    )
    click.echo(f"  protocol {printable(standing_of(verified.manifest).summary)}")
    changed = (
        f"{package} was {then or 'absent'} then, and is {here or 'absent'} here"
        for package, (then, here) in verified.versions.items()
    )
    return _tell(verified.findings, changed)


def _verify_tournament(directory: Path, trust_prompts: bool) -> bool:
    click.echo(f"{printable(directory)}: the tournament's pairings and results")
    return _tell(check_tournament(directory, trust_prompts=trust_prompts))


def _tell(findings: Sequence[Finding], versions: Iterable[str] = ()) -> bool:
    """Tell of what differs, and return whether nothing speaks against the record."""
    lines = [f"{'differs' if finding.counts else 'note'}: {finding}" for finding in findings]
    for line in [*lines, *versions] if findings else []:
        click.echo(f"  {printable(line)}")
    ok = not any(finding.counts for finding in findings)
    click.echo(
        "  everything agrees" if ok else "  verification failed: recorded and derived values differ"
    )
    return ok
