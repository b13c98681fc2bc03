"""The server side of OpenAI's two APIs, Chat Completions and Responses, and their event streams."""

from __future__ import annotations

import binascii
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from vsbench.adapters.base import (
    Image,
    Message,
    Part,
    Reply,
    Request,
    Role,
    Sampling,
    StopReason,
    Text,
)
from vsbench.simulation.wire import Events, MalformedCallError

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
DATA_URL = "data:image/png;base64,"
DEFAULT_MAX_TOKENS = 4096
"""Limit of calls that set none."""

ERROR_TYPES = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
"""HTTP status -> type and code of the error."""


def bearer(headers: Mapping[str, str]) -> str:
    """Return the key of a call."""
    return headers.get("authorization", "").removeprefix("Bearer ")


def error_body(status: int, message: str) -> dict[str, Any]:
    """Return an error object."""
    other = ("server_error" if status >= 500 else "invalid_request_error", None)
    kind, code = ERROR_TYPES.get(status, other)
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def role(message: Any) -> Role:
    """Return the role of a message."""
    if message["role"] not in ROLES:
        raise MalformedCallError(f"unknown role {message['role']!r}")
    return ROLES[message["role"]]


def picture(url: str) -> Image:
    """Return the picture in a data URL."""
    if not url.startswith(DATA_URL):
        raise MalformedCallError(f"pictures must be PNG data URLs, {DATA_URL}...")
    try:
        return Image(binascii.a2b_base64(url[len(DATA_URL) :], strict_mode=True))
    except binascii.Error as error:
        raise MalformedCallError(f"a picture is not base64: {error}") from None


PIECE = 4
"""Characters of one delta."""


def completion_events(body: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the chunks of a chat completion, or the one of an error. Usage comes with the last."""
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
    end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    yield _chunk({**head, "choices": [end]})
    yield _chunk({**head, "choices": [], "usage": body["usage"]})
    yield b"data: [DONE]\n\n"


def response_events(body: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the events of a response, or the one of an error. The last holds the whole response."""
    if "error" in body and "output" not in body:
        yield _event("error", **body["error"] | {"type": "error"})
        return
    start = {**body, "status": "in_progress", "output": [], "usage": None}
    yield _event("response.created", response=start)
    yield _event("response.in_progress", response=start)
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


FINISH_REASONS: Mapping[StopReason, str] = {"stop": "stop", "length": "length", "refusal": "stop"}


class ChatWire:
    """The wire of ``POST /v1/chat/completions``."""

    name = "chat"
    path = "/v1/chat/completions"
    request_id = "x-request-id"
    events: Events | None = staticmethod(completion_events)
    key = staticmethod(bearer)
    error = staticmethod(error_body)

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """Return the model and the request; pictures must be PNG data URLs."""
        try:
            model, messages = body["model"], body["messages"]
            if not isinstance(model, str) or not isinstance(messages, list) or not messages:
                raise MalformedCallError("model must be a string and messages a list")
            limit = (
                body.get("max_completion_tokens") or body.get("max_tokens") or DEFAULT_MAX_TOKENS
            )
            pictures = [part.get("image_url", {}) for m in messages for part in _chat_parts(m)]
            low = any(shown.get("detail") == "low" for shown in pictures)
            request = Request(
                messages=tuple(
                    Message(role(message), tuple(_chat_part(part) for part in _chat_parts(message)))
                    for message in messages
                ),
                max_tokens=int(limit or DEFAULT_MAX_TOKENS),
                seed=int(body.get("seed", seed)),
                sampling=Sampling(detail="low" if low else "auto"),
            )
        except MalformedCallError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedCallError(f"not a chat completion request: {error!r}") from None
        return model, request

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """Return a chat completion. A refusal without text is a filter's."""
        refused = reply.stop == "refusal"
        filtered = refused and not reply.text
        message = {
            "role": "assistant",
            "content": None if refused else reply.text,
            "refusal": reply.text if refused and not filtered else None,
        }
        usage = reply.usage
        return {
            "id": f"chatcmpl-{call}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": message,
                    "logprobs": None,
                    "finish_reason": ("content_filter" if filtered else FINISH_REASONS[reply.stop]),
                }
            ],
            "usage": {
                "prompt_tokens": usage.input,
                "completion_tokens": usage.output,
                "total_tokens": usage.input + usage.output,
                "prompt_tokens_details": {
                    "cached_tokens": usage.cached,
                    "cache_write_tokens": usage.cache_written,
                },
                "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
            },
        }


def _chat_parts(message: Any) -> list[Any]:
    content = message.get("content")
    return content if isinstance(content, list) else [{"type": "text", "text": content or ""}]


def _chat_part(part: Any) -> Part:
    match part:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return picture(url)
    raise MalformedCallError("a message contains a part that is neither text nor image_url")


RESPONSE_FIELDS = {
    *("model", "input", "instructions", "max_output_tokens", "reasoning", "store", "stream"),
    *("temperature", "top_p", "metadata", "text", "truncation", "service_tier", "include"),
}
"""Known fields of a body of Responses. Like the real API, unknown ones are rejected."""

INCOMPLETE_REASONS: Mapping[StopReason, str] = {
    "length": "max_output_tokens",
    "refusal": "content_filter",
}
"""Stop reason -> the reason of an incomplete response."""


class ResponsesWire:
    """The wire of ``POST /v1/responses``. Like Anthropic's, its requests carry no seed."""

    name = "responses"
    path = "/v1/responses"
    request_id = "x-request-id"
    events: Events | None = staticmethod(response_events)
    key = staticmethod(bearer)
    error = staticmethod(error_body)

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """Return the model and the request; pictures must be PNG data URLs."""
        try:
            if strange := sorted(body.keys() - RESPONSE_FIELDS):
                raise MalformedCallError(f"Unknown parameter: '{strange[0]}'.")
            model, given = body["model"], body["input"]
            if not isinstance(model, str) or not isinstance(given, str | list) or not given:
                raise MalformedCallError("model must be a string and input a text or a list")
            items = [{"role": "user", "content": given}] if isinstance(given, str) else given
            if body.get("instructions"):
                items = [{"role": "system", "content": body["instructions"]}, *items]
            low = any(
                part.get("detail") == "low" for item in items for part in _response_parts(item)
            )
            request = Request(
                messages=tuple(
                    Message(
                        role(item), tuple(_response_part(part) for part in _response_parts(item))
                    )
                    for item in items
                ),
                max_tokens=int(body.get("max_output_tokens") or DEFAULT_MAX_TOKENS),
                seed=seed,
                sampling=Sampling(detail="low" if low else "auto"),
            )
        except MalformedCallError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedCallError(f"not a Responses request: {error!r}") from None
        return model, request

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """Return a response: thinking, if any, then a message.

        A refusal with text is a ``refusal``; one without leaves the response incomplete.
        """
        refused = reply.stop == "refusal" and bool(reply.text)
        reason = None if refused else INCOMPLETE_REASONS.get(reply.stop)
        usage = reply.usage
        return {
            "id": f"resp_{call}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "incomplete" if reason else "completed",
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "model": model,
            "output": [*_reasoning_items(reply, call), _message_item(reply, refused, call)],
            "usage": {
                "input_tokens": usage.input,
                "input_tokens_details": {
                    "cached_tokens": usage.cached,
                    "cache_write_tokens": usage.cache_written,
                },
                "output_tokens": usage.output,
                "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                "total_tokens": usage.input + usage.output,
            },
        }


def _reasoning_items(reply: Reply, call: str) -> list[dict[str, Any]]:
    if not reply.reasoning:
        return []
    summary = [{"type": "summary_text", "text": reply.reasoning}]
    return [{"type": "reasoning", "id": f"rs_{call}", "summary": summary}]


def _message_item(reply: Reply, refused: bool, call: str) -> dict[str, Any]:
    part = (
        {"type": "refusal", "refusal": reply.text}
        if refused
        else {"type": "output_text", "text": reply.text, "annotations": []}
    )
    return {
        "type": "message",
        "id": f"msg_{call}",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    }


def _response_parts(item: Any) -> list[Any]:
    content = item.get("content")
    return content if isinstance(content, list) else [{"type": "input_text", "text": content or ""}]


def _response_part(part: Any) -> Part:
    match part:
        case {"type": "input_text" | "output_text", "text": str(text)}:
            return Text(text)
        case {"type": "input_image", "image_url": str(url)}:
            return picture(url)
    raise MalformedCallError("an item contains a part that is neither text nor input_image")
