"""Export runs as a folder for a dataset hub: a card, tables as Parquet, and the runs as bundles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from vsbench.datasets.hub import HubCard, write_card
from vsbench.datasets.samples import Progress
from vsbench.exports.files import refuse_existing, replacing, write_tables
from vsbench.exports.tables import TABLES, Source, Sources, TableName
from vsbench.output_paths import refuse_orphan, refuse_record
from vsbench.printable import folder_name, printable
from vsbench.records.bundle import SUFFIX, pack
from vsbench.records.files import open_run
from vsbench.records.results import AnchorSet, Results
from vsbench.reporting.formats import format_interval
from vsbench.scoring.results import results_of
from vsbench.settings import Evaluation

BODY = """# Runs of {models} on VS-Bench

Vision-language models played the multi-agent games of [VS-Bench](https://vs-bench.github.io) with
the harness vsbench. Figures have 95 % intervals; `standing` says what they are comparable with.

| run | model | standing | decision-making | reasoning | perception |
|---|---|---|---|---|---|
{runs}

## Tables

{tables}

```python
from datasets import load_dataset

{first} = load_dataset("USER/NAME", "{first}", split="test")
```

Each column of the Parquet files has its description and unit in the file's metadata.

## Runs

`runs/` holds each run as one file with all prompts, replies and moves:

```sh
vsbench results runs/{bundle}
vsbench replay runs/{bundle}     # verify it: play every episode again and compare
```
"""


def export_hub(
    sources: Sources,
    folder: Path,
    tables: Sequence[TableName] = (),
    *,
    license: str | None = None,  # noqa: A002
    anchors: AnchorSet = "paper",
    force: bool = False,
    progress: Progress = lambda more: None,
) -> list[Path]:
    """Write runs into a folder that can be uploaded as it is.

    Args:
        sources: runs and tournaments.
        folder: created if missing; other files in it stay.
        tables: as for :func:`vsbench.exports.files.export_tables`. Tables without rows are left
            out.
        license: the hub's identifier of the licence of the data.
        anchors: that returns are normalised by.
        force: overwrite existing files.
        progress: as for :func:`vsbench.exports.tables.read_tables`.

    Returns:
        The files.

    Raises:
        UsageError: a file exists or cannot be written, or a run is damaged or too large.
        MissingExtraError: pyarrow is not installed.
    """
    refuse_record(folder)
    refuse_orphan(folder)
    names = tuple(tables or sources.standard)
    bundles = _bundles(sources.runs)
    data = {name: f"data/{name}.parquet" for name in names}
    written = ["README.md", *data.values(), *(f"runs/{bundle}" for bundle in bundles)]
    refuse_existing([folder / name for name in written], force)
    with replacing(folder) as temporary:
        (temporary / "data").mkdir()
        rows = write_tables(sources, temporary / "data", names, "parquet", anchors, progress)
        for name in names:
            if not rows[name]:
                (temporary / data.pop(name)).unlink()
        (temporary / "runs").mkdir()
        for bundle, run in bundles.items():
            pack(run.directory, temporary / "runs" / bundle)
        write_card(temporary, _card(sources, data, rows, list(bundles), license, anchors))
        found = sorted(path.relative_to(temporary) for path in temporary.rglob("*.*"))
    return [folder / path for path in found]


def _bundles(runs: Sequence[Source]) -> dict[str, Source]:
    """The name of each run's bundle."""
    found: dict[str, Source] = {}
    for run in runs:
        stem = folder_name(run.name, [name.removesuffix(SUFFIX) for name in found])
        found[f"{stem}{SUFFIX}"] = run
    return found


def _card(
    sources: Sources,
    data: dict[TableName, str],
    rows: dict[TableName, int],
    bundles: Sequence[str],
    license: str | None,  # noqa: A002
    anchors: AnchorSet,
) -> HubCard:
    results = [results_of(run.directory, open_run(run.directory), anchors) for run in sources.runs]
    models = list(dict.fromkeys(each.model for each in results))
    listed = [_cells(run.name, each) for run, each in zip(sources.runs, results, strict=True)]
    counts = [f"- `{name}` ({rows[name]:,} rows): {TABLES[name].about}" for name in data]
    title = models[0] if len(models) == 1 else f"{len(models)} models"
    body = BODY.format(
        models=_escaped(title),
        runs="\n".join(listed),
        tables="\n".join(counts),
        first="episodes" if "episodes" in data else next(iter(data), "runs"),
        bundle=bundles[0] if bundles else "RUN.vsb",
    )
    configs = {str(name): path for name, path in data.items()}
    return HubCard(title=f"VS-Bench runs of {title}", configs=configs, body=body, license=license)


def _cells(name: str, results: Results) -> str:
    figures = (results.overall.get(each) for each in get_args(Evaluation))
    about = map(_escaped, (name, results.model, results.standing.summary))
    return f"| {' | '.join([*about, *map(format_interval, figures)])} |"


def _escaped(text: str) -> str:
    """Text that cannot end a table's cell or be taken for markup."""
    return re.sub(r"([|<>\[\]`*_\\])", r"\\\1", printable(text))
