"""Tables in any format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from rich.box import SIMPLE
from rich.console import Group
from rich.table import Table as RichTable
from rich.text import Text


@dataclass(frozen=True)
class Table:
    """A title, column headings and rows of text; the first columns name the row.

    A cell may have several lines, for terminals; elsewhere they become one.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    footer: tuple[str, ...] | None = None
    """A closing row, set apart."""
    names: int = 1
    """Columns that name the row."""
    note: str = ""
    """What a reader must know about the figures."""


NAME, GAP = 24, 3
"""Letters of a line that a name takes, longer ones being broken, and those between columns."""


def to_rich(table: Table) -> Group:
    """For terminals. Title and note may be wider than the table, and stand alone without rows."""
    shown = RichTable(box=SIMPLE, pad_edge=False, show_footer=table.footer is not None)
    for place, cells in enumerate(zip(table.columns, *table.rows, strict=True)):
        # Where the terminal is narrow, names may break over lines, figures may not.
        named = place < table.names
        shown.add_column(
            Text(cells[0]),
            footer=Text(table.footer[place] if table.footer else ""),
            justify="left" if named else "right",
            no_wrap=not named,
            overflow="fold" if named else "ellipsis",
            min_width=least_name(cells) if named else None,
        )
    for row in table.rows:
        # Names come from elsewhere: what looks like markup in them is none.
        shown.add_row(*map(Text, row))
    note = [Text(table.note, "table.caption")] if table.note else []
    return Group(Text(table.title, "bold"), *([shown] if table.rows else []), *note)


def widest(cells: Iterable[str]) -> int:
    """Letters of the longest line in some cells."""
    return max((len(line) for cell in cells for line in cell.split("\n")), default=0)


def least_name(cells: Iterable[str]) -> int:
    """Letters that a column of names needs: whole words, unless they are very long."""
    return min(NAME, widest(word for cell in cells for word in cell.split(" ")))


def to_markdown(table: Table) -> str:
    """A GitHub-flavoured table."""
    ruler = (*["---"] * table.names, *["---:"] * (len(table.columns) - table.names))
    footer = [table.footer] if table.footer else []
    rows = [table.columns, ruler, *table.rows, *footer]
    lines = [f"| {' | '.join(map(_markdown, row))} |" for row in rows]
    note = [_markdown(table.note), ""] if table.note else []
    return "\n".join([f"**{table.title}**", "", *lines, "", *note])


def to_latex(table: Table) -> str:
    """A ``booktabs`` table."""
    body = [" & ".join(map(_latex, row)) + r" \\" for row in table.rows]
    if table.footer:
        body += [r"\midrule", " & ".join(map(_latex, table.footer)) + r" \\"]
    columns = "l" * table.names + "r" * (len(table.columns) - table.names)
    return "\n".join(
        [
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(map(_latex, table.columns)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *([f"% {_latex(table.note)}"] if table.note else []),
        ]
    )


def to_csv(*rows: Iterable[object]) -> str:
    """Comma-separated values; the first row names the columns."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().rstrip("\n")


def _markdown(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _latex(text: str) -> str:
    text = text.replace("\n", " ")
    for character in "&%$#_{}":
        text = text.replace(character, "\\" + character)
    return text
