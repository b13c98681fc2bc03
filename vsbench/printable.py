"""Make untrusted text safe to print on a line, and to use in names of folders."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count

MAX_NAME = 80
"""Characters of an id that a folder's name takes: two of them fit into 255 bytes."""


def printable(text: object) -> str:
    """Escape all characters that move the cursor, end the line or are invisible.

    For text from untrusted sources: file names, ids, replies. Line feeds could fake a command's
    next line, and terminals obey control sequences.
    """
    return "".join(
        character if character.isprintable() else _escaped(character) for character in str(text)
    )


def _escaped(character: str) -> str:
    # Also escapes lone surrogates, which stand for bytes of file names that are not UTF-8.
    return character.encode("unicode_escape").decode("ascii")


def counted(number: int, noun: str) -> str:
    """Format a number with a noun, whose plural ends in ``s``: ``1 game``, ``1,200 games``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def folder_name(text: str, taken: Collection[str] = ()) -> str:
    """Make a folder name from an id: short, ASCII, valid on every file system, and not taken.

    Long ids lose their beginning: their end tells them apart.
    """
    letters = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in text)
    stem = letters.strip("-.")[-MAX_NAME:].strip("-.") or "model"
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(name for name in chain([stem], numbered) if name not in taken)
