"""Export data sets as Parquet with prompts and pictures, in a folder for the Hugging Face hub.

``datasets.load_dataset(DIR, "kuhn_poker")`` of Hugging Face reads such a folder.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vsbench.datasets.hub import HubCard, write_card
from vsbench.datasets.published import arrow
from vsbench.datasets.samples import Dataset, DatasetHeader, Progress, walk
from vsbench.evaluations.strategic_reasoning import PredictionQuestion, PredictionSample
from vsbench.messages import Image, Part, Text
from vsbench.output_paths import write_errors
from vsbench.prompts import PromptError, PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.settings import RunSettings
from vsbench_envs import registry

HEADER = b"vsbench"
"""Key of the data set's header in a Parquet file's metadata."""

BODY = """# Strategic reasoning: what does the other player do next?

Recorded states of multi-agent games, each with the question which action another player takes
next. Written by `vsbench dataset export`; `vsbench run --eval reasoning --dataset` asks models.

- `next_action`: the ids of the right actions.
- `prompt`: the texts `system`, `observation` and `action`; `image_path` lists pictures as base64
  PNG, oldest first, which belong between `observation` and `action`.
- `next_legal_actions`: JSON text, id -> label of the actions to choose from.

| environment | game | rows | recipe | seed |
|---|---|---:|---|---:|
{games}
"""

ROW_GROUP = 50
"""Rows per group: readers load a group at once."""

EXPORT_SETTINGS = resolve_model_settings(RunSettings(modality="image"))
"""Of the exported prompts. With text, the state precedes the pictures."""


def export(
    dataset: Dataset,
    folder: Path,
    pack: PromptPack,
    *,
    with_text: bool = True,
    progress: Progress = lambda more: None,
) -> Path:
    """Write a data set into a folder, next to others, and rewrite the folder's page.

    Args:
        dataset: written as ``data/<environment>.parquet``.
        folder: created if missing.
        pack: prompts to render.
        with_text: give the state as text, too.
        progress: called for every row.

    Raises:
        UsageError: the folder cannot be written, or the prompts cannot be rendered.
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    path = folder / "data" / f"{dataset.header.env}.parquet"
    rows = _rows(dataset, pack, with_text, progress)
    header = {HEADER: dataset.header.model_dump_json().encode()}
    table = pa.Table.from_pylist(rows, schema=_schema(pa).with_metadata(header))
    with write_errors(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        pa.parquet.write_table(table, path, row_group_size=ROW_GROUP, compression="zstd")
        write_page(folder)
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
    dataset: Dataset, pack: PromptPack, with_text: bool, progress: Progress
) -> list[dict[str, Any]]:
    """Make the rows, in the order of the samples."""
    env, ids = dataset.header.env, dataset.game.spec.ids
    rows = {}
    for index, sample, state in walk(dataset):
        question = PredictionSample(env, index, "", 0, dataset).question_at(state)
        rows[index] = {
            "next_action": sorted(ids[label] for label in sample.answers),
            "prompt": _prompt(question, pack, with_text),
            "next_legal_actions": json.dumps({ids[label]: label for label in question.legal}),
        }
        progress(1)
    return [rows[index] for index in sorted(rows)]


def _prompt(question: PredictionQuestion, pack: PromptPack, with_text: bool) -> dict[str, Any]:
    """Render the texts before and after the pictures, and these.

    Raises:
        PromptError: the template does not render one system and one user message.
    """
    messages = question.first(pack, EXPORT_SETTINGS)
    if [message.role for message in messages] != ["system", "user"]:
        raise PromptError("a prediction's template must have a system and a user message")
    system, user = messages
    images = [index for index, part in enumerate(user.parts) if isinstance(part, Image)]
    before, after = user.parts[: images[0]], user.parts[images[-1] + 1 :]
    text = [question.game.view.describe(question.percept)] if with_text else []
    return {
        "system": system.text,
        "observation": "\n\n".join([*_texts(before), *text]),
        "action": "\n\n".join(_texts(after)),
        "image_path": [base64.b64encode(png).decode() for png in question.pictures()],
    }


def _texts(parts: Sequence[Part]) -> list[str]:
    return [part.text for part in parts if isinstance(part, Text)]


def write_page(folder: Path) -> None:
    """Describe the Parquet files in ``data/`` of a folder in its ``README.md``.

    Raises:
        OSError: it cannot be written.
    """
    parquet = arrow().parquet
    metadata = {
        path.stem: parquet.read_metadata(path) for path in sorted(folder.glob("data/*.parquet"))
    }
    games = [
        _table_row(name, found.num_rows, found.metadata or {}) for name, found in metadata.items()
    ]
    card = HubCard(
        title="VS-Bench strategic reasoning",
        configs={name: f"data/{name}.parquet" for name in metadata},
        body=BODY.format(games="\n".join(games)),
        task_categories=["visual-question-answering"],
    )
    write_card(folder, card)


def _table_row(name: str, rows: int, metadata: Mapping[bytes, bytes]) -> str:
    try:
        header = DatasetHeader.model_validate_json(metadata.get(HEADER, b""))
    except ValidationError:
        # Written by another program: there is no header.
        return f"| `{name}` | | {rows} | | |"
    title = registry.get(header.env).spec.title
    return f"| `{name}` | {title} | {rows} | {header.recipe} | {header.seed} |"
