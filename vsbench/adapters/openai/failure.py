"""What went wrong at a server of OpenAI's protocol, in the terms of the seam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vsbench.adapters.base import (
    AuthError,
    BadRequestError,
    CallError,
    CallTimeoutError,
    ContentRefusedError,
    OverloadedError,
    RateLimitedError,
)
from vsbench.adapters.http import redacted

BROKE = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
"""Codes for an account without credit: sent as rate limits, yet waiting never helps."""

FILTERED = {"content_policy_violation", "content_filter", "invalid_prompt", "moderation_blocked"}
"""Codes for a prompt that a filter stopped."""

LONGEST = 500
"""Characters of a server's message that are passed on."""


@dataclass(frozen=True)
class Failure:
    """A server's refusal to answer: the HTTP status, the body's ``error`` and the advised wait."""

    status: int
    body: object
    wait: float | None = None

    def error(self, host: str, key: str) -> CallError:
        """The error to raise; ``key`` is kept out of its message."""
        details = self.body if isinstance(self.body, Mapping) else {}
        codes = {str(details.get("code")), str(details.get("type"))}
        message = _message(self.body)
        said = f"{host} answered {self.status}"
        if message:
            said += f": {redacted(message, key)[:LONGEST]}"
        if self.status == 402 or codes & BROKE:
            return AuthError(f"the account has no credit left, so waiting will not help; {said}")
        match self.status:
            case 401 | 403:
                return AuthError(f"the key was not accepted; {said}")
            case 408:
                return CallTimeoutError(said)
            case 429 if message.startswith("Request too large"):
                # A request above the whole minute's allowance never gets through.
                return BadRequestError(said)
            case 429:
                return RateLimitedError(said, retry_after=self.wait)
            case status if status in (409, 425) or status >= 500:
                return OverloadedError(said, retry_after=self.wait)
        return ContentRefusedError(said) if codes & FILTERED else BadRequestError(said)


def _message(body: object) -> str:
    """What a server says, wherever it says it; pages of proxies are left out."""
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail")
    if not isinstance(body, str) or body.lstrip().startswith("<"):
        return ""
    return " ".join(body.split())
