"""Where results are written that a person asked for by a path."""

from __future__ import annotations

from pathlib import Path

from vsbench.errors import UsageError


def refuse_orphan(path: Path) -> None:
    """Raise UsageError if the folder that a file or folder would be written in does not exist.

    Whoever mistypes a path should be told, not given new folders elsewhere.
    """
    parent = path.absolute().parent
    if not parent.is_dir():
        raise UsageError(f"{path} cannot be written: {parent} is not a directory; make it first")
