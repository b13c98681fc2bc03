"""Limits on replies, and what keeps replies within them."""

from __future__ import annotations

MAX_REPLY = 200_000
"""Characters of a reply that are read and recorded. The same limit holds for its thinking."""

HEAD = 50_000
"""Characters of a longer reply that are kept from its beginning; the rest is kept from its end,
where the answer is."""

MAX_NAMED = 200
"""Characters of a named action that are kept."""

MAX_DEPTH = 64
"""Levels of brackets in a JSON answer; what is nested deeper is not read."""

MAX_VALUES = 5_000
"""Values in all JSON objects of a reply together; a reply with more holds no answer."""


def cut(text: str) -> tuple[str, int]:
    """Shorten text to ``MAX_REPLY`` characters, and return how many were left out.

    The middle is left out and a line in its place says so, which belongs to no JSON object.
    """
    if len(text) <= MAX_REPLY:
        return text, 0
    mark = f"\n\n[{len(text) - MAX_REPLY} or more characters left out]\n\n"
    tail = MAX_REPLY - HEAD - len(mark)
    return text[:HEAD] + mark + text[-tail:], len(text) - HEAD - tail


def clean(text: str) -> str:
    """Replace lone surrogates, which JSON lets through and UTF-8 does not."""
    return text.encode(errors="replace").decode()


def shorten(text: str) -> str:
    """Put a named action on one line of at most ``MAX_NAMED`` characters."""
    short = " ".join(clean(text[: 4 * MAX_NAMED]).split())
    return short if len(short) <= MAX_NAMED else short[: MAX_NAMED - 1] + "…"
