"""Write tables to files, row by row: Parquet, CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from vsbench.datasets.published import arrow
from vsbench.exports.rows import Row
from vsbench.exports.tables import Table
from vsbench.records.frames import Column

Format = Literal["parquet", "csv", "jsonl"]

Write = Callable[[Row], None]
"""Writes a row."""

GROUP_ROWS = 10_000
"""Rows of a Parquet row group."""

GROUP_CHARACTERS = 16_000_000
"""Characters of text after which a row group ends early: replies may be long."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters by which spreadsheets take text for a formula (OWASP, CSV injection)."""


@contextmanager
def write_parquet(path: Path, table: Table) -> Iterator[Write]:
    """Write Parquet with Zstandard compression; one row group is in memory at a time.

    The metadata of a field holds its ``description`` and, where it has one, its ``unit``.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa = arrow()
    fields = [_field(pa, column) for column in table.columns]
    schema = pa.schema(fields, {"vsbench.table": table.name, "description": table.about})
    rows: list[Row] = []
    characters = 0

    def flush() -> None:
        nonlocal characters
        cells = zip(*rows, strict=True)
        columns = [pa.array(each, field.type) for field, each in zip(schema, cells, strict=True)]
        file.write_table(pa.table(columns, schema=schema))
        rows.clear()
        characters = 0

    def write(row: Row) -> None:
        nonlocal characters
        rows.append(row)
        characters += sum(len(cell) for cell in row if isinstance(cell, str))
        if len(rows) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
            flush()

    with pa.parquet.ParquetWriter(path, schema, compression="zstd") as file:
        yield write
        if rows:
            flush()


def _field(pa: Any, column: Column) -> Any:
    kind = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }[column.kind]
    metadata = {"description": column.description}
    if column.unit:
        metadata["unit"] = column.unit
    return pa.field(
        column.name,
        pa.list_(kind) if column.is_list else kind,
        nullable=column.optional,
        metadata=metadata,
    )


@contextmanager
def write_csv(path: Path, table: Table) -> Iterator[Write]:
    """Write comma-separated values. Lists are JSON; text that looks like a formula is quoted."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(column.name for column in table.columns)
        yield lambda row: lines.writerow(map(_csv_cell, row))


def _csv_cell(value: object) -> object:
    match value:
        case str():
            # An apostrophe makes spreadsheets take the cell for text.
            return f"'{value}" if value.startswith(FORMULA) else value
        case bool() | tuple():
            return _json(value)
        case datetime():
            return value.isoformat()
    return value


@contextmanager
def write_jsonl(path: Path, table: Table) -> Iterator[Write]:
    """Write JSON Lines: an object per row."""
    names = [column.name for column in table.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        yield lambda row: print(_json(dict(zip(names, row, strict=True))), file=file)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=datetime.isoformat)


WRITERS: dict[Format, Callable[[Path, Table], AbstractContextManager[Write]]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "jsonl": write_jsonl,
}
"""Format, which is also the suffix of its files -> writer."""
