"""Load the user's ``.env`` file with keys and addresses."""

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
    """Load the nearest ``.env`` into the environment without overriding variables that are set.

    The file is searched for in the working directory and its parents. Run and tournament
    directories may be untrusted, and an address in their ``.env`` would receive the keys: a
    file in or below such a directory is never loaded.

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
    """Find the nearest ``.env`` that is not inside a run directory."""
    try:
        here = Path.cwd()
    except OSError:  # The working directory was deleted.
        return None
    folders = [here, *here.parents]
    runs = [number for number, folder in enumerate(folders) if _is_run(folder)]
    inside = runs[-1] + 1 if runs else 0
    for path in _env_files(folders[:inside]):
        log.warning("ignoring %s, which is inside a run directory", path)
    return next(_env_files(folders[inside:]), None)


def _is_run(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in RECORDS)


def _env_files(folders: list[Path]) -> Iterator[Path]:
    # Path.is_file raises in folders without permission.
    return (path for folder in folders if os.path.isfile(path := folder / ".env"))  # noqa: PTH113
