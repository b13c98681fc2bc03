"""``vsbench dataset``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pydantic import BaseModel
from rich.console import Console

from vsbench.cli import argument, distinct, envs_option, option
from vsbench.cli.progress_bar import progress_bar
from vsbench.cli.settings import setting
from vsbench.datasets.building import SAMPLES, build, planned_episodes, with_recipe
from vsbench.datasets.cards import card, card_progress_total, published_card, random_guess
from vsbench.datasets.checking import check
from vsbench.datasets.published import is_parquet
from vsbench.datasets.runs import from_runs
from vsbench.datasets.samples import Dataset, load
from vsbench.datasets.sets import find_set
from vsbench.errors import Exit, UsageError
from vsbench.evaluations.examples import check_rules
from vsbench.evaluations.export import export
from vsbench.output_paths import refuse_orphan, refuse_record, write_errors
from vsbench.printable import counted
from vsbench.prompts import PromptPack
from vsbench.reporting import datasets as tables
from vsbench.reporting.formats import Table, to_rich
from vsbench_envs import registry


@click.group()
def command() -> None:
    """Build, describe, export and check data sets of recorded states."""


@command.command("build")
@envs_option
@option("--seed", type=int, default=0, help="Random seed.")
@option("--samples", type=click.IntRange(min=1), default=SAMPLES, help="Maximum samples per set.")
@option(
    "--from-run",
    "runs",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Sample recorded runs (a run, or a folder of runs) instead of new episodes. Repeatable.",
)
@option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("datasets"),
    metavar="DIR",
    help="Output folder, for ENVIRONMENT.jsonl.",
)
@option("--overwrite", is_flag=True, help="Overwrite existing sets.")
def build_sets(
    envs: tuple[str, ...],
    seed: int,
    samples: int,
    runs: tuple[Path, ...],
    out: Path,
    overwrite: bool,
) -> None:
    """Build data sets from episodes of bots or from recorded runs.

    The same seed and version give the same bytes. Use a set with vsbench run --dataset.
    """
    refuse_record(out)
    refuse_orphan(out)
    taken = [path for env in envs or with_recipe() if (path := out / f"{env}.jsonl").exists()]
    if taken and not overwrite:
        raise UsageError(f"{taken[0]} already exists; choose another --out, or give --overwrite")
    if runs:
        with progress_bar("reading episodes") as progress:
            sets = from_runs(runs, envs, seed, samples, progress.advance)
        for dataset in sets:
            _write(dataset, out)
        return
    chosen = envs or tuple(_installed())
    for env in chosen:
        check_rules(env)
    for env in chosen:
        with progress_bar(f"{env}: playing episodes", planned_episodes(env, samples)) as progress:
            dataset = build(env, seed, samples, progress.advance)
        _write(dataset, out)


def _installed() -> Iterator[str]:
    """Yield the environments with a recipe that are installed; warn of the others."""
    for env in with_recipe():
        if (missing := registry.missing_extra(env)) is None:
            yield env
        else:
            click.echo(f"vsbench: warning: skipping {env}: {missing}", err=True)


@command.command()
@argument("name")
@option("--quick", is_flag=True, help="Leave out bots that search.")
@option("--json", "as_json", is_flag=True, help="Print the card as JSON.")
def show(name: str, quick: bool, as_json: bool) -> None:
    """Describe the data set NAME.

    NAME is a file of either kind, or the environment of a shipped set. Shows counts, the accuracy
    of guessing and of bots, and the quality and variety of the recorded play (TQ and SACo of
    Schweighofer et al., 2022).
    """
    path = find_set(name)
    if is_parquet(path):
        with progress_bar("reading rows") as progress:
            published = published_card(path, progress.advance)
        _show(published, tables.published_card_tables(published), as_json)
        return
    dataset = load(path)
    total = card_progress_total(dataset, slow=not quick)
    with progress_bar("bots are predicting", total) as progress:
        found = card(dataset, slow=not quick, progress=progress.advance)
    _show(found, tables.card_tables(found), as_json)


@command.command("export")
@argument("names", nargs=-1, required=True, callback=distinct)
@option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="Output folder, for data/ENVIRONMENT.parquet and README.md.",
)
@setting("prompts")
@option(
    "--modality",
    type=click.Choice(["image", "both"]),
    default="image",
    help="Give the state as image, or as image and text.",
)
def export_sets(names: tuple[str, ...], folder: Path, prompts: Path | None, modality: str) -> None:
    """Export the data sets NAMES as Parquet for the Hugging Face hub.

    Rows hold the prompts and pictures. Existing files of these sets are overwritten; others in the
    folder stay.
    """
    refuse_record(folder)
    refuse_orphan(folder)
    datasets = [load(find_set(name)) for name in names]
    pack = PromptPack.shipped(prompts, [dataset.header.env for dataset in datasets])
    for dataset in datasets:
        with progress_bar(f"{dataset.header.env}: drawing", len(dataset.samples)) as progress:
            with_text = modality == "both"
            path = export(dataset, folder, pack, with_text=with_text, progress=progress.advance)
        click.echo(f"{path}: {len(dataset.samples)} rows")


@command.command("check")
@argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), callback=distinct)
@click.pass_context
def check_files(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Check data sets in FILES: JSON Lines of vsbench, or Parquet as published.

    \b
    Exit codes: 0 no problems, 1 problems found, 2 a file cannot be read.
    """
    any_findings = False
    for file in files:
        findings = list(check(file))
        any_findings = any_findings or bool(findings)
        click.echo(f"{file}: {counted(len(findings), 'finding') if findings else 'no findings'}")
        for finding in findings:
            click.echo(f"  {finding}")
    ctx.exit(Exit.INCOMPLETE if any_findings else Exit.COMPLETE)


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
        path.write_bytes(dataset.content)
    guess = tables.percent(random_guess(dataset))
    click.echo(
        f"{path}: {len(dataset.samples)} samples of {len(dataset.episodes)} episodes, "
        f"{len(dataset.content) // 1024} kB; accuracy of a random guess: {guess}"
    )
