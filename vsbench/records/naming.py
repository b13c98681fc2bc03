"""Names of folders that are made from the ids of models and players."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count

LONGEST = 80
"""Characters of an id that a folder's name takes: two of them fit into 255 bytes."""


def folder_name(text: str, taken: Collection[str] = ()) -> str:
    """A name that every file system takes: short, ASCII, and not among those taken.

    The end of an id tells more than its beginning, so that is what is kept of a long one.
    """
    letters = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in text)
    stem = letters.strip("-.")[-LONGEST:].strip("-.") or "model"
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(name for name in chain([stem], numbered) if name not in taken)
