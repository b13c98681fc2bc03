"""Chat Completions: what is asked, and reading the answer in one piece or in many.

Servers differ, so nothing in a body is taken on trust.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from vsbench.adapters.base import Reply, Request, StopReason, Usage
from vsbench.adapters.bodies import NotTheProtocolError, count, mapping, text
from vsbench.adapters.http import retry_after
from vsbench.adapters.openai.failure import hidden_failure
from vsbench.adapters.openai.messages import chat_messages
from vsbench.adapters.openai.parts import detail_count, sampling
from vsbench.adapters.openai.servers import Server
from vsbench.adapters.openai.thinking import thinking_apart
from vsbench.models import Traits

STOPS: Mapping[str, StopReason] = {"length": "length", "content_filter": "refusal"}
"""Finish reasons that matter; all others are a model's own end."""

THOUGHTS = ("reasoning_content", "reasoning")
"""Fields in which compatible servers show a model's thinking."""

GROWING = ("content", "refusal", *THOUGHTS)
"""Fields of a message that a stream tells piece by piece."""


class Chat:
    """The wire of ``/chat/completions``."""

    path = "/chat/completions"

    def __init__(self, model: str, traits: Traits, server: Server) -> None:
        self.model = model
        self.traits = traits
        self.server = server

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """The JSON body of a call."""
        detail = request.sampling.detail if self.server.detail else None
        return {
            "model": self.model,
            "messages": chat_messages(request.messages, self.traits, detail),
            **sampling(request.sampling, self.traits),
            **self.server.parameters(request, self.traits, stream=stream),
        }

    async def gathered(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The completion that its chunks make up; usage comes with the last of them."""
        body: dict[str, Any] = {}
        message: dict[str, Any] = {}
        finish = ""
        async for chunk in events:
            body |= {name: value for name, value in chunk.items() if value is not None}
            choice = _first(chunk)
            delta = mapping(choice.get("delta"))
            for name in GROWING:
                if piece := text(delta.get(name)):
                    message[name] = message.get(name, "") + piece
            finish = text(choice.get("finish_reason")) or finish
        if not finish:
            raise NotTheProtocolError("a stream that ended before its answer")
        return body | {"choices": [{"message": message, "finish_reason": finish}]}

    def read(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """The reply in a completion."""
        choice = _first(body)
        message = choice.get("message")
        if not isinstance(message, dict):
            # Routers pass an upstream server's failure on as a success that holds its status.
            error = mapping(body.get("error"))
            if isinstance(error.get("code"), int):
                raise hidden_failure(error, retry_after(headers))
            raise NotTheProtocolError("JSON without a choice that holds a message")
        refusal = text(message.get("refusal"))
        said, inside = thinking_apart(_content(message.get("content")), self.server.thinking_tags)
        beside = (text(message.get(name)) for name in THOUGHTS)
        return Reply(
            text=refusal or said,
            stop="refusal" if refusal else STOPS.get(text(choice.get("finish_reason")), "stop"),
            usage=_usage(mapping(body.get("usage"))),
            reasoning=next(filter(None, beside), inside),
            served_model=text(body.get("model")),
            request_id=headers.get("x-request-id") or text(body.get("id")),
        )


def _first(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    return mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _content(content: object) -> str:
    """Text, or the text of parts; a message that refuses or only thinks has none."""
    if isinstance(content, list):
        return "".join(text(mapping(part).get("text")) for part in content)
    return text(content)


def _usage(usage: Mapping[str, Any]) -> Usage:
    prompt, output = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    return Usage(
        input=prompt,
        # Some servers count thinking in the total only.
        output=max(output, count(usage, "total_tokens") - prompt),
        reasoning=detail_count(usage, "completion_tokens_details", "reasoning_tokens"),
        cached=detail_count(usage, "prompt_tokens_details", "cached_tokens"),
        cache_written=detail_count(usage, "prompt_tokens_details", "cache_write_tokens"),
    )
