"""``vsbench replay``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from vsbench.api import replay
from vsbench.cli import argument, opened, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.errors import Exit, UsageError
from vsbench.printable import printable
from vsbench.protocols import standing_of
from vsbench.reconstruction.episode import parse_unit_key
from vsbench.reconstruction.findings import Finding
from vsbench.records.files import TOURNAMENT, open_run
from vsbench.sources import is_local
from vsbench.verification.run import verify
from vsbench.verification.tournament import verify_tournament


@click.command()
@argument("source")
@option(
    "--html",
    "page",
    metavar="EPISODE",
    help="Write an episode (for example kuhn_poker/3) as an HTML page to step through, or a sample "
    "(reasoning/kuhn_poker/3).",
)
@option("--gif", "animation", metavar="EPISODE", help="Write an episode as an animated GIF.")
@option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Output file.  [default: in the run's replays/]",
)
@option(
    "--dataset",
    "datasets",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="File or folder with the run's data sets, unless they ship.",
)
@option(
    "--trust-prompts",
    is_flag=True,
    help="Render prompts of an unknown pack, in a process with limits.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str,
    page: str | None,
    animation: str | None,
    to: Path | None,
    datasets: Path | None,
    trust_prompts: bool,
) -> None:
    """Verify the run or tournament at SOURCE, or show an episode of it.

    SOURCE is a directory, a bundle (.vsb), a link to a bundle or to the run's page on a
    leaderboard, or an object such as s3://bucket/run.vsb.

    Every episode follows from its seed and its moves. States, bots' moves, the parsing of replies,
    rewards and results are derived again and compared; the first difference in each episode is
    reported. A tournament is verified with all its pairings.

    \b
    Exit codes: 0 verified, 1 recorded and derived values differ.
    """
    if page and animation:
        raise click.UsageError("--html and --gif exclude each other")
    if to is not None and not (page or animation):
        raise click.UsageError("--to needs --html or --gif")
    if page or animation:
        suffix = ".html" if page else ".gif"
        if not is_local(source) and to is None:
            raise UsageError(f"{source} is no directory to write into: name the file with --to")
        directory = opened(ctx, [source])[0] if not is_local(source) else Path(source)
        _show(directory, page or animation or "", to, suffix, datasets, trust_prompts)
        return
    verified = [
        _verify_run(path, path if is_local(source) else source, datasets, trust_prompts)
        for path in opened(ctx, [source])
    ]
    directory = Path(source)
    if (directory / TOURNAMENT).exists():
        verified.append(_verify_tournament(directory, trust_prompts))
    ctx.exit(Exit.COMPLETE if all(verified) else Exit.INCOMPLETE)


def _show(
    directory: Path,
    episode: str,
    to: Path | None,
    suffix: str,
    datasets: Path | None,
    trust_prompts: bool,
) -> None:
    if to is not None and to.suffix.lower() != suffix:
        raise click.UsageError(f"--to {to} does not end in {suffix}")
    key = parse_unit_key(open_run(directory), episode)
    written = replay(
        directory,
        episode,
        to or key.replay(directory, suffix),
        dataset=datasets,
        trust_prompts=trust_prompts,
    )
    kind = "episode" if key.evaluation == "decision" else f"{key.evaluation}, sample"
    click.echo(f"{key.env}, {kind} {key.number}: {printable(written)}")


def _verify_run(
    directory: Path, name: Path | str, datasets: Path | None, trust_prompts: bool
) -> bool:
    with progress_bar("verifying") as progress:
        verified = verify(
            directory, progress.update, datasets=datasets, trust_prompts=trust_prompts
        )
    click.echo(
        f"{printable(name)}: {verified.finished} episodes and samples"
        + (f", {verified.unfinished} unfinished" if verified.unfinished else "")
        + f"; verified {verified.steps} steps, {verified.decisions} decisions, "
        f"{verified.samples} answers, {verified.bot_moves} bot moves, "
        f"{verified.prompts} prompts"
    )
    click.echo(f"  protocol {printable(standing_of(verified.manifest).summary)}")
    changed = (
        f"{package}: {then or 'not installed'} when recorded, {here or 'not installed'} here"
        for package, (then, here) in verified.versions.items()
    )
    return _report(verified.findings, changed)


def _verify_tournament(directory: Path, trust_prompts: bool) -> bool:
    click.echo(f"{printable(directory)}: tournament plan, pairings and results")
    return _report(verify_tournament(directory, trust_prompts=trust_prompts))


def _report(findings: Sequence[Finding], versions: Iterable[str] = ()) -> bool:
    """Print findings; return whether none of them is an error."""
    lines = [f"{'differs' if finding.is_error else 'note'}: {finding}" for finding in findings]
    for line in [*lines, *versions] if findings else []:
        click.echo(f"  {printable(line)}")
    ok = not any(finding.is_error for finding in findings)
    outcome = "passed" if ok else "failed: recorded and derived values differ"
    click.echo(f"  verification {outcome}")
    return ok
