"""Reading files that anybody may have written: plain files, of bounded size, strict JSON."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from vsbench.records.bounds import COMMAS, MEMBERS
from vsbench.validation import readable

M = TypeVar("M", bound=BaseModel)


class NotPlainError(OSError):
    """Something in a file's place that is no regular file, or is larger than its kind may be."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EINVAL, why)


@contextmanager
def open_plain(path: Path, most: int, within: Path | None = None) -> Iterator[BinaryIO]:
    """Open a regular file of at most so many bytes.

    Links, devices, sockets and FIFOs are refused without being opened for good, and so are links
    among the folders on the way from ``within``.

    Raises:
        NotPlainError: it is none, or too large.
        OSError: it is missing, or cannot be read.
    """
    if within is not None:
        for folder in path.relative_to(within).parents:
            if (within / folder).is_symlink() and folder != Path():
                raise NotPlainError("a folder on its way is a link")
    try:
        # A FIFO that nobody writes to would hold up whoever opens it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NotPlainError("it is not a plain file") from None
        raise
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise NotPlainError("it is not a plain file")
    with os.fdopen(descriptor, "rb") as file:
        if facts.st_size > most:
            raise NotPlainError(f"it has {facts.st_size:,} bytes, and may have {most:,}")
        yield file


def read_plain(path: Path, most: int, within: Path | None = None) -> bytes:
    """The content of a regular file; see :func:`open_plain`."""
    with open_plain(path, most, within) as file:
        # It may have grown since.
        content = file.read(most + 1)
    if len(content) > most:
        raise NotPlainError(f"it has more than {most:,} bytes")
    return content


def read_named(path: Path, most: int) -> bytes:
    """The content of a file that a person names; links are followed, devices and FIFOs refused."""
    return read_plain(path.resolve(), most)


def read_json(path: Path, schema: type[M], most: int) -> M:
    """What a schema makes of a file; see :func:`read_plain` and :func:`parse_strictly`.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not of the schema.
    """
    record: M = parse_strictly(schema, read_plain(path, most))
    return record


def parse_strictly(schema: TypeAdapter[Any] | type[BaseModel], text: bytes) -> Any:
    """What a schema makes of a JSON text, taking nothing for something else.

    Numbers must be numbers, names stand once in an object, and NaN and infinities are refused.

    Raises:
        ValueError: saying where it is wrong, without repeating what is there.
    """
    if text.count(b",") > COMMAS:
        raise ValueError("more values than any record holds")
    try:
        # First, since a schema would tell of every member that it does not know.
        json.loads(text, object_pairs_hook=_named_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    validate = (
        schema.validate_json if isinstance(schema, TypeAdapter) else schema.model_validate_json
    )
    try:
        return validate(text, strict=True)
    except ValidationError as error:
        raise ValueError(readable(error)) from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MEMBERS:
        raise ValueError("an object with more members than any record has")
    found = dict(pairs)
    if len(found) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{twice[:80]!r} stands twice in an object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
