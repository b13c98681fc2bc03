"""OpenAI's Chat Completions, from the server's side."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from vsbench.adapters.base import Message, Part, Reply, Request, Sampling, StopReason, Text
from vsbench.simulation.openai import ANSWER_TOKENS, bearer, error_body, picture, role
from vsbench.simulation.openai_events import completion_events
from vsbench.simulation.wire import Events, MalformedCallError

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
        """The model and the request; pictures must come as PNG data URLs."""
        try:
            model, messages = body["model"], body["messages"]
            if not isinstance(model, str) or not isinstance(messages, list) or not messages:
                raise MalformedCallError("model must be a string and messages a list")
            limit = body.get("max_completion_tokens") or body.get("max_tokens") or ANSWER_TOKENS
            pictures = [part.get("image_url", {}) for m in messages for part in _parts(m)]
            low = any(shown.get("detail") == "low" for shown in pictures)
            request = Request(
                messages=tuple(
                    Message(role(message), tuple(_part(part) for part in _parts(message)))
                    for message in messages
                ),
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
                "prompt_tokens_details": {
                    "cached_tokens": usage.cached,
                    "cache_write_tokens": usage.cache_written,
                },
                "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
            },
        }


def _parts(message: Any) -> list[Any]:
    content = message.get("content")
    return content if isinstance(content, list) else [{"type": "text", "text": content or ""}]


def _part(part: Any) -> Part:
    match part:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return picture(url)
    raise MalformedCallError("a message holds a part that is neither text nor image_url")
