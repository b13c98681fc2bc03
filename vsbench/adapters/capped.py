"""Bodies of bounded size: a server that sends too much is cut off, however it is compressed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx2

MOST_BYTES = 32 * 2**20
"""Bytes of a body, decompressed. The longest answers that models give are below one megabyte."""

PIECE = 2**16
"""Bytes that are decompressed at once."""

ACCEPTED = {"accept-encoding": "gzip, deflate"}
"""The header that asks for what is decompressed here, and nothing else."""


class BodyTooLargeError(httpx2.DecodingError):
    """A body with more bytes than allowed."""


class CappedStream(httpx2.AsyncByteStream):
    """The bytes of a body, decompressed and counted."""

    def __init__(self, stream: httpx2.AsyncByteStream, encoding: str, most: int) -> None:
        self._stream = stream
        self._most = most
        # 32 + 15 reads both gzip and zlib; bare deflate is what some servers send instead.
        self._inflate = zlib.decompressobj(32 + 15) if encoding in ("gzip", "deflate") else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield pieces until the end, or raise BodyTooLargeError, or DecodingError."""
        left = self._most
        async for raw in self._stream:
            for piece in self._pieces(raw):
                left -= len(piece)
                if left < 0:
                    raise BodyTooLargeError(f"a body of more than {self._most:,} bytes")
                yield piece
        if self._inflate is not None and not self._inflate.eof and left < self._most:
            raise httpx2.DecodingError("a compressed body that breaks off")

    async def aclose(self) -> None:
        """Close what is read from."""
        await self._stream.aclose()

    def _pieces(self, raw: bytes) -> list[bytes] | _Inflated:
        return [raw] if self._inflate is None else _Inflated(self._inflate, raw)


class _Inflated:
    """What compressed bytes hold, piece by piece."""

    def __init__(self, inflate: zlib._Decompress, raw: bytes) -> None:
        self._inflate = inflate
        self._raw = raw

    def __iter__(self) -> _Inflated:
        return self

    def __next__(self) -> bytes:
        try:
            piece = self._inflate.decompress(self._raw, PIECE)
        except zlib.error as error:
            raise httpx2.DecodingError(f"a compressed body that is damaged: {error}") from None
        self._raw = self._inflate.unconsumed_tail
        if not piece:
            raise StopIteration
        return piece


async def cap(response: httpx2.Response) -> None:
    """Bound the body of a response, as a client's event hook: nothing of it is read yet."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "x-gzip":
        encoding = "gzip"
    if encoding not in ("", "identity", "gzip", "deflate"):
        await response.aclose()
        raise httpx2.DecodingError(f"a body in the encoding {encoding!r}, which was not asked for")
    if encoding in ("gzip", "deflate"):
        del response.headers["content-encoding"]
    stream = response.stream
    if isinstance(stream, httpx2.AsyncByteStream):
        response.stream = CappedStream(stream, encoding, MOST_BYTES)
