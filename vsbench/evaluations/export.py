"""Export data sets as Parquet"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vsbench.datasets.building import Progress
from vsbench.datasets.published import arrow
from vsbench.datasets.samples import Dataset, DatasetHeader, walk
from vsbench.errors import UsageError
from vsbench.evaluations.strategic_reasoning import Prediction, PredictionQuestion
from vsbench.messages import Image, Part, Text
from vsbench.prompts import PromptError, PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.settings import RunSettings
from vsbench_envs import registry

ROW_GROUP = 50
"""Rows that a reader must take in at once."""

ASKING = resolve_model_settings(RunSettings(modality="image"))
"""How the exported prompts ask. What is told in words is put before the pictures instead."""


def export(
    dataset: Dataset,
    folder: Path,
    pack: PromptPack,
    *,
    told: bool = True,
    progress: Progress = lambda more: None,
) -> Path:
    """Write a data set into a folder, beside those that are there, and describe them all.

    Args:
        dataset: to write, as ``data/<environment>.parquet``.
        folder: made if it does not exist.
        pack: of prompts.
        told: whether situations are told in words as well as shown.
        progress: told of every row that is done.

    Raises:
        UsageError: the folder cannot be written, or the prompts cannot be rendered.
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    path = folder / "data" / f"{dataset.header.env}.parquet"
    rows = _rows(dataset, pack, told, progress)
    header = {HEADER: dataset.header.model_dump_json().encode()}
    table = pa.Table.from_pylist(rows, schema=_schema(pa).with_metadata(header))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pa.parquet.write_table(table, path, row_group_size=ROW_GROUP, compression="zstd")
        write_page(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error}") from None
    return path


def _schema(pa: Any) -> Any:
    text = pa.string()
    prompt = [("system", text), ("observation", text), ("action", text)]
    return pa.schema(
        [
            ("next_action", pa.list_(pa.int64())),
            ("prompt", pa.struct([*prompt, ("image_path", pa.list_(text))])),
            ("next_legal_actions", text),
        ]
    )


def _rows(
    dataset: Dataset, pack: PromptPack, told: bool, progress: Progress
) -> list[dict[str, Any]]:
    """The rows, in the order of the samples."""
    env, ids = dataset.header.env, dataset.game.spec.ids
    found = {}
    for place, sample, state in walk(dataset):
        question = Prediction(env, place, "", 0, dataset).question_at(state)
        found[place] = {
            "next_action": sorted(ids[label] for label in sample.answers),
            "prompt": _prompt(question, pack, told),
            "next_legal_actions": json.dumps({ids[label]: label for label in question.legal}),
        }
        progress(1)
    return [found[place] for place in sorted(found)]


def _prompt(question: PredictionQuestion, pack: PromptPack, told: bool) -> dict[str, Any]:
    """The texts before and after the pictures, and these.

    Raises:
        PromptError: the template makes other messages than a system's and a user's.
    """
    messages = question.first(pack, ASKING)
    if [message.role for message in messages] != ["system", "user"]:
        raise PromptError("a prediction's template must have a system and a user message")
    system, user = messages
    shown = [place for place, part in enumerate(user.parts) if isinstance(part, Image)]
    before, after = user.parts[: shown[0]], user.parts[shown[-1] + 1 :]
    situation = [question.game.view.describe(question.percept)] if told else []
    return {
        "system": system.text,
        "observation": "\n\n".join([*_texts(before), *situation]),
        "action": "\n\n".join(_texts(after)),
        "image_path": [base64.b64encode(png).decode() for png in question.pictures()],
    }


def _texts(parts: Sequence[Part]) -> list[str]:
    return [part.text for part in parts if isinstance(part, Text)]


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
