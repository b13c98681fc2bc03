"""OpenAI's Responses, from the server's side."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from vsbench.adapters.base import Message, Part, Reply, Request, Sampling, StopReason, Text
from vsbench.simulation.openai import ANSWER_TOKENS, bearer, error_body, picture, role
from vsbench.simulation.openai_events import response_events
from vsbench.simulation.wire import Events, MalformedCallError

FIELDS = {
    *("model", "input", "instructions", "max_output_tokens", "reasoning", "store", "stream"),
    *("temperature", "top_p", "metadata", "text", "truncation", "service_tier", "include"),
}
"""What a body may hold. The real API too turns away what it does not know."""

REASONS: Mapping[StopReason, str] = {"length": "max_output_tokens", "refusal": "content_filter"}
"""Why a response is incomplete."""


class ResponsesWire:
    """The wire of ``POST /v1/responses``. Like Anthropic's, its requests carry no seed."""

    name = "responses"
    path = "/v1/responses"
    request_id = "x-request-id"
    events: Events | None = staticmethod(response_events)
    key = staticmethod(bearer)
    error = staticmethod(error_body)

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """The model and the request; pictures must come as PNG data URLs."""
        try:
            if strange := sorted(body.keys() - FIELDS):
                raise MalformedCallError(f"Unknown parameter: '{strange[0]}'.")
            model, given = body["model"], body["input"]
            if not isinstance(model, str) or not isinstance(given, str | list) or not given:
                raise MalformedCallError("model must be a string and input a text or a list")
            said = [{"role": "user", "content": given}] if isinstance(given, str) else given
            if body.get("instructions"):
                said = [{"role": "system", "content": body["instructions"]}, *said]
            low = any(part.get("detail") == "low" for item in said for part in _parts(item))
            request = Request(
                messages=tuple(
                    Message(role(item), tuple(_part(part) for part in _parts(item)))
                    for item in said
                ),
                max_tokens=int(body.get("max_output_tokens") or ANSWER_TOKENS),
                seed=seed,
                sampling=Sampling(detail="low" if low else "auto"),
            )
        except MalformedCallError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedCallError(f"no response request: {error!r}") from None
        return model, request

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """A response: thinking if there was any, then a message.

        A refusal in words is a ``refusal``; one without leaves the response incomplete.
        """
        refused = reply.stop == "refusal" and bool(reply.text)
        reason = None if refused else REASONS.get(reply.stop)
        usage = reply.usage
        return {
            "id": f"resp_{call}",
            "object": "response",
            "created_at": int(time.time()),
            "status": "incomplete" if reason else "completed",
            "error": None,
            "incomplete_details": {"reason": reason} if reason else None,
            "model": model,
            "output": [*_thinking(reply, call), _message(reply, refused, call)],
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


def _thinking(reply: Reply, call: str) -> list[dict[str, Any]]:
    if not reply.reasoning:
        return []
    summary = [{"type": "summary_text", "text": reply.reasoning}]
    return [{"type": "reasoning", "id": f"rs_{call}", "summary": summary}]


def _message(reply: Reply, refused: bool, call: str) -> dict[str, Any]:
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


def _parts(item: Any) -> list[Any]:
    content = item.get("content")
    return content if isinstance(content, list) else [{"type": "input_text", "text": content or ""}]


def _part(part: Any) -> Part:
    match part:
        case {"type": "input_text" | "output_text", "text": str(text)}:
            return Text(text)
        case {"type": "input_image", "image_url": str(url)}:
            return picture(url)
    raise MalformedCallError("an item holds a part that is neither text nor input_image")
