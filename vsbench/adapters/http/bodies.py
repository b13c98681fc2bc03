"""Read the bodies of responses: size limit, JSON objects, event streams.

Servers differ, so nothing in a body is taken on trust.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx2

from vsbench.errors import VSBenchError
from vsbench.messages import Usage

MAX_BYTES = 32 * 2**20
"""Bytes of a body, decompressed. The longest answers that models give are below one megabyte."""

CHUNK = 2**16
"""Bytes that are decompressed at once."""

ACCEPT_ENCODING = {"accept-encoding": "gzip, deflate"}
"""The header that asks for the encodings that are decompressed here, and no others."""

MAX_TOKENS = 10**9
"""Of a call: a larger number is not a count of tokens."""

END_OF_STREAM = "[DONE]"
"""The data of the last event of OpenAI's streams."""


class ProtocolError(VSBenchError):
    """A body that is not an answer of the protocol."""


class BodyTooLargeError(VSBenchError, httpx2.DecodingError):
    """A body with more bytes than allowed."""


class LimitedStream(httpx2.AsyncByteStream):
    """The bytes of a body, decompressed and counted."""

    def __init__(self, stream: httpx2.AsyncByteStream, encoding: str, most: int) -> None:
        self._stream = stream
        self._most = most
        # 32 + 15 reads both gzip and zlib; raw deflate is what some servers send instead.
        self._inflate = zlib.decompressobj(32 + 15) if encoding in ("gzip", "deflate") else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield chunks until the end, or raise BodyTooLargeError or DecodingError."""
        left = self._most
        async for raw in self._stream:
            for chunk in self._decompressed(raw):
                left -= len(chunk)
                if left < 0:
                    raise BodyTooLargeError(f"a body of more than {self._most:,} bytes")
                yield chunk
        if self._inflate is not None and not self._inflate.eof and left < self._most:
            raise httpx2.DecodingError("a truncated compressed body")

    async def aclose(self) -> None:
        """Close the stream that is read from."""
        await self._stream.aclose()

    def _decompressed(self, raw: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            yield raw
            return
        while True:
            try:
                chunk = self._inflate.decompress(raw, CHUNK)
            except zlib.error as error:
                raise httpx2.DecodingError(f"a damaged compressed body: {error}") from None
            if not chunk:
                return
            yield chunk
            raw = self._inflate.unconsumed_tail


async def limit_size(response: httpx2.Response) -> None:
    """Limit the size of a response's body, as a client's event hook: nothing is read yet."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "x-gzip":
        encoding = "gzip"
    if encoding not in ("", "identity", "gzip", "deflate"):
        await response.aclose()
        raise httpx2.DecodingError(f"a body in the encoding {encoding!r}, which was not accepted")
    if encoding in ("gzip", "deflate"):
        del response.headers["content-encoding"]
    stream = response.stream
    if isinstance(stream, httpx2.AsyncByteStream):
        response.stream = LimitedStream(stream, encoding, MAX_BYTES)


def is_json(response: httpx2.Response) -> bool:
    """Whether a response holds one JSON body: some servers do not stream when asked to."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def json_object(response: httpx2.Response) -> Mapping[str, Any]:
    """Parse the JSON object in a response.

    Raises:
        ProtocolError: there is none.
    """
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    kind = response.headers.get("content-type", "no content type")
    raise ProtocolError(f"{len(response.content)} bytes that are not a JSON object ({kind})")


async def json_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[Mapping[str, Any]]:
    """Parse server-sent events, and yield the JSON objects in them.

    Raises:
        ProtocolError: an event is not JSON.
    """
    async for data in _event_data(chunks):
        if data.strip().startswith(END_OF_STREAM):
            return
        try:
            yield mapping(json.loads(data))
        except (ValueError, RecursionError):
            raise ProtocolError("an event that is not JSON") from None


async def _event_data(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data of every event; by the standard, blocks without data are not events."""
    data: list[str] = []
    first = True
    async for line in _lines(chunks):
        text = line.decode(errors="replace")
        if first:
            text, first = text.removeprefix("\ufeff"), False
        if not text:
            if data:
                yield "\n".join(data)
            data = []
        elif text == "data" or text.startswith("data:"):
            data.append(text[5:].removeprefix(" "))
    if data:
        # Some servers leave out the last empty line; a torn event is not JSON.
        yield "\n".join(data)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines that end in LF, CR or CRLF."""
    parts: list[bytes] = []
    skip_lf = False
    async for chunk in chunks:
        if skip_lf and chunk:
            chunk, skip_lf = chunk.removeprefix(b"\n"), False
        if b"\n" not in chunk and b"\r" not in chunk:
            parts.append(chunk)
            continue
        joined = b"".join([*parts, chunk])
        skip_lf = joined.endswith(b"\r")
        *lines, rest = joined.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        parts = [rest]
        for line in lines:
            yield line
    if rest := b"".join(parts):
        yield rest


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def string(value: object) -> str:
    """Return a string, or an empty one in place of anything else."""
    return value if isinstance(value, str) else ""


def token_count(usage: Mapping[str, Any], *path: str) -> int:
    """Return the number of tokens at a path in a usage; 0 for anything else."""
    *outer, name = path
    for key in outer:
        usage = mapping(usage.get(key))
    value = usage.get(name)
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 <= value <= MAX_TOKENS else 0


def consistent(usage: Usage) -> Usage:
    """Limit the parts of a usage to the whole, so that no cost comes out negative."""
    cached = min(usage.cached, usage.input)
    written = min(usage.cache_written, usage.input - cached)
    reasoning = min(usage.reasoning, usage.output)
    return replace(usage, cached=cached, cache_written=written, reasoning=reasoning)
