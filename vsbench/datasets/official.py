"""The benchmark's published data sets: Parquet files, read as they are, whatever wrote them.

A row is a question with its own prompt and pictures. Columns:

``next_action``
    The ids of the actions that count as right: a list, or one alone.
``prompt``
    A struct of the texts ``system``, ``observation`` and ``action``, and of ``image_path``, a list
    of pictures in base64, which belong between observation and action.
``next_legal_actions``
    The actions to choose from: a JSON object, as text, of id -> label.

Other columns are passed over. Ids may be written as numbers or as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vsbench.datasets.arrow import arrow
from vsbench.datasets.cells import CellError, action_ids, actions, pictures, text
from vsbench.datasets.folders import parquet_files
from vsbench.errors import UsageError
from vsbench_envs import registry

COLUMNS = ("next_action", "prompt", "next_legal_actions")

BATCH = 8
"""Rows in memory at a time; a row may hold megabytes of pictures."""


@dataclass(frozen=True)
class OfficialSample:
    """A row of a published set."""

    path: Path
    """The file."""
    row: int
    """From 0."""
    env: str | None
    """The environment, if the file's name tells."""
    system: str
    observation: str
    action: str
    """The question itself, put after the pictures."""
    pictures: tuple[bytes, ...]
    """PNGs, oldest first."""
    options: dict[int, str]
    """Action id -> label."""
    answers: tuple[str, ...]
    """Labels of the actions that count as right."""


def load_official(path: Path) -> Iterator[OfficialSample]:
    """The rows of a Parquet file, or of all those in a folder, one after the other.

    Raises:
        UsageError: there are none, or one is damaged; names the file, and the row and the column.
        MissingExtraError: pyarrow is not installed.
    """
    files = parquet_files(path)
    if not files:
        raise UsageError(f"{path} holds no Parquet files")
    for file in files:
        for sample in rows(file):
            if isinstance(sample, UsageError):
                raise sample
            yield sample


def rows(file: Path, *, thorough: bool = True) -> Iterator[OfficialSample | UsageError]:
    """The rows of a file, with what is wrong in place of those that are damaged.

    Args:
        file: to read.
        thorough: whether pictures are decoded to see that they can be.

    Raises:
        UsageError: the file cannot be read on.
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    env, row = guess_env(file), 0
    try:
        with pa.parquet.ParquetFile(file) as table:
            missing = [name for name in COLUMNS if name not in table.schema_arrow.names]
            if missing:
                raise UsageError(f"{file} has no column {missing[0]!r}")
            for batch in table.iter_batches(BATCH, columns=list(COLUMNS)):
                for cells in batch.to_pylist():
                    yield _row(file, row, env, cells, thorough)
                    row += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{file} cannot be read beyond row {row} as Parquet: {reason}") from None


def guess_env(file: Path) -> str | None:
    """The environment that a file's name, or its folder's, speaks of."""
    for name in (file.stem, file.parent.name):
        words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        for env in sorted(registry.names(), key=len, reverse=True):
            if env in words:
                return env
        for env in registry.BENCHMARK:
            if set(env.split("_")) - {"of", "the"} & set(words.split("_")):
                return env
    return None


def _row(
    file: Path, row: int, env: str | None, cells: dict[str, Any], thorough: bool
) -> OfficialSample | UsageError:
    try:
        prompt = cells["prompt"]
        options = actions("next_legal_actions", cells["next_legal_actions"])
        answers = action_ids("next_action", cells["next_action"], options)
        return OfficialSample(
            path=file,
            row=row,
            env=env,
            system=text("prompt.system", prompt),
            observation=text("prompt.observation", prompt),
            action=text("prompt.action", prompt),
            pictures=pictures("prompt.image_path", prompt, thorough=thorough),
            options=options,
            answers=tuple(dict.fromkeys(options[answer] for answer in answers)),
        )
    except CellError as error:
        return UsageError(f"{file}, row {row}, column {error.column}: {error}")
