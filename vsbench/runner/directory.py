"""Run directories, as the runner makes and holds them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel

from vsbench.errors import UsageError
from vsbench.prompts import PromptPack
from vsbench.records.files import LOCK, MANIFEST, PROMPTS, RECORDS, RESULTS
from vsbench.records.manifest import Conditions
from vsbench.records.results import Results


def new_directory(parent: Path, model: str) -> Path:
    """``<parent>/<time>-<model>``, a name that is not taken."""
    slug = "".join(c if c.isalnum() or c in ".-" else "-" for c in model).strip("-")
    stem = parent / f"{datetime.now():%Y%m%d-%H%M%S}-{slug}"
    numbered = (stem.with_name(f"{stem.name}-{number}") for number in count(2))
    return next(path for path in chain([stem], numbered) if not path.exists())


def create(directory: Path, record: Conditions, pack: PromptPack, name: str = MANIFEST) -> None:
    """Make the directory of a run, or of whatever else the file called ``name`` tells of.

    Raises:
        UsageError: there is something there already, or it cannot be written.
    """
    for held, what in RECORDS.items():
        if (directory / held).exists():
            raise UsageError(
                f"{directory} holds a {what} already; go on with it by "
                f"vsbench {what} --resume {directory}, or choose another --out"
            )
    try:
        if directory.exists() and any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty; choose another --out")
        directory.mkdir(parents=True, exist_ok=True)
        pack.eject(directory / PROMPTS)
        write_json(directory / name, record)
    except OSError as error:
        raise UsageError(f"{directory} cannot be written: {error.strerror}") from None


def recorded_pack(directory: Path, conditions: Conditions) -> PromptPack:
    """The prompts that a run or tournament uses, from its own copy.

    Raises:
        UsageError: they were changed since the run began.
    """
    pack = PromptPack(directory / PROMPTS)
    if pack.sha256 != conditions.prompts_sha256:
        raise UsageError(
            f"the prompts in {directory / PROMPTS} are not those that the run began with; "
            "restore them, or start a new run with --prompts"
        )
    return pack


def write_results(directory: Path, results: Results) -> None:
    """Write ``results.json`` in one piece."""
    write_json(directory / RESULTS, results)


def write_json(path: Path, record: BaseModel) -> None:
    """Replace a file as a whole: a crash leaves the old one or the new one."""
    text = record.model_dump_json(indent=2) + "\n"
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a run directory, so that two commands do not play the same run.

    Raises:
        UsageError: another one holds it.
    """
    lock = FileLock(directory / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(f"another vsbench is at work in {directory}") from None
    try:
        yield
    finally:
        lock.release()
