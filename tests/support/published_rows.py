"""Rows of published data sets, as their publishers write them."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from PIL import Image
from pyarrow import parquet

Row = dict[str, Any]


def png(colour: str = "red", size: tuple[int, int] = (6, 4), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def row(**changes: Any) -> Row:
    """A row as the publishers write it."""
    prompt = {
        "system": "You predict.",
        "observation": "This is the board.",
        "action": "What does the other one do?",
        "image_path": [encoded(png())],
    }
    whole: Row = {
        "next_action": [3],
        "prompt": prompt,
        "next_legal_actions": json.dumps({"0": "<STAY>", "3": "<UP>", "1": "<LEFT>"}),
    }
    for name, value in changes.items():
        (prompt if name in prompt else whole)[name] = value
    return whole


def write_rows(path: Path, *rows: Row, schema: Any = None) -> Path:
    """A Parquet file of some rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
    return path
