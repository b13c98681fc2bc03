"""Bundles: a run as one file, ``.vsb``, to be kept, sent and compared.

A bundle is a tar archive (USTAR) of the files of a run's record, compressed with Zstandard. Its
files are in a fixed order and carry neither times nor owners, so equal runs give equal bundles.
Bundles may come from untrusted sources: readers refuse every archive that :func:`pack` could not
have written, and check each limit before they read on.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.records.bounds import (
    BUNDLE_WINDOW_LOG,
    MAX_BUNDLE_BYTES,
    MAX_BUNDLED_BYTES,
    MAX_BUNDLED_FILES,
    MAX_UNPACKED_BYTES,
)
from vsbench.records.files import JOURNALS, MANIFEST, PROMPTS, RESULTS, journal_key, open_run
from vsbench.records.reading import open_plain, read_plain

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SUFFIX = ".vsb"

LEVEL = 9
"""Of the compression: level 19 saves a tenth of the bytes for ten times the time."""

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
"""Two empty blocks end an archive."""

CHUNK = 1 << 16

_ORDER = (MANIFEST, RESULTS, PROMPTS, JOURNALS)
_TEMPLATE = re.compile(rf"{PROMPTS}/([A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*\.j2")


def pack(run: Path, to: Path) -> str:
    """Write a run into a bundle, and return the bundle's SHA-256 in hexadecimal.

    The record alone is packed: neither replays nor reports of errors. Nobody may be playing the run
    meanwhile.

    Args:
        run: its directory.
        to: the file to write; an existing one is replaced when the new one is complete.

    Raises:
        UsageError: the directory holds no run, or one that is too large for a bundle.
        OSError: the file cannot be written.
    """
    open_run(run)
    names = _record(run)
    digest = hashlib.sha256()
    size = 0
    descriptor, temporary = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for data in _compressed(_archive(run, names)):
                size += len(data)
                digest.update(data)
                file.write(data)
        if size > MAX_BUNDLE_BYTES:
            raise _too_large(run, f"a bundle of {size:,} bytes; the limit is {MAX_BUNDLE_BYTES:,}")
        Path(temporary).chmod(0o644)
        Path(temporary).replace(to)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def unpack(bundle: Path, to: Path) -> None:
    """Unpack a bundle into a folder, which becomes the run's directory.

    Args:
        bundle: the file.
        to: an empty folder, or one that does not exist yet.

    Raises:
        UsageError: the file is missing, damaged, too large, or not a bundle.
    """
    try:
        with open_plain(bundle.resolve(), MAX_BUNDLE_BYTES) as file:
            for name, content in _members(_Decompressed(file)):
                path = to / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{bundle} cannot be read: {error.strerror}") from None
    except (ValueError, zstd.ZstdError) as error:
        raise UsageError(f"{bundle} is not a bundle of a run: {error}") from None


def _record(run: Path) -> list[str]:
    """The names of the files of a run's record, in the order of a bundle. Raises UsageError."""
    names = [MANIFEST, *([RESULTS] if (run / RESULTS).is_file() else [])]
    for top in (PROMPTS, JOURNALS):
        for folder, _, files in os.walk(run / top):
            names += (Path(folder, file).relative_to(run).as_posix() for file in files)
    for name in names:
        if not _belongs(name):
            raise UsageError(f"{run} cannot be packed: {printable(name)} is no part of a run")
    if len(names) > MAX_BUNDLED_FILES:
        raise _too_large(run, f"{len(names):,} files; the limit is {MAX_BUNDLED_FILES:,}")
    return sorted(names, key=_position)


def _archive(run: Path, names: list[str]) -> Iterator[bytes]:
    """The parts of a tar archive of these files. Raises UsageError."""
    total = 0
    for name in names:
        try:
            content = read_plain(run / name, MAX_BUNDLED_BYTES, run)
        except OSError as error:
            raise UsageError(f"{run} cannot be packed: {name}: {error.strerror}") from None
        total += len(content)
        if total > MAX_UNPACKED_BYTES:
            raise _too_large(run, f"more than {MAX_UNPACKED_BYTES:,} bytes")
        yield _header(name, len(content))
        yield content
        yield bytes(-len(content) % BLOCK)
    yield END


def _compressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zstd.ZstdCompressor(
        options={
            zstd.CompressionParameter.compression_level: LEVEL,
            zstd.CompressionParameter.window_log: BUNDLE_WINDOW_LOG,
            zstd.CompressionParameter.checksum_flag: 1,
        }
    )
    yield from map(compressor.compress, parts)
    yield compressor.flush()


def _too_large(run: Path, why: str) -> UsageError:
    return UsageError(f"{run} is too large for a bundle: {why}")


def _belongs(name: str) -> bool:
    """Whether a run's record may have a file of this name."""
    if name in (MANIFEST, RESULTS) or journal_key(name) is not None:
        return True
    return _TEMPLATE.fullmatch(name) is not None


def _position(name: str) -> tuple[int, str]:
    return _ORDER.index(name.partition("/")[0]), name


def _header(name: str, size: int) -> bytes:
    """The header of a plain file, with nothing in it but its name and size."""
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _members(source: _Decompressed) -> Iterator[tuple[str, bytes]]:
    """The names and contents of the files of an archive.

    A header is accepted only if it is, byte for byte, the one that a plain file of this name and
    size gets: that excludes links, devices, extended headers and whatever else tar has.

    Raises:
        ValueError: the archive is not one that :func:`pack` writes.
    """
    last, total, count = (-1, ""), 0, 0
    while (header := source.read(BLOCK)) != END[:BLOCK]:
        try:
            entry = tarfile.TarInfo.frombuf(header, "ascii", "strict")
            expected = _header(entry.name, entry.size)
        except (tarfile.HeaderError, ValueError):
            raise ValueError("it holds no tar archive, or a damaged one") from None
        if not _belongs(entry.name):
            raise ValueError(f"{printable(entry.name)!r} is no part of a run")
        if header != expected:
            raise ValueError(f"{entry.name} is not a plain file without times and owners")
        last, previous = _position(entry.name), last
        if last <= previous:
            raise ValueError(f"{entry.name} is there twice, or out of order")
        count += 1
        total += entry.size
        if entry.size > MAX_BUNDLED_BYTES:
            raise ValueError(
                f"{entry.name} has {entry.size:,} bytes; the limit is {MAX_BUNDLED_BYTES:,}"
            )
        if total > MAX_UNPACKED_BYTES:
            raise ValueError(f"its files have more than {MAX_UNPACKED_BYTES:,} bytes")
        if count > MAX_BUNDLED_FILES:
            raise ValueError(f"more than {MAX_BUNDLED_FILES:,} files")
        content = source.read(entry.size)
        if source.read(-entry.size % BLOCK).strip(b"\0"):
            raise ValueError(f"something follows {entry.name} in its last block")
        yield entry.name, content
    if source.read(BLOCK) != END[BLOCK:] or not source.at_end():
        raise ValueError("something follows the end of the archive")
    if not count:
        raise ValueError("it is empty")


class _Decompressed:
    """Reads a compressed file piece by piece, never more than is asked for.

    Raises:
        ValueError: the file ends too early.
        zstd.ZstdError: it is not compressed with Zstandard, or needs too large a window.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: BUNDLE_WINDOW_LOG}
        )

    def read(self, size: int) -> bytes:
        """Read exactly so many bytes."""
        parts = []
        while size:
            part = self._read_some(min(size, CHUNK))
            if not part:
                raise ValueError("it ends too early")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def at_end(self) -> bool:
        """Whether neither the compressed data nor the file goes on."""
        return not self._read_some(1) and not (self._decompressor.unused_data or self._file.read(1))

    def _read_some(self, most: int) -> bytes:
        while not self._decompressor.eof:
            needed = self._file.read(CHUNK) if self._decompressor.needs_input else b""
            if self._decompressor.needs_input and not needed:
                raise ValueError("it ends too early")
            if part := self._decompressor.decompress(needed, most):
                return part
        return b""
