"""Tables as terminal output, Markdown, LaTeX and CSV, and the format of figures in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import ceil
from textwrap import fill

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table as RichTable
from rich.text import Text

from vsbench.estimates.ranges import Range
from vsbench.records.results import Figure
from vsbench_envs import registry

MAX_LABEL_WIDTH = 24
"""Characters of the widest label that is never broken; longer words are."""

COLUMN_GAP = 3
"""Characters between two columns of a terminal table."""


@dataclass(frozen=True)
class Table:
    """A title, column headings and rows of text.

    Cells may have several lines in a terminal; other formats join them with spaces.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    footer: tuple[str, ...] | None = None
    """A final row of totals."""
    label_columns: int = 1
    """Leading columns of text, aligned left; the others hold figures, aligned right."""
    note: str = ""
    """Printed below the table."""


@dataclass(frozen=True)
class _RichTable:
    """Renders a table once the width of the terminal is known."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Title and note stand outside the grid: they may be wider.
        yield Text(self.table.title, "bold")
        if self.table.rows:
            yield self._grid(wrap_figures=not fits(self.table, options.max_width))
        if self.table.note:
            yield Text(self.table.note, "table.caption")

    def _grid(self, wrap_figures: bool) -> RichTable:
        table = self.table
        grid = RichTable(box=SIMPLE, pad_edge=False, show_footer=table.footer is not None)
        for number, cells in enumerate(zip(table.columns, *table.rows, strict=True)):
            is_label = number < table.label_columns
            wraps = is_label or wrap_figures
            grid.add_column(
                Text(cells[0]),
                footer=Text(table.footer[number] if table.footer else ""),
                justify="left" if is_label else "right",
                no_wrap=not wraps,
                overflow="fold" if wraps else "ellipsis",
                min_width=_min_label_width(cells) if wraps else None,
            )
        for row in table.rows:
            # Text, since names from elsewhere may look like markup.
            grid.add_row(*map(Text, row))
        return grid


def to_rich(table: Table) -> RenderableType:
    """Render a table for the terminal; without rows, its title and note only.

    In a narrow terminal labels wrap between words, and figures too if that is not enough.
    """
    return _RichTable(table)


def to_markdown(table: Table) -> str:
    """Render a table as GitHub-flavoured Markdown."""
    figures = len(table.columns) - table.label_columns
    ruler = (*["---"] * table.label_columns, *["---:"] * figures)
    footer = [table.footer] if table.footer else []
    rows = [table.columns, ruler, *table.rows, *footer]
    lines = [f"| {' | '.join(map(_escape_markdown, row))} |" for row in rows]
    note = [_escape_markdown(table.note), ""] if table.note else []
    return "\n".join([f"**{table.title}**", "", *lines, "", *note])


def to_latex(table: Table) -> str:
    """Render a table as a LaTeX ``tabular`` with ``booktabs`` rules."""
    body = [" & ".join(map(_escape_latex, row)) + r" \\" for row in table.rows]
    if table.footer:
        body += [r"\midrule", " & ".join(map(_escape_latex, table.footer)) + r" \\"]
    columns = "l" * table.label_columns + "r" * (len(table.columns) - table.label_columns)
    return "\n".join(
        [
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(map(_escape_latex, table.columns)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *([f"% {_escape_latex(table.note)}"] if table.note else []),
        ]
    )


def to_csv(*rows: Iterable[object]) -> str:
    """Render rows as comma-separated values; the first row names the columns."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().rstrip("\n")


def fits(table: Table, width: int) -> bool:
    """Whether a table fits into ``width`` characters, its labels wrapped between words."""
    footer = [table.footer] if table.footer else []
    columns = list(zip(table.columns, *table.rows, *footer, strict=True))
    labels, figures = columns[: table.label_columns], columns[table.label_columns :]
    needed = [*map(_min_label_width, labels), *map(_line_width, figures)]
    return sum(needed) + COLUMN_GAP * len(needed) <= width


def fit(table: Table, width: int | None) -> list[Table]:
    """Fit a table with one label column into ``width`` characters.

    Where figures do not fit on one line, intervals go below their means. If that is still too
    wide, the columns are split over several tables. ``None`` stands for unlimited width.
    """
    figures = len(table.columns) - 1
    needed = figures * (_figure_width(table) + COLUMN_GAP)
    if width is None or needed <= width - _line_width(row[0] for row in table.rows):
        return [table]
    wrapped = _wrap(table)
    room = width - _min_label_width(row[0] for row in wrapped.rows)
    most = max(1, room // (_figure_width(wrapped) + COLUMN_GAP))
    size = ceil(figures / ceil(figures / most))
    return [_slice(wrapped, start, start + size) for start in range(1, figures + 1, size)]


def _figure_width(table: Table) -> int:
    return _line_width(cell for row in (table.columns, *table.rows) for cell in row[1:])


def _wrap(table: Table) -> Table:
    rows = tuple(
        (label.replace("/", "/\n  ", 1), *(cell.replace(" [", "\n[") for cell in figures))
        for label, *figures in table.rows
    )
    size = max(1, _line_width(cell for row in rows for cell in row[1:]))
    columns = tuple(fill(name, size, break_long_words=False) for name in table.columns)
    return replace(table, columns=columns, rows=rows)


def _slice(table: Table, start: int, stop: int) -> Table:
    """The label column and the columns from ``start`` to ``stop``."""

    def cells(row: tuple[str, ...]) -> tuple[str, ...]:
        return (row[0], *row[start:stop])

    return replace(table, columns=cells(table.columns), rows=tuple(map(cells, table.rows)))


def _line_width(cells: Iterable[str]) -> int:
    """Characters of the longest line."""
    return max((len(line) for cell in cells for line in cell.split("\n")), default=0)


def _min_label_width(cells: Iterable[str]) -> int:
    """Characters that a label column needs to break between words only, up to a maximum."""
    return min(MAX_LABEL_WIDTH, _line_width(word for cell in cells for word in cell.split(" ")))


def _escape_markdown(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _escape_latex(text: str) -> str:
    text = text.replace("\n", " ")
    for character in "&%$#_{}":
        text = text.replace(character, "\\" + character)
    return text


def format_interval(figure: Figure | None, digits: int = 1) -> str:
    """Format a figure as ``mean [low, high]``; a dash for ``None``.

    >>> format_interval(Figure(mean=51.25, low=40, high=62, n=9))
    '51.2 [40.0, 62.0]'
    """
    if figure is None:
        return "-"
    # z: what is rounded to zero has no sign.
    mean = f"{figure.mean:z.{digits}f}"
    return f"{mean} [{figure.low:z.{digits}f}, {figure.high:z.{digits}f}]"


def format_decimal(number: float | None, digits: int) -> str:
    """Format a number with a fixed number of digits; a dash for ``None``."""
    return "-" if number is None else f"{number:z.{digits}f}"


def format_count(number: float) -> str:
    """Format a large number with three significant digits.

    >>> format_count(1234567)
    '1.23M'
    """
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def format_range(found: Range | None, form: Callable[[float], str]) -> str:
    """Format a range with two significant digits, as in ``1.1k..6.9k``; a dash for ``None``.

    >>> format_range(Range(1120, 6900), format_count)
    '1.1k..6.9k'
    """
    if found is None:
        return "-"
    low, high = (form(float(f"{end:.2g}")) for end in (found.low, found.high))
    return low if low == high else f"{low}..{high}"


def format_dollars(found: Range | None) -> str:
    """Format a range of US dollars, as in ``$0.39..2.4``; a dash for ``None``."""
    return "-" if found is None else "$" + format_range(found, "{:.10g}".format)


def format_cost(dollars: float | None) -> str:
    """Format US dollars; a dash for ``None``, that is without a known price."""
    return "-" if dollars is None else f"${dollars:.2f}"


def env_title(env: str) -> str:
    """The title of an environment."""
    return registry.get(env).spec.title


def catalogue_order(envs: Iterable[str]) -> list[str]:
    """Sort distinct environments as the catalogue lists them; those of other packages last."""
    places = {env: place for place, env in enumerate(registry.GAMES)}
    return sorted(set(envs), key=lambda env: (places.get(env, len(places)), env))
