"""Table of the reasons why answers end, for all protocols: gateways pass on each other's reasons.

The reasons are those that providers document or are known to send: OpenAI, Anthropic, Google,
Mistral, DeepSeek, Zhipu, Amazon Bedrock, Cohere, OpenRouter, vLLM, SGLang and TGI.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Literal

from vsbench.adapters.base import StopReason
from vsbench.adapters.http.bodies import ProtocolError
from vsbench.adapters.http.errors import Failure, ReportedFailureError

Meaning = Literal["answer", "cut_off", "refused", "unfinished"]
"""The model finished; a token limit cut it off; the model or a filter refused; or the provider
interrupted the answer, so that no part of it counts."""

MEANINGS: Mapping[str, Meaning] = {
    **dict.fromkeys(
        (
            *("stop", "end_turn", "stop_sequence", "eos", "eos_token", "end", "complete"),
            *("completed", "finish_reason_stop", "stop_criteria_met"),
            # No tools are offered: a model that calls one all the same has ended its turn.
            *("tool_calls", "tool_call", "tool_use", "function_call"),
        ),
        "answer",
    ),
    **dict.fromkeys(
        (
            *("length", "max_tokens", "max_output_tokens", "model_length", "max_length"),
            *("model_context_window_exceeded", "max_completion_tokens", "finish_reason_max_tokens"),
        ),
        "cut_off",
    ),
    **dict.fromkeys(
        (
            *("content_filter", "content_filtered", "refusal", "refused", "sensitive", "safety"),
            *("recitation", "blocklist", "prohibited_content", "spii", "image_safety", "language"),
            *("guardrail_intervened", "guardrails", "moderation", "error_toxic", "violation"),
        ),
        "refused",
    ),
    **dict.fromkeys(
        (
            *("error", "abort", "aborted", "cancelled", "canceled", "network_error", "timeout"),
            *("insufficient_system_resource", "server_error", "failed", "other", "unknown"),
            *("malformed_response", "malformed_function_call", "error_limit", "user_cancel"),
            # The Messages API pauses turns that use its built-in tools, which are not offered here.
            *("pause_turn", "compaction", "in_progress", "queued"),
        ),
        "unfinished",
    ),
}
"""Reason in lower case -> its meaning."""

STOPS: Mapping[Meaning, StopReason] = {"answer": "stop", "cut_off": "length", "refused": "refusal"}

log = logging.getLogger(__name__)


def reason_in(body: Mapping[str, Any], name: str) -> str:
    """Return the reason in a field; empty if there is none, its repr if it is not a string."""
    reason = body.get(name)
    return reason if isinstance(reason, str) else "" if reason is None else repr(reason)[:100]


def meaning_of(reason: str, more: Collection[str] = ()) -> Meaning | None:
    """Return the meaning of a reason; None if unknown. ``more`` are reasons that end an answer."""
    if reason in more:
        return "answer"
    return MEANINGS.get(reason.lower())


def parse_stop(reason: str, text: str, more: Collection[str] = ()) -> StopReason:
    """Return how an answer with this ``text`` ended.

    Some servers give no reason for answers in one piece; one with text is an answer.

    Raises:
        ProtocolError: there is neither text nor reason.
        ReportedFailureError: the answer is unfinished or the reason unknown.
    """
    if not reason and text.strip():
        return "stop"
    if not reason:
        raise ProtocolError("an empty message without a finish reason")
    meaning = meaning_of(reason, more)
    if meaning is None:
        _warn(reason)
        raise ReportedFailureError(Failure.unknown_stop_reason(reason))
    if meaning == "unfinished":
        raise ReportedFailureError(Failure.unfinished(reason))
    return STOPS[meaning]


@cache
def _warn(reason: str) -> None:
    log.warning("unknown finish reason %.100r: replies with it do not count as answers", reason)
