"""OpenAI's Chat Completions, from the server's side."""

from __future__ import annotations

import binascii
import time
from collections.abc import Mapping
from typing import Any, cast

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

ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
FINISH_REASONS: Mapping[StopReason, str] = {"stop": "stop", "length": "length", "refusal": "stop"}
DATA_URL = "data:image/png;base64,"
ANSWER_TOKENS = 4096
"""For calls that set no limit."""

ERROR_TYPES = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
"""HTTP status -> an error's type and code."""


class OpenAIWire:
    """The wire of ``POST /v1/chat/completions``."""

    path = "/v1/chat/completions"
    request_id = "x-request-id"
    events: Events | None = None

    def key(self, headers: Mapping[str, str]) -> str:
        """The bearer token."""
        return headers.get("authorization", "").removeprefix("Bearer ")

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """The model and the request; pictures must come as PNG data URLs."""
        try:
            model, messages = body["model"], body["messages"]
            if not isinstance(model, str) or not isinstance(messages, list) or not messages:
                raise MalformedCallError("model must be a string and messages a list")
            if body.get("stream"):
                raise MalformedCallError("streaming is not simulated")
            limit = body.get("max_completion_tokens") or body.get("max_tokens") or ANSWER_TOKENS
            pictures = [part.get("image_url", {}) for m in messages for part in _parts(m)]
            low = any(picture.get("detail") == "low" for picture in pictures)
            request = Request(
                messages=tuple(_message(message) for message in messages),
                max_tokens=int(limit),
                seed=int(body.get("seed", seed)),
                sampling=Sampling(detail="low" if low else "auto"),
            )
        except MalformedCallError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedCallError(f"no chat completion request: {error!r}") from None
        return model, request

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """A chat completion. A refusal in words is a ``refusal``, one without a filter's."""
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
                "prompt_tokens_details": {"cached_tokens": usage.cached},
                "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
            },
        }

    def error(self, status: int, message: str) -> dict[str, Any]:
        """An error object."""
        other = ("server_error" if status >= 500 else "invalid_request_error", None)
        kind, code = ERROR_TYPES.get(status, other)
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _message(message: Any) -> Message:
    role = message["role"]
    if role not in ROLES:
        raise MalformedCallError(f"there is no role {role!r}")
    return Message(cast(Role, ROLES[role]), tuple(_part(part) for part in _parts(message)))


def _parts(message: Any) -> list[Any]:
    content = message.get("content")
    return content if isinstance(content, list) else [{"type": "text", "text": content or ""}]


def _part(part: Any) -> Part:
    match part:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            if not url.startswith(DATA_URL):
                raise MalformedCallError(f"pictures must be PNG data URLs, {DATA_URL}...")
            try:
                return Image(binascii.a2b_base64(url[len(DATA_URL) :], strict_mode=True))
            except binascii.Error as error:
                raise MalformedCallError(f"a picture is not base64: {error}") from None
    raise MalformedCallError("a message holds a part that is neither text nor image_url")
