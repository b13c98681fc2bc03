"""What went wrong at a server of OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Mapping

from vsbench.adapters.bodies import mapping
from vsbench.adapters.failure import Failure

BROKE = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
"""Codes for an account without credit: sent as rate limits, yet waiting never helps."""

FILTERED = {"content_policy_violation", "content_filter", "invalid_prompt", "moderation_blocked"}
"""Codes for a prompt that a filter stopped."""

TOO_LARGE = "Request too large"
"""How the message begins for a request above the whole minute's allowance."""


def read_failure(status: int, body: object, wait: float | None = None) -> Failure:
    """The failure that a status and a body's ``error`` tell."""
    details, message = mapping(body), _message(body)
    codes = {str(details.get("code")), str(details.get("type"))}
    if codes & BROKE:
        return Failure(status, message, "credit", wait)
    if codes & FILTERED:
        return Failure(status, message, "filter", wait)
    if message.startswith(TOO_LARGE):
        return Failure(status, message, "size", wait)
    return Failure(status, message, wait=wait)


def _message(body: object) -> str:
    """What a server says, wherever it says it; pages of proxies are left out."""
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail")
    if not isinstance(body, str) or body.lstrip().startswith("<"):
        return ""
    return " ".join(body.split())
