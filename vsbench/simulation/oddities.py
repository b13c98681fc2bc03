"""Odd replies that providers were seen to send, on the wires on which they were seen.

They are injected as faults are, but only when asked for: ``--odd 0.2`` or ``--fault NAME=RATE``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from vsbench.simulation.faults import Fault

Body = dict[str, Any]
Change = Callable[[Body], None]
"""Makes an answer's body odd, in place."""

UNKNOWN = "frobnicated"
"""A finish reason that nobody sends."""


@dataclass(frozen=True)
class OddReply:
    """How a fault shows."""

    body: Body
    status: int = 200
    streams: bool = False
    """Whether it has the shape of an answer, so that it can come in pieces."""


def odd_answer(fault: Fault, wire: str, answer: Mapping[str, Any]) -> OddReply:
    """An answer as its fault makes it, or what comes in its place."""
    if fault.name in IN_PLACE:
        return OddReply(IN_PLACE[fault.name], fault.status)
    body = deepcopy(dict(answer))
    if fault.name in REASONS:
        FINISH[wire](body, REASONS[fault.name])
        return OddReply(body, streams=True)
    CHANGES[fault.name][wire](body)
    return OddReply(body)


REASONS = {
    "broken_off_error": "error",
    "broken_off_abort": "abort",
    "broken_off_network": "network_error",
    "broken_off_resources": "insufficient_system_resource",
    "unknown_stop_reason": UNKNOWN,
    "sensitive": "sensitive",
    "cut_off_model": "model_length",
    "cut_off_tokens": "max_tokens",
}
"""Fault -> the finish reason that it shows."""

IN_PLACE: Mapping[str, Body] = {
    "hidden_rate_limit": {"error": {"code": "429"}},
    "hidden_loading": {"error": "model is loading"},
    "hidden_auth": {"error": {"message": "bad key", "type": "authentication_error"}},
    "hidden_context": {
        "object": "error",
        "message": "This model's maximum context length is 8192 tokens.",
        "code": 400,
    },
    "no_images": {"error": {"message": "image input is not supported", "code": 500}},
    "daily_quota": {
        "error": {"message": "Rate limit reached for m on requests per day (RPD): Limit 200."}
    },
    "wrong_parameter": {
        "error": {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "type": "invalid_request_error",
            "code": "unsupported_parameter",
        }
    },
    "responses_only": {
        "error": {
            "message": "This model is only supported in v1/responses and not in "
            "v1/chat/completions.",
            "type": "invalid_request_error",
        }
    },
}
"""Fault -> what comes in place of an answer, on every wire."""


def _finish_chat(body: Body, reason: str) -> None:
    body["choices"][0]["finish_reason"] = reason


def _finish_messages(body: Body, reason: str) -> None:
    body["stop_reason"] = reason


def _finish_responses(body: Body, reason: str) -> None:
    body |= {"status": "incomplete", "incomplete_details": {"reason": reason}}


FINISH: Mapping[str, Callable[[Body, str], None]] = {
    "chat": _finish_chat,
    "messages": _finish_messages,
    "responses": _finish_responses,
}


def _no_message(body: Body) -> None:
    body["choices"] = [{"index": 0, "message": None, "finish_reason": "content_filter"}]


def _no_content(body: Body) -> None:
    body |= {"content": None, "stop_reason": "refusal"}


def _no_output(body: Body) -> None:
    _finish_responses(body, "content_filter")
    body["output"] = None


def _no_choices(body: Body) -> None:
    notice = {"hate": {"filtered": True, "severity": "high"}}
    body["choices"] = []
    body["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": notice}]


def _in_reasoning(body: Body) -> None:
    message = body["choices"][0]["message"]
    message |= {"content": None, "reasoning_content": message["content"]}


def _no_usage(body: Body) -> None:
    body["usage"] = None


def _odd_usage(body: Body) -> None:
    body["usage"] = dict.fromkeys(body["usage"], -1.5)


CHANGES: Mapping[str, Mapping[str, Change]] = {
    "filtered_message": {"chat": _no_message, "messages": _no_content, "responses": _no_output},
    "filtered_prompt": {"chat": _no_choices},
    "in_reasoning": {"chat": _in_reasoning},
    "usage_null": dict.fromkeys(FINISH, _no_usage),
    "usage_odd": dict.fromkeys(FINISH, _odd_usage),
}
"""Fault -> what it does to an answer's body, by wire."""
