"""Thinking that a server leaves in the text of an answer."""

from __future__ import annotations

from collections.abc import Iterable


def thinking_apart(text: str, tags: Iterable[str]) -> tuple[str, str]:
    """An answer and the thinking before it, which stands in one of the ``tags``.

    The opening tag may be missing, where the prompt's template has it; the closing one may be
    missing from an answer that was cut off.
    """
    for tag in tags:
        opening, closing = f"<{tag}>", f"</{tag}>"
        before, closed, after = text.partition(closing)
        begun = before.lstrip().startswith(opening)
        if closed or begun:
            return after.lstrip("\n"), before.strip().removeprefix(opening).strip()
    return text, ""
