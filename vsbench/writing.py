"""Where results are written that a person asked for by a path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.printable import printable


def refuse_link(path: Path) -> None:
    """Raise UsageError if a file in a run's directory, or its folder, is a link.

    The directory may be a stranger's, whose link would say where we write.
    """
    if path.parent.is_symlink() or path.is_symlink():
        raise UsageError(f"{printable(path)} is a link, or in one; say where to write by --to")


def refuse_orphan(path: Path) -> None:
    """Raise UsageError if the folder that a file or folder would be written in does not exist.

    Whoever mistypes a path should be told, not given new folders elsewhere.
    """
    parent = path.absolute().parent
    if not parent.is_dir():
        raise UsageError(f"{path} cannot be written: {parent} is not a directory; make it first")


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Raise UsageError in place of an OSError while ``path`` is written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
