"""Create, lock and write run directories."""

from __future__ import annotations

import errno
import logging
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout
from pydantic import BaseModel

from vsbench.errors import UsageError
from vsbench.printable import folder_name
from vsbench.prompts import PromptPack
from vsbench.records.files import LOCK, MANIFEST, PROMPTS, RECORDS, RESULTS
from vsbench.records.manifest import Conditions
from vsbench.records.results import Results

STARTING = ".starting"
"""Holds the initial content of a directory until all of it is written."""

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
"""Errors of file systems without locks, such as some network file systems."""

log = logging.getLogger(__name__)


def unused_directory(parent: Path, model: str, taken: Collection[Path] = ()) -> Path:
    """Return ``<parent>/<time>-<model>``, numbered if that exists or is taken."""
    stem = parent / f"{datetime.now():%Y%m%d-%H%M%S}-{folder_name(model)}"
    numbered = (stem.with_name(f"{stem.name}-{number}") for number in count(2))
    return next(
        path for path in chain([stem], numbered) if path not in taken and not os.path.lexists(path)
    )


@contextmanager
def start_run(
    directory: Path, record: Conditions, pack: PromptPack, name: str = MANIFEST
) -> Iterator[None]:
    """Create the directory of a run or tournament and hold its lock.

    If the body fails before anything was played, everything is removed again, so that the same
    directory can be used once more.

    Raises:
        UsageError: the directory is not empty or cannot be written.
    """
    refuse_occupied(directory)
    with _created(directory), lock_run(directory):
        # Another process may have been faster.
        refuse_occupied(directory)
        try:
            write_start(directory, record, pack, name)
            yield
        except Exception:
            _remove_start(directory, name)
            raise


def refuse_occupied(directory: Path) -> None:
    """Raise UsageError unless a run or tournament can start in a directory.

    Remains of a start that was killed are ignored.
    """
    try:
        for name, kind in RECORDS.items():
            if (directory / name).exists():
                raise UsageError(
                    f"{directory} already holds a {kind}; resume with: "
                    f"{shlex.join(['vsbench', kind, '--resume', str(directory)])}, "
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


def write_start(
    directory: Path, record: Conditions, pack: PromptPack, name: str = MANIFEST
) -> None:
    """Write the initial content of a run, or of a tournament if ``name`` is its file.

    Everything is written into a temporary folder first and then renamed, the record last: a
    directory that has it is complete.

    Raises:
        UsageError: the directory cannot be written.
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
    """Write ``results.json`` atomically."""
    write_json(directory / RESULTS, results)


def write_json(path: Path, record: BaseModel) -> None:
    """Write a file atomically: a crash leaves the old one or the new one."""
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


def _file_lock(path: Path) -> BaseFileLock:
    return FileLock(path, fallback_to_soft=False)


@contextmanager
def lock_run(
    directory: Path, file_lock: Callable[[Path], BaseFileLock] = _file_lock
) -> Iterator[None]:
    """Hold the lock of a run directory, so that no other process plays the same run.

    On file systems without locks, a warning is logged and the run is not locked. A lock file by
    mere existence is no alternative: one left by a killed process would block the run forever.

    Args:
        directory: of the run or tournament.
        file_lock: makes the lock of a file.

    Raises:
        UsageError: another process holds the lock, or the directory cannot be written.
    """
    lock = file_lock(directory / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(f"another vsbench process is running in {directory}") from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise _cannot_write(directory, error) from None
        log.warning(
            "cannot lock %s (%s): make sure that no other vsbench process runs there",
            directory,
            error.strerror,
        )
    try:
        yield
    finally:
        with suppress(OSError):
            lock.release()


@contextmanager
def _created(directory: Path) -> Iterator[None]:
    """Create a directory. Remove folders that are empty after a failure."""
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


def _remove_start(directory: Path, name: str) -> None:
    """Remove the initial content of a directory, unless more was written since."""
    with suppress(OSError):
        if {path.name for path in directory.iterdir()} <= {LOCK, STARTING, PROMPTS, name}:
            (directory / name).unlink(missing_ok=True)
            shutil.rmtree(directory / STARTING, ignore_errors=True)
            shutil.rmtree(directory / PROMPTS, ignore_errors=True)
            (directory / LOCK).unlink(missing_ok=True)


def _cannot_write(directory: Path, error: OSError) -> UsageError:
    return UsageError(f"{directory} cannot be written: {error.strerror}")
