"""Tables fitted to a terminal: what is too wide is folded, and parted if need be."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from textwrap import fill

from vsbench.reporting.formats import GAP, Table, least_name, widest


def fits(table: Table, width: int) -> bool:
    """Whether a terminal's lines can hold a table; names may break between words."""
    cells = list(zip(table.columns, *table.rows, strict=True))
    names, figures = cells[: table.names], cells[table.names :]
    needed = [*map(least_name, names), *map(widest, figures)]
    return sum(needed) + GAP * len(needed) <= width


def fitted(table: Table, width: int | None) -> list[Table]:
    """A table with one column of names, as one or several that lines of ``width`` letters hold.

    Figures keep on one line where there is room, else intervals go below their means. If that is
    still too wide, each table has some of the columns; None is room for everything.
    """
    figures = len(table.columns) - 1
    if width is None or figures * (_figure_width(table) + GAP) <= width - _name_width(table):
        return [table]
    folded = _folded(table)
    room = width - least_name(row[0] for row in folded.rows)
    most = max(1, room // (_figure_width(folded) + GAP))
    size = ceil(figures / ceil(figures / most))
    return [_part(folded, start, start + size) for start in range(1, figures + 1, size)]


def _name_width(table: Table) -> int:
    return widest(row[0] for row in table.rows)


def _figure_width(table: Table) -> int:
    return widest(cell for row in (table.columns, *table.rows) for cell in row[1:])


def _folded(table: Table) -> Table:
    rows = tuple(
        (name.replace("/", "/\n  ", 1), *(cell.replace(" [", "\n[") for cell in figures))
        for name, *figures in table.rows
    )
    size = max(1, widest(cell for row in rows for cell in row[1:]))
    columns = tuple(fill(name, size, break_long_words=False) for name in table.columns)
    return replace(table, columns=columns, rows=rows)


def _part(table: Table, start: int, stop: int) -> Table:
    def some(row: tuple[str, ...]) -> tuple[str, ...]:
        return (row[0], *row[start:stop])

    return replace(table, columns=some(table.columns), rows=tuple(map(some, table.rows)))
