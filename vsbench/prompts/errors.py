"""What can be wrong with prompt packs."""

from __future__ import annotations

from vsbench.errors import UsageError

LONGEST_MESSAGE = 500


class PromptError(UsageError):
    """A template or pack is missing, broken, or does not fit the question."""


class UntrustedPackError(PromptError):
    """A pack of no released version, which is not rendered unless the user asks for it."""


def printable(text: str) -> str:
    """Escape control characters, and shorten: templates choose what their errors say."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:LONGEST_MESSAGE])
    return shown + ("..." if len(text) > LONGEST_MESSAGE else "")
