"""Server-sent events, by the standard: blocks without data are no events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from vsbench.adapters.bodies import NotTheProtocolError, mapping

END = "[DONE]"
"""The data of the last event of OpenAI's streams."""


async def json_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[Mapping[str, Any]]:
    """The JSON objects that a stream's events hold, up to the last.

    Raises:
        NotTheProtocolError: an event is not JSON.
    """
    async for data in _data(chunks):
        if data.strip().startswith(END):
            return
        try:
            yield mapping(json.loads(data))
        except (ValueError, RecursionError):
            raise NotTheProtocolError("an event that is no JSON") from None


async def _data(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The data of every event."""
    said: list[str] = []
    first = True
    async for line in _lines(chunks):
        text = line.decode(errors="replace")
        if first:
            text, first = text.removeprefix("\ufeff"), False
        if not text:
            if said:
                yield "\n".join(said)
            said = []
        elif text == "data" or text.startswith("data:"):
            said.append(text[5:].removeprefix(" "))
    if said:
        # Some servers leave out the last empty line; what is torn is no JSON.
        yield "\n".join(said)


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
        whole = b"".join([*parts, chunk])
        skip_lf = whole.endswith(b"\r")
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        parts = [rest]
        for line in lines:
            yield line
    if rest := b"".join(parts):
        yield rest
