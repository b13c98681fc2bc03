"""Limits on the length of replies, and functions that enforce them."""

from __future__ import annotations

import re

MAX_REPLY = 200_000
"""Characters of a reply that are parsed and recorded. Thinking has the same limit."""

HEAD = 50_000
"""Characters of a longer reply that are kept from its beginning; the rest is kept from its end,
where the answer is."""

MAX_NAMED = 200
"""Characters of a named action that are kept."""

MAX_DEPTH = 64
"""Levels of brackets in a JSON answer; deeper values are not parsed."""

MAX_VALUES = 5_000
"""Values in all JSON objects of a reply together; a reply with more has no answer."""

_MARK_ROOM = 60
_MARK = re.compile(r"\n\n\[(\d{1,12}) characters left out\]\n\n", re.ASCII)


def cut(text: str) -> str:
    """Shorten text to ``MAX_REPLY`` characters; shorter text is returned as it is.

    The middle is replaced by a line that says how many characters were left out.
    """
    if len(text) <= MAX_REPLY:
        return text
    tail = MAX_REPLY - HEAD - _MARK_ROOM
    mark = f"\n\n[{len(text) - HEAD - tail} characters left out]\n\n"
    return text[:HEAD] + mark + text[-tail:]


def left_out(text: str) -> int:
    """Return how many characters :func:`cut` left out of a text; 0 if it was not cut."""
    mark = _MARK.match(text, HEAD)
    tail = MAX_REPLY - HEAD - _MARK_ROOM
    return int(mark[1]) if mark and len(text) - mark.end() == tail else 0


def clean(text: str) -> str:
    """Replace characters that records cannot hold: NUL, and lone surrogates."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def shorten(text: str) -> str:
    """Put a named action on one line of at most ``MAX_NAMED`` characters."""
    short = " ".join(clean(text[: 4 * MAX_NAMED]).split())
    return short if len(short) <= MAX_NAMED else short[: MAX_NAMED - 1] + "…"
