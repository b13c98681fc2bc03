"""The ``.env`` file: keys and addresses of the person who runs vsbench."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from dotenv import load_dotenv

from vsbench.errors import UsageError
from vsbench.records.files import RECORDS

log = logging.getLogger(__name__)


def load_env_file() -> None:
    """Add what the nearest ``.env`` says to the environment; what is set there stays.

    Looked for in the working directory and above it. Run and tournament directories may come from
    anybody, and an address in their ``.env`` would get the keys: it is never read, in folders
    within them neither.

    Raises:
        UsageError: the file cannot be read.
    """
    path = find_env_file()
    if path is None:
        return
    try:
        load_dotenv(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


def find_env_file() -> Path | None:
    """The nearest ``.env`` that is not of a run."""
    try:
        here = Path.cwd()
    except OSError:  # The working directory is gone.
        return None
    folders = [here, *here.parents]
    runs = [number for number, folder in enumerate(folders) if _is_run(folder)]
    inside = runs[-1] + 1 if runs else 0
    for path in _env_files(folders[:inside]):
        log.warning("%s is not read, since it lies in a run directory", path)
    return next(_env_files(folders[inside:]), None)


def _is_run(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in RECORDS)


def _env_files(folders: list[Path]) -> Iterator[Path]:
    # Folders above may be out of bounds, which makes Path.is_file raise.
    return (path for folder in folders if os.path.isfile(path := folder / ".env"))  # noqa: PTH113
