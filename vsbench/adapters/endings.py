"""Why answers end: one table for all protocols, since gateways pass on each other's reasons.

The reasons are those that providers document or are known to send: OpenAI, Anthropic, Google,
Mistral, DeepSeek, Zhipu, Amazon Bedrock, Cohere, OpenRouter, vLLM, SGLang and TGI.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Literal

from vsbench.adapters.base import StopReason
from vsbench.adapters.bodies import NotTheProtocolError
from vsbench.adapters.failure import Failure

Ending = Literal["answer", "cut_off", "refused", "unfinished"]
"""The model came to its end; a limit of tokens cut it off; the model or a filter refused; or the
provider broke off, and what there is of the answer does not count."""

ENDINGS: Mapping[str, Ending] = {
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
            # The Messages API pauses turns of its own tools, which are not offered here.
            *("pause_turn", "compaction", "in_progress", "queued"),
        ),
        "unfinished",
    ),
}
"""Reason in lower case -> what it means."""

STOPS: Mapping[Ending, StopReason] = {"answer": "stop", "cut_off": "length", "refused": "refusal"}

log = logging.getLogger(__name__)


def reason_in(body: Mapping[str, Any], name: str) -> str:
    """The reason that a field gives; empty where it gives none, odd where it is no text."""
    reason = body.get(name)
    return reason if isinstance(reason, str) else "" if reason is None else repr(reason)[:100]


def ending_of(reason: str, more: Collection[str] = ()) -> Ending | None:
    """What a reason means; ``more`` are reasons that end an answer besides. None if unknown."""
    if reason in more:
        return "answer"
    return ENDINGS.get(reason.lower())


def stop_of(reason: str, said: str, more: Collection[str] = ()) -> StopReason:
    """How an answer with the text ``said`` ended.

    Some servers give no reason in answers that come in one piece; one with a text is an answer.

    Raises:
        NotTheProtocolError: there is neither text nor reason; or, with a failure, the answer is
            unfinished or the reason unknown.
    """
    if not reason and said.strip():
        return "stop"
    if not reason:
        raise NotTheProtocolError("an empty message without a finish reason")
    ending = ending_of(reason, more)
    if ending is None:
        _warn(reason)
        raise NotTheProtocolError("an answer", Failure.unknown_ending(reason))
    if ending == "unfinished":
        raise NotTheProtocolError("an answer", Failure.unfinished(reason))
    return STOPS[ending]


@cache
def _warn(reason: str) -> None:
    log.warning("unknown finish reason %.100r: such replies are not taken for answers", reason)
