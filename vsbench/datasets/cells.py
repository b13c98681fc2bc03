"""Parse the cells of published data sets, tolerant of the spellings that occur."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from PIL import Image

from vsbench.errors import VSBenchError

MAX_PIXELS = 4096 * 4096
FORMATS = ("PNG", "JPEG", "WEBP")

_BARE_KEY = re.compile(r"([{,]\s*)(-?\d+)(\s*:)")


class CellError(VSBenchError, ValueError):
    """A cell cannot be parsed."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


def text(column: str, prompt: Any) -> str:
    """Parse a text of a prompt; ``column`` is ``prompt.<name>``."""
    value = _field(column, prompt)
    if not isinstance(value, str):
        raise CellError(column, f"expected text, found {_short(value)}")
    return value


MAX_LABEL_LENGTH = 512


def actions(column: str, value: Any) -> dict[int, str]:
    """Parse the actions to choose from, by ascending id."""
    pairs = _pairs(column, _json(column, value) if isinstance(value, str) else value)
    found: dict[int, str] = {}
    for key, label in pairs:
        number = _id(column, key)
        if not isinstance(label, str) or not label.strip():
            raise CellError(column, f"the label of action {number} is {_short(label)}")
        if len(label) > MAX_LABEL_LENGTH or not label.isprintable():
            raise CellError(
                column, f"action {number} has a label that is too long or not printable"
            )
        if number in found:
            raise CellError(column, f"action {number} is listed twice")
        found[number] = label
    if not found:
        raise CellError(column, "there is no action to choose")
    return dict(sorted(found.items()))


def action_ids(column: str, value: Any, options: Mapping[int, str]) -> tuple[int, ...]:
    """Parse the ids of the right actions, which must be among the options."""
    listed = value if isinstance(value, list) else [value]
    found = tuple(_id(column, number) for number in listed)
    if not found:
        raise CellError(column, "no right action")
    for number in found:
        if number not in options:
            raise CellError(column, f"action {number} is not among the legal ones")
    return found


def pictures(column: str, prompt: Any, *, thorough: bool = True) -> tuple[bytes, ...]:
    """Parse the pictures of a prompt as PNGs, oldest first; ``thorough`` decodes every pixel."""
    value = _field(column, prompt)
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(
        _png(f"{column}[{index}]", picture, thorough) for index, picture in enumerate(listed)
    )


def _field(column: str, prompt: Any) -> Any:
    struct, _, name = column.partition(".")
    if not isinstance(prompt, dict):
        raise CellError(struct, f"expected a struct, found {_short(prompt)}")
    if name not in prompt:
        raise CellError(column, "it is missing")
    return prompt[name]


def _json(column: str, written: str) -> Any:
    """Parse JSON, also with unquoted numbers as keys."""
    for candidate in (written, _BARE_KEY.sub(r'\1"\2"\3', written)):
        try:
            return json.loads(candidate, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError):
            continue
    raise CellError(column, f"{_short(written)} is not JSON")


class _Pairs(list[tuple[str, Any]]):
    """A JSON object's members, repeated keys included."""


def _pairs(column: str, value: Any) -> Iterable[tuple[Any, Any]]:
    """Pairs of id and label, from an object, a struct, a map column, or a list of labels."""
    match value:
        case _Pairs():
            return value
        case dict():
            return [(key, label) for key, label in value.items() if label is not None]
        case list() if all(isinstance(entry, str) for entry in value):
            return enumerate(value)
        case list() if all(isinstance(entry, list | tuple) and len(entry) == 2 for entry in value):
            return [(key, label) for key, label in value]
    raise CellError(column, f"expected an object of id -> label, found {_short(value)}")


def _id(column: str, value: Any) -> int:
    """Parse an action's id: an integer, or its digits."""
    match value:
        case bool():
            pass
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
            return int(value)
    raise CellError(column, f"{_short(value)} is not the id of an action")


def _png(column: str, value: Any, thorough: bool) -> bytes:
    """Convert a picture to PNG. PNGs have checksums, which reveal damage without decoding."""
    content = _content(column, value)
    try:
        with warnings.catch_warnings():
            # Pillow only warns of decompression bombs.
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise CellError(column, f"{image.width} x {image.height} pixels are too many")
                if image.format == "PNG" and not thorough:
                    image.verify()
                    return content
                image.load()
                if image.format == "PNG":
                    return content
                out = io.BytesIO()
                image.convert("RGB").save(out, "PNG")
                return out.getvalue()
    except CellError:
        raise
    except Exception as error:
        # Damaged files make Pillow raise almost any exception.
        raise CellError(column, f"unreadable picture: {error}") from None


def _content(column: str, value: Any) -> bytes:
    if isinstance(value, dict):
        value = value.get("bytes")
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise CellError(column, f"expected a picture in base64, found {_short(value)}")
    encoded = value.partition(",")[2] if value.startswith("data:") else value
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise CellError(column, f"{_short(value)} is not base64") from None


def _short(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}..."
