"""Tables in any format."""

from __future__ import annotations

from dataclasses import dataclass

from rich.box import SIMPLE
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """A title, column headings and rows of text; the first column names the row.

    A cell may have several lines, for terminals; elsewhere they become one.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    footer: tuple[str, ...] | None = None
    """A closing row, set apart."""


def to_rich(table: Table) -> RichTable:
    """For terminals."""
    shown = RichTable(
        title=table.title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE,
        pad_edge=False,
        show_footer=table.footer is not None,
    )
    for place, name in enumerate(table.columns):
        shown.add_column(
            name,
            footer=table.footer[place] if table.footer else "",
            justify="left" if place == 0 else "right",
            # Where the terminal is narrow, names may break over lines, figures may not.
            no_wrap=place > 0,
            overflow="ellipsis" if place > 0 else "fold",
            min_width=12 if place == 0 else None,
        )
    for row in table.rows:
        shown.add_row(*row)
    return shown


def to_markdown(table: Table) -> str:
    """A GitHub-flavoured table."""
    ruler = ("---", *["---:"] * (len(table.columns) - 1))
    footer = [table.footer] if table.footer else []
    rows = [table.columns, ruler, *table.rows, *footer]
    lines = [f"| {' | '.join(map(_markdown, row))} |" for row in rows]
    return "\n".join([f"**{table.title}**", "", *lines, ""])


def to_latex(table: Table) -> str:
    """A ``booktabs`` table."""
    body = [" & ".join(map(_latex, row)) + r" \\" for row in table.rows]
    if table.footer:
        body += [r"\midrule", " & ".join(map(_latex, table.footer)) + r" \\"]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
            r"\toprule",
            " & ".join(map(_latex, table.columns)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def _markdown(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _latex(text: str) -> str:
    text = text.replace("\n", " ")
    for character in "&%$#_{}":
        text = text.replace(character, "\\" + character)
    return text
