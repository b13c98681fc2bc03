"""Check paths that the user asks to write to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.records.files import RECORDS


def refuse_link(path: Path) -> None:
    """Raise UsageError if a file in a run's directory, or its folder, is a link.

    The directory may be untrusted, and a link in it would redirect the output.
    """
    if path.parent.is_symlink() or path.is_symlink():
        raise UsageError(f"{printable(path)} is a link or inside one; give another path with --to")


def refuse_orphan(path: Path) -> None:
    """Raise UsageError if the folder that a file or folder would be written in does not exist.

    A mistyped path is an error, not a reason to create folders.
    """
    parent = path.absolute().parent
    if not parent.is_dir():
        raise UsageError(f"{path} cannot be written: {parent} is not a directory; create it first")


def refuse_record(folder: Path) -> None:
    """Raise UsageError if a folder is, or is inside, a run or tournament directory."""
    resolved = folder.resolve()
    for place in (resolved, *resolved.parents):
        for name, kind in RECORDS.items():
            if (place / name).exists():
                raise UsageError(
                    f"{folder} is inside the {kind} directory {place}, where only its record "
                    "belongs; choose a folder of its own"
                )


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Raise UsageError in place of an OSError while ``path`` is written."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
