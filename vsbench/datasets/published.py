"""Published data sets: Parquet files with a question, its prompt and its pictures in each row.

Columns:

``next_action``
    The ids of the right actions: a list, or one alone.
``prompt``
    A struct of the texts ``system``, ``observation`` and ``action``, and of ``image_path``, a list
    of pictures in base64, which belong between observation and action.
``next_legal_actions``
    The actions to choose from: a JSON object, as text, of id -> label.

Other columns are ignored. Ids may be numbers or text.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from weakref import finalize

from vsbench.datasets.cells import CellError, action_ids, actions, pictures, text
from vsbench.errors import UsageError
from vsbench_envs import registry
from vsbench_envs.errors import MissingExtraError

COLUMNS = ("next_action", "prompt", "next_legal_actions")

BATCH = 8
"""Rows in memory at a time; a row may hold megabytes of pictures."""


def is_parquet(path: Path) -> bool:
    """Whether a file's name ends in ``.parquet``, in any case."""
    return path.suffix.lower() == ".parquet"


def parquet_files(path: Path) -> list[Path]:
    """List a Parquet file itself, or those in a folder and its subfolders, by name."""
    if not path.is_dir():
        return [path] if is_parquet(path) else []
    return sorted(
        file for file in path.rglob("*") if is_parquet(file) and is_dataset_file(file, path)
    )


def is_dataset_file(file: Path, folder: Path) -> bool:
    """Whether a file is no by-product of another program.

    macOS adds ``._x.parquet`` and ``__MACOSX``, notebooks ``.ipynb_checkpoints``.
    """
    parts = file.relative_to(folder).parts
    return file.is_file() and not any(part.startswith((".", "__MACOSX")) for part in parts)


@dataclass(frozen=True)
class PublishedSample:
    """A row of a published set."""

    path: Path
    """The file."""
    row: int
    """From 0."""
    env: str | None
    """The environment, if the file's name implies one."""
    system: str
    observation: str
    action: str
    """The question, which follows the pictures."""
    pictures: tuple[bytes, ...]
    """PNGs, oldest first."""
    options: dict[int, str]
    """Action id -> label."""
    answers: tuple[str, ...]
    """Labels of the right actions."""


def load_published(path: Path) -> Iterator[PublishedSample]:
    """Load the rows of a Parquet file, or of all those in a folder.

    Raises:
        UsageError: there are none, or one is damaged; names the file, the row and the column.
        MissingExtraError: pyarrow is not installed.
    """
    files = parquet_files(path)
    if not files:
        raise UsageError(f"{path} holds no Parquet files")
    for file in files:
        for sample in read_rows(file):
            if isinstance(sample, UsageError):
                raise sample
            yield sample


def read_rows(file: Path, *, thorough: bool = True) -> Iterator[PublishedSample | UsageError]:
    """Read the rows of a file; a damaged one yields its error.

    Args:
        file: to read.
        thorough: decode pictures to check that they can be.

    Raises:
        UsageError: the rest of the file cannot be read.
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
                    yield _parse_row(file, row, env, cells, thorough)
                    row += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{file} cannot be read beyond row {row} as Parquet: {reason}") from None


def guess_env(file: Path) -> str | None:
    """Guess the environment from the name of a file or its folder."""
    for name in (file.stem, file.parent.name):
        words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        for env in sorted(registry.names(), key=len, reverse=True):
            if env in words:
                return env
        for env in registry.BENCHMARK:
            if set(env.split("_")) - {"of", "the"} & set(words.split("_")):
                return env
    return None


def _parse_row(
    file: Path, row: int, env: str | None, cells: dict[str, Any], thorough: bool
) -> PublishedSample | UsageError:
    try:
        prompt = cells["prompt"]
        options = actions("next_legal_actions", cells["next_legal_actions"])
        answers = action_ids("next_action", cells["next_action"], options)
        return PublishedSample(
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


@dataclass(frozen=True)
class PublishedSet:
    """The published questions about one environment."""

    env: str
    samples: tuple[PublishedSample, ...]
    """Without their pictures."""
    sha256: str
    """Of the file, or of the files concatenated."""
    _spool: IO[bytes]
    """All pictures in a temporary file, since Parquet has no cheap random access."""
    _offsets: tuple[tuple[tuple[int, int], ...], ...]
    """Offset and length of each picture in the spool, by sample."""

    def sample(self, number: int) -> PublishedSample:
        """Load a sample with its pictures."""
        pictures = []
        for start, length in self._offsets[number]:
            self._spool.seek(start)
            pictures.append(self._spool.read(length))
        return replace(self.samples[number], pictures=tuple(pictures))


def open_published(files: Sequence[Path], env: str) -> PublishedSet:
    """Read the questions about an environment from Parquet files.

    Raises:
        UsageError: a file cannot be read or is damaged; names the file, the row and the column.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        known = [(file, file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None
    return _read(env, tuple(known))


@lru_cache(maxsize=16)
def _read(env: str, files: Sequence[tuple[Path, int, int]]) -> PublishedSet:
    """Read files, given with times and sizes so that the cache misses if they change."""
    digest = hashlib.sha256()
    samples: list[PublishedSample] = []
    offsets: list[tuple[tuple[int, int], ...]] = []
    with ExitStack() as stack:
        spool = stack.enter_context(tempfile.TemporaryFile())
        for file, _, _ in files:
            for sample in read_rows(file, thorough=False):
                if isinstance(sample, UsageError):
                    raise sample
                offsets.append(tuple((spool.tell(), spool.write(png)) for png in sample.pictures))
                samples.append(replace(sample, pictures=()))
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    digest.update(block)
        if not samples:
            raise UsageError(f"{files[0][0]} has no rows")
        found = PublishedSet(env, tuple(samples), digest.hexdigest(), spool, tuple(offsets))
        # The spool is closed with the set.
        finalize(found, stack.pop_all().close)
    return found


def arrow() -> Any:
    """Import ``pyarrow`` with ``pyarrow.parquet``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet files need pyarrow: pip install 'vsbench[data]'"
        ) from error
    return pyarrow
