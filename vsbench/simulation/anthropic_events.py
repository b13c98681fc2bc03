"""Messages in pieces, as Anthropic's API streams them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PIECE = 12
"""Characters that come at once."""

ENDING = ("stop_reason", "stop_sequence", "stop_details")
"""Fields of a message that are told at its end."""


def message_events(body: Mapping[str, Any]) -> Iterator[bytes]:
    """The events of a message, or the one of an error.

    Usage comes twice: the input with the start, all of it with the end.
    """
    if body["type"] == "error":
        yield _event(body)
        return
    usage = body["usage"]
    begun = {**body, **dict.fromkeys(ENDING), "content": [], "usage": usage | {"output_tokens": 1}}
    yield _event({"type": "message_start", "message": begun})
    for index, block in enumerate(body["content"]):
        yield from _block_events(index, block)
        yield _event({"type": "ping"})
    ending = {name: body[name] for name in ENDING}
    yield _event({"type": "message_delta", "delta": ending, "usage": usage})
    yield _event({"type": "message_stop"})


def _block_events(index: int, block: Mapping[str, Any]) -> Iterator[bytes]:
    kind = block["type"]
    text = block[kind]
    empty = {**block, kind: ""}
    yield _event({"type": "content_block_start", "index": index, "content_block": empty})
    for at in range(0, len(text), PIECE):
        delta = {"type": f"{kind}_delta", kind: text[at : at + PIECE]}
        yield _event({"type": "content_block_delta", "index": index, "delta": delta})
    yield _event({"type": "content_block_stop", "index": index})


def _event(data: Mapping[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()
