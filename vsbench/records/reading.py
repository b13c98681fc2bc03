"""Read files from untrusted sources: regular files, of bounded size, strict JSON."""

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

from vsbench.errors import VSBenchError
from vsbench.records.bounds import MAX_COMMAS, MAX_MEMBERS
from vsbench.validation import readable

M = TypeVar("M", bound=BaseModel)


class UnsuitableFileError(VSBenchError, OSError):
    """The path is not a regular file, or the file is too large."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EINVAL, why)


@contextmanager
def open_plain(path: Path, most: int, within: Path | None = None) -> Iterator[BinaryIO]:
    """Open a regular file of at most ``most`` bytes.

    Links, devices, sockets and FIFOs are refused, and so are links among the folders between
    ``within`` and the file.

    Raises:
        UnsuitableFileError: the file is not regular, or too large.
        OSError: the file is missing or cannot be read.
    """
    if within is not None:
        for folder in path.relative_to(within).parents:
            if (within / folder).is_symlink() and folder != Path():
                raise UnsuitableFileError("a folder on its path is a link")
    try:
        # Opening a FIFO without a writer would block.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise UnsuitableFileError("it is not a regular file") from None
        raise
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise UnsuitableFileError("it is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        if facts.st_size > most:
            raise UnsuitableFileError(f"it has {facts.st_size:,} bytes; the limit is {most:,}")
        yield file


def read_plain(path: Path, most: int, within: Path | None = None) -> bytes:
    """Read a regular file; see :func:`open_plain`."""
    with open_plain(path, most, within) as file:
        # The file may have grown since.
        content = file.read(most + 1)
    if len(content) > most:
        raise UnsuitableFileError(f"it has more than {most:,} bytes")
    return content


def read_user_file(path: Path, most: int) -> bytes:
    """Read a file named by the user: links are followed, devices and FIFOs refused."""
    return read_plain(path.resolve(), most)


def read_json(path: Path, schema: type[M], most: int) -> M:
    """Read and validate a JSON file; see :func:`read_plain` and :func:`parse_strictly`.

    Raises:
        OSError: the file cannot be read.
        ValueError: the content does not match the schema.
    """
    record: M = parse_strictly(schema, read_plain(path, most))
    return record


def parse_strictly(schema: TypeAdapter[Any] | type[BaseModel], text: bytes) -> Any:
    """Parse and validate a JSON text without any coercion.

    Numbers must be numbers, names in an object unique, and NaN and infinities are refused.

    Raises:
        ValueError: naming the wrong field, without repeating its value.
    """
    if text.count(b",") > MAX_COMMAS:
        raise ValueError("more values than any record has")
    try:
        # First: pydantic would make an error for every unknown member.
        json.loads(text, object_pairs_hook=_unique_names, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    validate = (
        schema.validate_json if isinstance(schema, TypeAdapter) else schema.model_validate_json
    )
    try:
        return validate(text, strict=True)
    except ValidationError as error:
        raise ValueError(readable(error)) from None


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise ValueError("an object with more members than any record has")
    found = dict(pairs)
    if len(found) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"duplicate name {twice[:80]!r} in an object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
