"""The page of a folder of exported data sets, as the Hugging BaseEnv hub reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from vsbench.datasets.arrow import arrow
from vsbench.datasets.samples import DatasetHeader
from vsbench_envs import registry

HEADER = b"vsbench"
"""Where a Parquet file's metadata hold the data set's header."""

README = """---
pretty_name: VS-Bench strategic reasoning
language:
- en
task_categories:
- visual-question-answering
tags:
- multi-agent
- games
- vision-language
configs:
{configs}
---

# Strategic reasoning: what does the other player do next?

Recorded states of multi-agent games, each with the question which action another player takes
next. Written by `vsbench dataset export`; `vsbench run --eval reasoning --dataset` asks models.

- `next_action`: the ids of the actions that count as right.
- `prompt`: the texts `system`, `observation` and `action`; `image_path` lists pictures as base64
  PNG, oldest first, which belong between `observation` and `action`.
- `next_legal_actions`: JSON text, id -> label of the actions to choose from.

| environment | game | rows | recipe | seed |
|---|---|---:|---|---:|
{games}
"""

CONFIG = """- config_name: {name}
  data_files:
  - split: test
    path: data/{name}.parquet"""


def write_page(folder: Path) -> None:
    """Describe the Parquet files in ``data/`` of a folder in its ``README.md``.

    Raises:
        OSError: it cannot be written.
    """
    parquet = arrow().parquet
    metadata = {
        path.stem: parquet.read_metadata(path) for path in sorted(folder.glob("data/*.parquet"))
    }
    games = [_row(name, found.num_rows, found.metadata or {}) for name, found in metadata.items()]
    page = README.format(
        configs="\n".join(CONFIG.format(name=name) for name in metadata), games="\n".join(games)
    )
    (folder / "README.md").write_text(page, encoding="utf-8")


def _row(name: str, rows: int, metadata: Mapping[bytes, bytes]) -> str:
    try:
        header = DatasetHeader.model_validate_json(metadata.get(HEADER, b""))
    except ValidationError:
        # Not one of ours: it is listed, but nothing is known about it.
        return f"| `{name}` | | {rows} | | |"
    title = registry.get(header.env).spec.title
    return f"| `{name}` | {title} | {rows} | {header.recipe} | {header.seed} |"
