"""``vsbench dataset``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pydantic import BaseModel
from rich.console import Console

from vsbench.cli import distinct, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.cli.settings import setting
from vsbench.datasets.building import SAMPLES, build, planned, with_recipe
from vsbench.datasets.cards import card, published_card, random_guess, work
from vsbench.datasets.checking import check
from vsbench.datasets.published import is_parquet
from vsbench.datasets.runs import from_runs
from vsbench.datasets.samples import Dataset, find, load
from vsbench.errors import Exit, UsageError
from vsbench.evaluations.export import export
from vsbench.prompts import PromptPack
from vsbench.records.guard import refuse_record
from vsbench.reporting import datasets as tables
from vsbench.reporting.formats import Table, to_rich
from vsbench.writing import refuse_orphan, write_errors
from vsbench_envs import registry


@click.group()
def command() -> None:
    """Build, describe, export and check sets of recorded states to ask about."""


@command.command("build")
@option("--env", "envs", multiple=True, help="Environment id. Repeatable.  [default: all]")
@option("--seed", type=int, default=0, help="Names all chance in the sets.")
@option(
    "--samples", type=click.IntRange(min=1), default=SAMPLES, help="Samples in each set, at most."
)
@option(
    "--from-run",
    "runs",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Take samples of a run, or of the runs in a folder, instead of playing. Repeatable.",
)
@option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("datasets"),
    metavar="DIR",
    help="Where to write ENVIRONMENT.jsonl.",
)
@option("--overwrite", is_flag=True, help="Replace sets that are there already.")
def build_sets(
    envs: tuple[str, ...],
    seed: int,
    samples: int,
    runs: tuple[Path, ...],
    out: Path,
    overwrite: bool,
) -> None:
    """Make data sets, from bots' games or from recorded runs.

    The same seed and version make the same bytes. Use a set with vsbench run --dataset.
    """
    refuse_record(out)
    refuse_orphan(out)
    taken = [path for env in envs or with_recipe() if (path := out / f"{env}.jsonl").exists()]
    if taken and not overwrite:
        raise UsageError(f"{taken[0]} is there already; choose another --out, or --overwrite it")
    if runs:
        with progress_bar("reading episodes") as progress:
            sets = from_runs(runs, envs, seed, samples, progress.advance)
        for dataset in sets:
            _write(dataset, out)
        return
    for env in envs or _installed():
        with progress_bar(f"{env}: playing episodes", planned(env, samples)) as progress:
            dataset = build(env, seed, samples, progress.advance)
        _write(dataset, out)


def _installed() -> Iterator[str]:
    """The environments that sets can be made of here; the others are said to be left out."""
    for env in with_recipe():
        if (missing := registry.missing_extra(env)) is None:
            yield env
        else:
            click.echo(f"vsbench: warning: skipping {env}: {missing}", err=True)


@command.command()
@click.argument("name")
@option("--quick", is_flag=True, help="Leave out players that search.")
@option("--json", "as_json", is_flag=True, help="Write the card as a JSON object.")
def show(name: str, quick: bool, as_json: bool) -> None:
    """Describe the data set NAME: a file of either kind, or the environment of a shipped set.

    Counts, what guessing is worth, how well bots predict, and how good and varied the
    recorded play is (TQ and SACo of Schweighofer et al., 2022).
    """
    path = find(name)
    if is_parquet(path):
        with progress_bar("reading rows") as progress:
            published = published_card(path, progress.advance)
        _show(published, tables.published_card_tables(published), as_json)
        return
    dataset = load(path)
    with progress_bar("asking players", work(dataset, slow=not quick)) as progress:
        found = card(dataset, slow=not quick, progress=progress.advance)
    _show(found, tables.card_tables(found), as_json)


@command.command("export")
@click.argument("names", nargs=-1, required=True, callback=distinct)
@option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="A folder for data/ENVIRONMENT.parquet and README.md.",
)
@setting("prompts")
@option(
    "--modality",
    type=click.Choice(["image", "both"]),
    default="image",
    help="Give the state as image, or in words as well.",
)
def export_sets(names: tuple[str, ...], folder: Path, prompts: Path | None, modality: str) -> None:
    """Write the data sets NAMES as Parquet, with prompts and pictures, for the Hugging BaseEnv hub.

    A set that the folder holds already is written over; others in it stay.
    """
    refuse_record(folder)
    refuse_orphan(folder)
    datasets = [load(find(name)) for name in names]
    pack = PromptPack.shipped(prompts, [dataset.header.env for dataset in datasets])
    for dataset in datasets:
        with progress_bar(f"{dataset.header.env}: drawing", len(dataset.samples)) as progress:
            told = modality == "both"
            path = export(dataset, folder, pack, told=told, progress=progress.advance)
        click.echo(f"{path}: {len(dataset.samples)} rows")


@command.command("check")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=distinct
)
@click.pass_context
def check_files(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Check data sets in FILES: ours, or Parquet of the published columns.

    \b
    Exit codes: 0 nothing to find, 1 something is wrong, 2 a file cannot be read.
    """
    wrong = False
    for file in files:
        findings = list(check(file))
        wrong = wrong or bool(findings)
        click.echo(f"{file}: {len(findings) or 'no'} finding{'s'[len(findings) == 1 :]}")
        for finding in findings:
            click.echo(f"  {finding}")
    ctx.exit(Exit.INCOMPLETE if wrong else Exit.COMPLETE)


def _show(found: BaseModel, shown: Iterable[Table], as_json: bool) -> None:
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    for table in shown:
        Console().print(to_rich(table))


def _write(dataset: Dataset, folder: Path) -> None:
    path = folder / f"{dataset.header.env}.jsonl"
    with write_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dataset.text)
    guess = tables.percent(random_guess(dataset))
    click.echo(
        f"{path}: {len(dataset.samples)} samples of {len(dataset.episodes)} episodes, "
        f"{len(dataset.text) // 1024} kB; a random guess is right in {guess}"
    )
