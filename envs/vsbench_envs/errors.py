"""Base class of the errors that vsbench raises on purpose, and the errors of the games."""

from __future__ import annotations

import difflib

LONGEST_SHOWN = 100
"""Characters of a name in messages."""


class VSBenchError(Exception):
    """Base class of the errors that vsbench raises on purpose; anything else is a defect."""


class IllegalMoveError(VSBenchError, ValueError):
    """A joint action that the rules do not allow; the state is unchanged."""


class UnreadableError(VSBenchError, ValueError):
    """A picture or a text that does not show a state of this game."""


class UnknownNameError(VSBenchError, LookupError):
    """An unknown name; the message suggests the nearest and lists the known ones."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        name = shortened(name)
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(f"there is no {kind} {name!r}.{hint} Known: {', '.join(known)}.")


class MissingExtraError(VSBenchError, ImportError):
    """An optional part that is not installed."""


class PluginError(VSBenchError, ImportError):
    """A game of another package that cannot be loaded; the message names the package."""


class NotMeasuredError(VSBenchError, LookupError):
    """A game whose anchors have not been measured."""


class NoDisplayError(VSBenchError, RuntimeError):
    """There is no display to open a window on."""


def shortened(text: str) -> str:
    """A text for a message, cut to ``LONGEST_SHOWN`` characters."""
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."
