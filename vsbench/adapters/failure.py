"""What went wrong at a server, in the terms of the seam."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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

LONGEST = 500
"""Characters of a server's message that are passed on."""


@dataclass(frozen=True)
class Failure:
    """A server's refusal to answer, as its provider's adapter read it."""

    status: int
    """The HTTP status."""
    message: str = ""
    """What the server says."""
    cause: Literal["credit", "filter", "size"] | None = None
    """What the body tells beyond the status: that the account has no credit left, that a filter
    stopped prompt or answer, or that the request is larger than any allowance."""
    wait: float | None = None
    """Seconds that the server asks to wait."""

    def error(self, host: str, key: str) -> CallError:
        """The error to raise; ``key`` is kept out of its message."""
        said = f"{host} answered {self.status}"
        if self.message:
            said += f": {redacted(self.message, key)[:LONGEST]}"
        if self.cause == "credit" or self.status == 402:
            return AuthError(f"the account has no credit left, so waiting will not help; {said}")
        match self.status:
            case 401 | 403:
                return AuthError(f"the key was not accepted; {said}")
            case 408:
                return CallTimeoutError(said)
            case 429 if self.cause != "size":
                return RateLimitedError(said, retry_after=self.wait)
            case status if status in (409, 425) or status >= 500:
                return OverloadedError(said, retry_after=self.wait)
        return ContentRefusedError(said) if self.cause == "filter" else BadRequestError(said)
