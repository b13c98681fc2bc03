"""Tables and links in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars within cells are escaped."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def link(title: str) -> str:
    """A link to the heading with this title on the same page."""
    kept = "".join(c for c in title.lower() if c.isalnum() or c in " -")
    return f"[{title}](#{kept.replace(' ', '-')})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
