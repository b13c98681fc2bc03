"""Reading a Chat Completion. Servers differ, so nothing in a body is taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from vsbench.adapters.base import Reply, StopReason, Usage
from vsbench.adapters.bodies import NotTheProtocolError, count, json_object, mapping, text
from vsbench.adapters.http import retry_after
from vsbench.adapters.openai.failure import read_failure

STOPS: Mapping[str, StopReason] = {"length": "length", "content_filter": "refusal"}
"""Finish reasons that matter; all others are a model's own end."""

THOUGHTS = ("reasoning_content", "reasoning")
"""Fields in which compatible servers show a model's thinking."""


def read_reply(response: httpx2.Response) -> Reply:
    """The reply in a successful response.

    Raises:
        NotTheProtocolError: there is none.
    """
    body = json_object(response)
    choice, message = _first_choice(body, response.headers)
    refusal = text(message.get("refusal"))
    thoughts = (text(message.get(name)) for name in THOUGHTS)
    return Reply(
        text=refusal or _content(message.get("content")),
        stop="refusal" if refusal else STOPS.get(text(choice.get("finish_reason")), "stop"),
        usage=_usage(mapping(body.get("usage"))),
        reasoning=next(filter(None, thoughts), ""),
        served_model=text(body.get("model")),
        request_id=response.headers.get("x-request-id") or text(body.get("id")),
    )


def _first_choice(
    body: Mapping[str, Any], headers: Mapping[str, str]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    choices = body.get("choices")
    choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = choice.get("message")
    if isinstance(message, dict):
        return choice, message
    error = mapping(body.get("error"))
    code = error.get("code")
    # Routers pass an upstream server's failure on as a success that holds its status.
    if isinstance(code, int) and 400 <= code < 600:
        raise NotTheProtocolError("an error", read_failure(code, error, retry_after(headers)))
    raise NotTheProtocolError("JSON without a choice that holds a message")


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
        reasoning=count(mapping(usage.get("completion_tokens_details")), "reasoning_tokens"),
        cached=count(mapping(usage.get("prompt_tokens_details")), "cached_tokens"),
    )
