"""Keeps other files out of run directories."""

from __future__ import annotations

from pathlib import Path

from vsbench.errors import UsageError
from vsbench.records.files import RECORDS


def refuse_record(folder: Path) -> None:
    """Raise UsageError if a folder is, or is inside, a run's or a tournament's."""
    resolved = folder.resolve()
    for place in (resolved, *resolved.parents):
        for name, what in RECORDS.items():
            if (place / name).exists():
                raise UsageError(
                    f"{folder} belongs to the {what} in {place}, whose record other files would "
                    "spoil; choose a folder of its own"
                )
