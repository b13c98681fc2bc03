"""Run directories, as the runner makes and holds them."""

from __future__ import annotations

import errno
import logging
import os
import shlex
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel

from vsbench.errors import UsageError
from vsbench.prompts import PromptPack
from vsbench.records.files import LOCK, MANIFEST, PROMPTS, RECORDS, RESULTS
from vsbench.records.manifest import Conditions
from vsbench.records.naming import folder_name
from vsbench.records.results import Results

STARTING = ".starting"
"""Holds what a directory begins with until all of it is written."""

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
"""What file systems without locks answer, network file systems above all."""

log = logging.getLogger(__name__)


def new_directory(parent: Path, model: str, taken: Collection[Path] = ()) -> Path:
    """``<parent>/<time>-<model>``, a name that is not taken."""
    stem = parent / f"{datetime.now():%Y%m%d-%H%M%S}-{folder_name(model)}"
    numbered = (stem.with_name(f"{stem.name}-{number}") for number in count(2))
    return next(
        path for path in chain([stem], numbered) if path not in taken and not os.path.lexists(path)
    )


@contextmanager
def begun(
    directory: Path, record: Conditions, pack: PromptPack, name: str = MANIFEST
) -> Iterator[None]:
    """Make the directory of a run or tournament and hold its lock.

    If the body fails before anything was played, everything that was made is removed again, so
    that the same directory can be named once more.

    Raises:
        UsageError: there is something there already, or it cannot be written.
    """
    refuse_occupied(directory)
    with _made(directory), locked(directory):
        # Somebody else may have been quicker.
        refuse_occupied(directory)
        try:
            create(directory, record, pack, name)
            yield
        except Exception:
            _remove_unplayed(directory, name)
            raise


def refuse_occupied(directory: Path) -> None:
    """Raise UsageError unless a run or tournament can begin in a directory.

    What is left of a start that was killed does not count.
    """
    try:
        for held, what in RECORDS.items():
            if (directory / held).exists():
                raise UsageError(
                    f"{directory} holds a {what} already; resume with: "
                    f"{shlex.join(['vsbench', what, '--resume', str(directory)])}, "
                    "or choose another --out"
                )
        if not directory.exists():
            return
        names = {path.name for path in directory.iterdir()}
    except OSError as error:
        raise _cannot_write(directory, error) from None
    ours = {LOCK, STARTING, PROMPTS} if STARTING in names else {LOCK}
    if names - ours:
        raise UsageError(f"{directory} is not empty; choose another --out")


def create(directory: Path, record: Conditions, pack: PromptPack, name: str = MANIFEST) -> None:
    """Write what a run begins with, or whatever else the file called ``name`` tells of.

    Everything is written in a folder beside before any of it gets its name. The record comes last:
    a directory that has it is whole.

    Raises:
        UsageError: it cannot be written.
    """
    starting = directory / STARTING
    try:
        if starting.exists():
            shutil.rmtree(starting)
            shutil.rmtree(directory / PROMPTS, ignore_errors=True)
        starting.mkdir(parents=True)
        pack.eject(starting / PROMPTS)
        write_json(starting / name, record)
        (starting / PROMPTS).rename(directory / PROMPTS)
        (starting / name).rename(directory / name)
        starting.rmdir()
    except OSError as error:
        raise _cannot_write(directory, error) from None


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
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a run directory, so that two commands do not play the same run.

    On file systems without locks the run goes on without one, and a warning says so: a lock file
    that a killed process leaves on another machine would block the run for good.

    Raises:
        UsageError: another one holds it, or it cannot be written.
    """
    lock = FileLock(directory / LOCK, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(f"another vsbench is at work in {directory}") from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise _cannot_write(directory, error) from None
        log.warning(
            "%s cannot be locked (%s): make sure that no other vsbench plays there",
            directory,
            error.strerror,
        )
    try:
        yield
    finally:
        with suppress(OSError):
            lock.release()


@contextmanager
def _made(directory: Path) -> Iterator[None]:
    """Make a directory. Folders that are empty after a failure are removed again."""
    missing: list[Path] = []
    try:
        missing += [path for path in (directory, *directory.parents) if not path.exists()]
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove_empty(missing)
        raise _cannot_write(directory, error) from None
    try:
        yield
    except Exception:
        _remove_empty(missing)
        raise


def _remove_empty(directories: list[Path]) -> None:
    for path in directories:
        with suppress(OSError):
            path.rmdir()


def _remove_unplayed(directory: Path, name: str) -> None:
    """Remove what a directory begins with, unless more has come since."""
    with suppress(OSError):
        if {path.name for path in directory.iterdir()} <= {LOCK, STARTING, PROMPTS, name}:
            (directory / name).unlink(missing_ok=True)
            shutil.rmtree(directory / STARTING, ignore_errors=True)
            shutil.rmtree(directory / PROMPTS, ignore_errors=True)
            (directory / LOCK).unlink(missing_ok=True)


def _cannot_write(directory: Path, error: OSError) -> UsageError:
    return UsageError(f"{directory} cannot be written: {error.strerror}")
