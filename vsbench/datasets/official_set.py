"""A published set at work: its texts in memory, its pictures where they take none."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO
from weakref import finalize

from vsbench.datasets.folders import parquet_files, recorded_files, refuse_empty
from vsbench.datasets.official import OfficialSample, guess_env, rows
from vsbench.errors import UsageError


@dataclass(frozen=True)
class OfficialSet:
    """The published questions about one environment."""

    env: str
    samples: tuple[OfficialSample, ...]
    """Without their pictures."""
    sha256: str
    """Of the file, or of the files one after the other."""
    _spool: IO[bytes]
    """Every picture, since Parquet cannot be read from the middle."""
    _places: tuple[tuple[tuple[int, int], ...], ...]
    """By sample: where its pictures begin in the spool, and how long they are."""

    def sample(self, number: int) -> OfficialSample:
        """A sample with its pictures."""
        pictures = []
        for start, length in self._places[number]:
            self._spool.seek(start)
            pictures.append(self._spool.read(length))
        return replace(self.samples[number], pictures=tuple(pictures))


def open_official(path: Path, env: str) -> OfficialSet:
    """The questions about an environment in a Parquet file, or in those of a folder.

    Whoever names a file knows what it is of. In folders, names tell.

    Raises:
        UsageError: there are none, or one is damaged; names the file, the row and the column.
        MissingExtraError: pyarrow is not installed.
    """
    files = [path]
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UsageError(f"{path} cannot be read: it is neither a file nor a folder")
    if path.is_dir():
        refuse_empty(path)
        files = [file for file in parquet_files(path) if guess_env(file) == env]
    if not files:
        there = [file.name for file in (*recorded_files(path).values(), *parquet_files(path))]
        raise UsageError(
            f"no file in {path} has a name that speaks of {env}; there are: {', '.join(there)}"
        )
    try:
        known = [(file, file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None
    return _read(env, tuple(known))


@lru_cache(maxsize=16)
def _read(env: str, files: Sequence[tuple[Path, int, int]]) -> OfficialSet:
    """Files with their times and sizes, so that changed ones are read again."""
    digest = hashlib.sha256()
    samples: list[OfficialSample] = []
    places: list[tuple[tuple[int, int], ...]] = []
    with ExitStack() as until_read:
        spool = until_read.enter_context(tempfile.TemporaryFile())
        for file, _, _ in files:
            for sample in rows(file, thorough=False):
                if isinstance(sample, UsageError):
                    raise sample
                places.append(tuple((spool.tell(), spool.write(png)) for png in sample.pictures))
                samples.append(replace(sample, pictures=()))
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    digest.update(block)
        if not samples:
            raise UsageError(f"{files[0][0]} has no rows")
        found = OfficialSet(env, tuple(samples), digest.hexdigest(), spool, tuple(places))
        # From here on, the spool lives as long as the set.
        finalize(found, until_read.pop_all().close)
    return found
