"""Reading a Chat Completion. Servers differ, so nothing in a body is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from vsbench.adapters.base import Reply, StopReason, Usage
from vsbench.adapters.http import retry_after
from vsbench.adapters.openai.failure import Failure

STOPS: Mapping[str, StopReason] = {"length": "length", "content_filter": "refusal"}
"""Finish reasons that matter; all others are a model's own end."""

THOUGHTS = ("reasoning_content", "reasoning")
"""Fields in which compatible servers show a model's thinking."""


class NotTheProtocolError(Exception):
    """A body that holds no completion; with a failure if it reports one under status 200."""

    def __init__(self, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure


def read_reply(response: httpx2.Response) -> Reply:
    """The reply in a successful response.

    Raises:
        NotTheProtocolError: there is none.
    """
    body = _object(response)
    choice, message = _first_choice(body, response.headers)
    refusal = _text(message.get("refusal"))
    reasoning = next((text for name in THOUGHTS if (text := _text(message.get(name)))), "")
    return Reply(
        text=refusal or _content(message.get("content")),
        stop="refusal" if refusal else STOPS.get(_text(choice.get("finish_reason")), "stop"),
        usage=_usage(_mapping(body.get("usage"))),
        reasoning=reasoning,
        served_model=_text(body.get("model")),
        request_id=response.headers.get("x-request-id") or _text(body.get("id")),
    )


def _object(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    kind = response.headers.get("content-type", "no content type")
    raise NotTheProtocolError(f"{len(response.content)} bytes that are no JSON object ({kind})")


def _first_choice(
    body: Mapping[str, Any], headers: Mapping[str, str]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    choices = body.get("choices")
    choice = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = choice.get("message")
    if isinstance(message, dict):
        return choice, message
    error = _mapping(body.get("error"))
    code = error.get("code")
    # Routers pass an upstream server's failure on as a success that holds its status.
    if isinstance(code, int) and 400 <= code < 600:
        raise NotTheProtocolError("an error", Failure(code, error, retry_after(headers)))
    raise NotTheProtocolError("JSON without a choice that holds a message")


def _content(content: object) -> str:
    """Text, or the text of parts; a message that refuses or only thinks has none."""
    if isinstance(content, list):
        return "".join(_text(_mapping(part).get("text")) for part in content)
    return _text(content)


def _usage(usage: Mapping[str, Any]) -> Usage:
    prompt, output = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    return Usage(
        input=prompt,
        # Some servers count thinking in the total only.
        output=max(output, _count(usage, "total_tokens") - prompt),
        reasoning=_count(_mapping(usage.get("completion_tokens_details")), "reasoning_tokens"),
        cached=_count(_mapping(usage.get("prompt_tokens_details")), "cached_tokens"),
    )


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
