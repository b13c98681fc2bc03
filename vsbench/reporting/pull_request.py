"""Comparisons of two runs in Markdown, for pull requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from urllib.parse import quote

from vsbench.printable import printable
from vsbench.records.comparison import Comparison
from vsbench.reporting import formats
from vsbench.reporting.differences import (
    CHOICES,
    choice_line,
    headline,
    measures_table,
    scores_table,
    setting_lines,
    state,
    warning,
)
from vsbench.reporting.formats import Table

SIGNS = {"pass": "✅", "regression": "❌", "inconclusive": "⚠️", "no verdict": "⚠️"}
"""Verdict of a gate -> sign in Markdown."""


def to_markdown(comparison: Comparison, link: Callable[[str], str] | None = None) -> str:
    """A report for a pull request: a headline, the scores, and details to unfold.

    Args:
        comparison: of two runs.
        link: replay page of a choice -> its address as seen from the report; None if no pages
            were written.
    """
    new, base = (markdown_text(side.label) for side in (comparison.new, comparison.base))
    sign = f"{SIGNS[comparison.judgement.verdict]} " if comparison.judgement else ""
    opening, colon, rest = markdown_text(headline(comparison)).partition(":")
    lines = [
        f"### {new} compared with {base}",
        "",
        f"{sign}**{opening}{colon}**{rest}",
        "",
    ]
    if told := warning(comparison):
        lines += [f"> **{markdown_text(told)}**", ""]
    for evaluation in comparison.evaluations:
        table = scores_table(comparison, evaluation)
        lines += [_table(replace(table, note="")), ""]
        lines += [f"<sub>{markdown_text(table.note)}</sub>", ""]
    if comparison.judgement is not None:
        reasons = [f"- {markdown_text(reason)}" for reason in comparison.judgement.reasons]
        lines += _details("Reasons", reasons)
    measures = measures_table(comparison)
    if measures.rows:
        lines += _details(measures.title, [_table(replace(measures, title=""))])
    if comparison.choices:
        lines += _details(CHOICES, list(_choices(comparison, link)))
    lines += _details("Runs and settings", list(_settings(comparison)))
    return "\n".join(lines)


def _details(title: str, lines: Sequence[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _table(table: Table) -> str:
    rows = tuple(tuple(map(markdown_text, row)) for row in table.rows)
    shown = formats.to_markdown(replace(table, rows=rows))
    return shown.removeprefix("****").strip()


def _choices(comparison: Comparison, link: Callable[[str], str] | None) -> Iterator[str]:
    """The choices as a list, with links or commands that show them."""
    for pair in comparison.choices:
        yield f"- {markdown_text(choice_line(pair))}"
        sides = (("base", pair.base), ("new", pair.new))
        if link is not None:
            links = (f"[{name}](<{_address(link(choice.page))}>)" for name, choice in sides)
            yield f"  - replays: {', '.join(links)}"
        else:
            for _, choice in sides:
                yield f"  - <code>{markdown_text(choice.replay)}</code>"


def _address(page: str) -> str:
    """A page's path as an address in Markdown."""
    file, hash_sign, step = page.partition("#")
    return f"{quote(file)}{hash_sign}{step}"


def _settings(comparison: Comparison) -> Iterator[str]:
    for name, side in (("base", comparison.base), ("new", comparison.new)):
        yield (
            f"- {name}: {markdown_text(side.label)}, <code>{markdown_text(side.source)}</code>, "
            f"{markdown_text(side.standing.summary)}{state(side)}"
        )
    for line in setting_lines(comparison):
        yield f"- {markdown_text(line)}"


_SPECIAL = re.compile(r"([\\`*_\[\]#~@])")


def markdown_text(text: str) -> str:
    """Escape text for GitHub-flavoured Markdown, so that it is shown as it is and names nobody."""
    return _SPECIAL.sub(r"\\\1", escape(printable(text.replace("\n", " ")), quote=False))
