"""Failures that servers report, in whichever form, and the CallErrors that they become."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    UnknownStopReasonError,
)
from vsbench.adapters.http.bodies import ProtocolError, mapping
from vsbench.adapters.http.known_errors import (
    HINTS,
    NO_STREAMING,
    Cause,
    code_name,
    known_error,
    status_of,
)
from vsbench.redaction import Secrets

MAX_MESSAGE = 500
"""Characters of a server's message that are passed on."""

ERRORS: Mapping[Cause, type[CallError]] = {
    "credit": AuthError,
    "quota": QuotaExhaustedError,
    "filter": ContentRefusedError,
    "context": ContextExceededError,
    "request": BadRequestError,
    "busy": OverloadedError,
    "unfinished": UnfinishedReplyError,
    "unknown_stop_reason": UnknownStopReasonError,
}

INTRODUCTIONS: Mapping[Cause, str] = {
    "credit": "the account has no credit left, so waiting will not help; ",
    "quota": "an allowance for a day or longer is used up, so waiting minutes will not help; ",
}

MESSAGE_FIELDS = ("message", "detail", "msg", "error_msg", "status_msg", "error_message")
"""Fields that hold a message, in order of preference."""

CODE_FIELDS = ("code", "type", "status", "error_code", "status_code", "errorCode")
"""Fields that hold a code, in order of preference."""

NESTED_FIELDS = ("error", "errors", "detail", "details", "base_resp")
"""Fields that may hold the whole error, as an object or a list of objects."""

EXCLUDED_STATUSES: Mapping[Cause, Callable[[int], bool]] = {
    "credit": lambda status: status >= 500,
    "filter": lambda status: status >= 500,
    "quota": lambda status: status not in (400, 403, 429),
    "context": lambda status: status in (403, 429),
    "request": lambda status: status == 403,
    "busy": lambda status: status == 403,
}
"""Statuses under which the words of a message do not mean their usual cause."""

REDIRECTED = "redirections are not followed: give the address that it leads to"

MAX_DETAILS = 4000
"""Characters of details that are searched."""

MAX_DEPTH = 4
"""Levels of nested objects that are searched."""


@dataclass(frozen=True)
class Failure:
    """A server's failure to answer."""

    status: int
    """The HTTP status."""
    message: str = ""
    """The server's message."""
    cause: Cause | None = None
    """The cause that the body gives beyond the status."""
    retry_after: float | None = None
    """Seconds that the server asks to wait."""
    hint: str = ""
    """The option that helps."""

    @classmethod
    def unfinished(cls, reason: str) -> Failure:
        """An answer that the provider interrupted."""
        message = f"an unfinished answer, finish reason {reason[:MAX_MESSAGE]!r}"
        return cls(200, message, "unfinished")

    @classmethod
    def unknown_stop_reason(cls, reason: str) -> Failure:
        """An answer with a finish reason that is not in the table of stop reasons."""
        message = f"an answer with the unknown finish reason {reason[:MAX_MESSAGE]!r}"
        hint = "if it ends an answer, set --model-option PROVIDER.finish_reasons=REASON"
        return cls(200, message, "unknown_stop_reason", hint=hint)

    def to_error(self, host: str, secrets: Secrets, provider: str = "PROVIDER") -> CallError:
        """Return the error to raise, without secrets; hints name options of ``provider``."""
        text = f"{host} answered {self.status}"
        if self.message:
            text += f": {secrets.redact(self.message)[:MAX_MESSAGE]}"
        if self.hint:
            text += f" ({self.hint.replace('PROVIDER', provider)})"
        cause = "credit" if self.status == 402 else self.cause
        if cause is None:
            return self._by_status(text)
        return ERRORS[cause](INTRODUCTIONS.get(cause, "") + text, retry_after=self.retry_after)

    def _by_status(self, text: str) -> CallError:
        match self.status:
            case 401 | 403:
                return AuthError(f"the key was not accepted; {text}")
            case 408:
                return CallTimeoutError(text)
            case 429:
                return RateLimitedError(text, retry_after=self.retry_after)
            case status if status in (409, 425) or status >= 500:
                return OverloadedError(text, retry_after=self.retry_after)
        return BadRequestError(text)


class ReportedFailureError(ProtocolError):
    """A failure that a server reports under a success's status, or amid a stream."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message or "an error")
        self.failure = failure


def is_error(body: Mapping[str, Any]) -> bool:
    """Whether a body that came with a success's status reports a failure."""
    return bool(body.get("error")) or body.get("object") == "error" or body.get("type") == "error"


def parse_failure(status: int, body: object, retry_after: float | None = None) -> Failure:
    """Parse the failure that a status and a body report.

    A success's status is replaced by that of the body's codes.
    """
    if 300 <= status < 400:
        return Failure(status, REDIRECTED, "request")
    parts = list(_parts(body, 0))
    message = next(filter(None, map(_message, parts)), "")
    codes = tuple(dict.fromkeys(code for part in parts for code in _codes(part)))
    if status < 400:
        status = status_of(codes)
    by_code = known_error("", codes)
    known = by_code or known_error(f"{message} {_details(parts)}", ())
    if known and status != 401 and (by_code or not EXCLUDED_STATUSES[known.cause](status)):
        hint = known.hint or _hint(message, known.cause)
        return Failure(status, message, known.cause, retry_after, hint)
    if any(mapping(part).get("param") == "stream" for part in parts):
        return Failure(status, message, retry_after=retry_after, hint=NO_STREAMING)
    return Failure(status, message, retry_after=retry_after)


def reported_failure(body: object, retry_after: float | None = None) -> ReportedFailureError:
    """Return the error for a failure in an answer or a stream that began as a success."""
    return ReportedFailureError(parse_failure(200, body, retry_after))


def _parts(body: object, depth: int) -> Iterator[object]:
    """The parts of a body that may describe the failure, the innermost first."""
    if depth > MAX_DEPTH:
        return
    if isinstance(body, list):
        # Google's servers wrap the body in a list, and FastAPI's list what is wrong.
        for item in body[:MAX_DEPTH]:
            yield from _parts(item, depth + 1)
    elif isinstance(body, Mapping):
        for name in NESTED_FIELDS:
            if isinstance(body.get(name), Mapping | list) or name == "error":
                yield from _parts(body.get(name), depth + 1)
        yield body
    elif isinstance(body, str):
        yield body


def _codes(part: object) -> Iterator[str]:
    if not isinstance(part, Mapping):
        return
    for name in CODE_FIELDS:
        code = part.get(name)
        if isinstance(code, str | int) and not isinstance(code, bool) and str(code) != "error":
            yield code_name(str(code))


def _details(parts: list[object]) -> str:
    """Details beyond the message, such as a router's quote of the server behind it."""
    found = (mapping(part).get(name) for part in parts for name in ("metadata", "details"))
    return " ".join(json.dumps(each)[:MAX_DETAILS] for each in found if each)


def _hint(message: str, cause: Cause) -> str:
    """The hint of a message that means the same as its code."""
    known = known_error(message, ())
    return known.hint if known and known.cause == cause else HINTS.get(cause, "")


def _message(part: object) -> str:
    """A message on one line; HTML pages of proxies are left out."""
    if isinstance(part, Mapping):
        part = next(
            (part[name] for name in MESSAGE_FIELDS if isinstance(part.get(name), str)), None
        )
    if not isinstance(part, str) or part.lstrip().startswith("<"):
        return ""
    return " ".join(part.split())
