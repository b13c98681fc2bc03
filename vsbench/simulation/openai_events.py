"""Answers in pieces, as OpenAI's two APIs stream them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

PIECE = 4
"""Characters that come at once."""


def completion_events(body: Mapping[str, Any]) -> Iterator[bytes]:
    """The chunks of a chat completion, or the one of an error. Usage comes with the last."""
    if "error" in body:
        yield _chunk(body)
        return
    (choice,) = body["choices"]
    head = {**body, "object": "chat.completion.chunk", "usage": None}
    deltas = [{"role": "assistant", "content": ""}]
    for name in ("content", "refusal"):
        deltas += ({name: piece} for piece in _pieces(choice["message"][name] or ""))
    for delta in deltas:
        yield _chunk({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    ending = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    yield _chunk({**head, "choices": [ending]})
    yield _chunk({**head, "choices": [], "usage": body["usage"]})
    yield b"data: [DONE]\n\n"


def response_events(body: Mapping[str, Any]) -> Iterator[bytes]:
    """The events of a response, or the one of an error. The last holds the whole response."""
    if "error" in body and "output" not in body:
        yield _event("error", **body["error"] | {"type": "error"})
        return
    begun = {**body, "status": "in_progress", "output": [], "usage": None}
    yield _event("response.created", response=begun)
    yield _event("response.in_progress", response=begun)
    for index, item in enumerate(body["output"]):
        yield _event("response.output_item.added", output_index=index, item=item | {"content": []})
        for at, part in enumerate(item.get("content", [])):
            place = {"output_index": index, "content_index": at, "item_id": item["id"]}
            yield from _part_events(part, place)
        yield _event("response.output_item.done", output_index=index, item=item)
    yield _event(f"response.{body['status']}", response=body)


def _part_events(part: Mapping[str, Any], place: Mapping[str, Any]) -> Iterator[bytes]:
    kind, field = f"response.{part['type']}", "refusal" if part["type"] == "refusal" else "text"
    yield _event("response.content_part.added", **place, part={**part, field: ""})
    for piece in _pieces(part[field]):
        yield _event(f"{kind}.delta", **place, delta=piece)
    yield _event(f"{kind}.done", **place, **{field: part[field]})
    yield _event("response.content_part.done", **place, part=part)


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(0, len(text), PIECE))


def _chunk(data: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def _event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | data)}\n\n".encode()
