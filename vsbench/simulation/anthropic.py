"""The server side of Anthropic's Messages API: requests, answers, and answers as events."""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from vsbench.adapters.base import Image, Message, Part, Reply, Request, Role, StopReason, Text
from vsbench.simulation.wire import Events, MalformedCallError

ROLES = {"user", "assistant", "system"}
FIELDS = {
    *("model", "max_tokens", "messages", "system", "stream", "thinking", "output_config"),
    *("temperature", "top_p", "top_k", "stop_sequences", "metadata", "service_tier"),
    "cache_control",
}
"""Known fields of a body. Like the real API, unknown ones are rejected."""

MIN_BUDGET = 1024
"""Least tokens of a thinking budget."""

STOP_REASONS: Mapping[StopReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "refusal": "refusal",
}

ERROR_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
"""HTTP status -> type of the error, where it is not the default of its class."""


PIECE = 12
"""Characters of one delta."""

END_FIELDS = ("stop_reason", "stop_sequence", "stop_details")
"""Fields of a message that come with its end."""


def message_events(body: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the events of a message, or the one of an error.

    Usage comes twice: the input with the start, all of it with the end.
    """
    if body["type"] == "error":
        yield _event(body)
        return
    usage = body["usage"]
    start = {
        **body,
        **dict.fromkeys(END_FIELDS),
        "content": [],
        "usage": usage | {"output_tokens": 1},
    }
    yield _event({"type": "message_start", "message": start})
    for index, block in enumerate(body["content"]):
        yield from _block_events(index, block)
        yield _event({"type": "ping"})
    end = {name: body[name] for name in END_FIELDS}
    yield _event({"type": "message_delta", "delta": end, "usage": usage})
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


class AnthropicWire:
    """The wire of ``POST /v1/messages``.

    Its requests carry no seed: the same body always gets the same answer, and counts as repeated.
    """

    name = "messages"
    path = "/v1/messages"
    request_id = "request-id"
    events: Events | None = staticmethod(message_events)

    def key(self, headers: Mapping[str, str]) -> str:
        """Return the key, which SDKs send in one of two headers."""
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return headers.get("x-api-key") or bearer

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """Return the model and the request; pictures must be PNG in base64."""
        try:
            if strange := sorted(body.keys() - FIELDS):
                raise MalformedCallError(f"{strange[0]}: Extra inputs are not permitted")
            model, messages, limit = body["model"], body["messages"], body["max_tokens"]
            if not isinstance(model, str) or not isinstance(messages, list) or not messages:
                raise MalformedCallError("model must be a string and messages a list")
            if not isinstance(limit, int) or limit < 1:
                raise MalformedCallError("max_tokens must be a number of tokens")
            _check_budget(body.get("thinking") or {}, limit)
            system = {"role": "system", "content": body.get("system") or []}
            parsed = tuple(_message(message) for message in (system, *messages))
        except MalformedCallError:
            raise
        except (KeyError, TypeError, AttributeError) as error:
            raise MalformedCallError(f"not a Messages request: {error!r}") from None
        return model, Request(tuple(m for m in parsed if m.parts), max_tokens=limit, seed=seed)

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """Return a message: thinking, if any, then text, if any."""
        content = []
        if reply.reasoning:
            content.append({"type": "thinking", "thinking": reply.reasoning, "signature": "-"})
        if reply.text:
            content.append({"type": "text", "text": reply.text})
        refused = {"type": "refusal", "category": None, "explanation": None}
        usage = reply.usage
        return {
            "id": f"msg_{call}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": content,
            "stop_reason": STOP_REASONS[reply.stop],
            "stop_sequence": None,
            "stop_details": refused if reply.stop == "refusal" else None,
            "usage": {
                "input_tokens": usage.input - usage.cached - usage.cache_written,
                "cache_creation_input_tokens": usage.cache_written,
                "cache_read_input_tokens": usage.cached,
                "output_tokens": usage.output,
                "output_tokens_details": {"thinking_tokens": usage.reasoning},
            },
        }

    def error(self, status: int, message: str) -> dict[str, Any]:
        """Return an error object."""
        other = "api_error" if status >= 500 else "invalid_request_error"
        kind = ERROR_TYPES.get(status, other)
        return {"type": "error", "error": {"type": kind, "message": message}}


def _check_budget(thinking: Mapping[str, Any], limit: int) -> None:
    if thinking.get("type") != "enabled":
        return
    budget = thinking["budget_tokens"]
    if budget < MIN_BUDGET:
        raise MalformedCallError(f"thinking.budget_tokens must be {MIN_BUDGET} or more")
    if budget >= limit:
        raise MalformedCallError("max_tokens must be greater than thinking.budget_tokens")


def _message(message: Any) -> Message:
    role, content = message["role"], message["content"]
    if role not in ROLES:
        raise MalformedCallError(f"unknown role {role!r}")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return Message(cast(Role, role), tuple(_part(block) for block in blocks))


def _part(block: Any) -> Part:
    match block:
        case {"type": "text", "text": str(text)}:
            if not text.strip():
                raise MalformedCallError("text content blocks must contain non-whitespace text")
            return Text(text)
        case {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": str(data)},
        }:
            try:
                return Image(binascii.a2b_base64(data, strict_mode=True))
            except binascii.Error as error:
                raise MalformedCallError(f"a picture is not base64: {error}") from None
    raise MalformedCallError("a message contains a block that is neither text nor a PNG in base64")
