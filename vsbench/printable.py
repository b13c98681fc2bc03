"""Text from elsewhere, made safe to print on a line of its own."""

from __future__ import annotations


def printable(text: object) -> str:
    """A text in which nothing moves the cursor, ends the line or hides: such characters escaped.

    Whatever a stranger may have written goes through here before it is shown: names of files, ids,
    replies. Line feeds could fake a command's next line, and terminals obey control sequences.
    """
    return "".join(
        character if character.isprintable() else _escaped(character) for character in str(text)
    )


def _escaped(character: str) -> str:
    # Also takes lone surrogates, by which Python tells of bytes in file names that are no UTF-8.
    return character.encode("unicode_escape").decode("ascii")
