"""Failures that servers report, and the errors that they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vsbench.adapters.base import (
    AuthError,
    BadRequestError,
    CallError,
    CallTimeoutError,
    ContentRefusedError,
    ContextExceededError,
    OverloadedError,
    QuotaExhaustedError,
    RateLimitedError,
    UnfinishedReplyError,
    UnknownEndingError,
)
from vsbench.adapters.secrets import Secrets

LONGEST = 500
"""Characters of a server's message that are passed on."""

Cause = Literal[
    "credit", "quota", "filter", "context", "request", "busy", "unfinished", "unknown_ending"
]
"""What a body tells beyond the status: the account has no credit; a day's allowance is used up; a
filter stopped prompt or answer; prompt and answer are too long; the request will never be accepted;
the server is busy; the answer was broken off, or ended for a reason that nobody knows."""

ERRORS: Mapping[Cause, type[CallError]] = {
    "credit": AuthError,
    "quota": QuotaExhaustedError,
    "filter": ContentRefusedError,
    "context": ContextExceededError,
    "request": BadRequestError,
    "busy": OverloadedError,
    "unfinished": UnfinishedReplyError,
    "unknown_ending": UnknownEndingError,
}

OPENINGS: Mapping[Cause, str] = {
    "credit": "the account has no credit left, so waiting will not help; ",
    "quota": "an allowance for a day or longer is used up, so waiting minutes will not help; ",
}


@dataclass(frozen=True)
class Failure:
    """A server's refusal to answer."""

    status: int
    """The HTTP status."""
    message: str = ""
    """What the server says."""
    cause: Cause | None = None
    wait: float | None = None
    """Seconds that the server asks to wait."""
    hint: str = ""
    """The option that helps."""

    @classmethod
    def unfinished(cls, reason: str) -> Failure:
        """An answer that the provider broke off."""
        return cls(200, f"an unfinished answer, finish reason {reason[:LONGEST]!r}", "unfinished")

    @classmethod
    def unknown_ending(cls, reason: str) -> Failure:
        """An answer that ended for a reason which is not in the table of endings."""
        said = f"an answer with the unknown finish reason {reason[:LONGEST]!r}"
        hint = "if it ends an answer, --model-option PROVIDER.finish_reasons=REASON says so"
        return cls(200, said, "unknown_ending", hint=hint)

    def error(self, host: str, secrets: Secrets, provider: str = "PROVIDER") -> CallError:
        """The error to raise, without the secrets; hints name options of ``provider``."""
        said = f"{host} answered {self.status}"
        if self.message:
            said += f": {secrets.redact(self.message)[:LONGEST]}"
        if self.hint:
            said += f" ({self.hint.replace('PROVIDER', provider)})"
        cause = "credit" if self.status == 402 else self.cause
        if cause is None:
            return self._by_status(said)
        return ERRORS[cause](OPENINGS.get(cause, "") + said, retry_after=self.wait)

    def _by_status(self, said: str) -> CallError:
        match self.status:
            case 401 | 403:
                return AuthError(f"the key was not accepted; {said}")
            case 408:
                return CallTimeoutError(said)
            case 429:
                return RateLimitedError(said, retry_after=self.wait)
            case status if status in (409, 425) or status >= 500:
                return OverloadedError(said, retry_after=self.wait)
        return BadRequestError(said)
