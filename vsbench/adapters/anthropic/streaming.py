"""A message gathered from the events in which it was streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from vsbench.adapters.bodies import NotTheProtocolError, mapping, text

GROWING = {"text_delta": "text", "thinking_delta": "thinking"}
"""Kind of delta -> the field of a block that it continues, and its own field's name."""


async def gathered(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The message as it would have come in one piece.

    Raises:
        NotTheProtocolError: the events end before the message.
    """
    message: dict[str, Any] = {}
    blocks: dict[object, dict[str, Any]] = {}
    async for event in events:
        _take(event, message, blocks)
    if not message.get("stop_reason"):
        raise NotTheProtocolError("a stream that ended before its message")
    return message | {"content": list(blocks.values())}


def _take(
    event: Mapping[str, Any], message: dict[str, Any], blocks: dict[object, dict[str, Any]]
) -> None:
    match event.get("type"):
        case "message_start":
            message |= mapping(event.get("message"))
        case "content_block_start":
            blocks[event.get("index")] = dict(mapping(event.get("content_block")))
        case "content_block_delta":
            block, delta = blocks.get(event.get("index"), {}), mapping(event.get("delta"))
            if field := GROWING.get(text(delta.get("type"))):
                block[field] = text(block.get(field)) + text(delta.get(field))
        case "message_delta":
            # Counts at the end are totals, and leave out what the start already told.
            told = {k: v for k, v in mapping(event.get("usage")).items() if v is not None}
            message["usage"] = {**mapping(message.get("usage")), **told}
            message |= mapping(event.get("delta"))
