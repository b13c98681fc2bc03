"""Table of the messages and codes with which providers fail: their causes, and helpful options.

One table serves all protocols. Statuses mislead: servers send permanent errors as 429 and 500, and
errors of every kind inside a 200.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

Cause = Literal[
    "credit", "quota", "filter", "context", "request", "busy", "unfinished", "unknown_stop_reason"
]
"""Causes that a body gives beyond the status: no credit left; a day's allowance used up; prompt or
answer filtered; prompt and answer too long; a request that will never be accepted; a busy server;
an answer that was interrupted; an answer with an unknown finish reason."""

TEXT_ONLY = "use --modality text to ask without pictures"
SHORTER = "use --max-tokens N to ask for shorter answers"
RESPONSES = "set --model-option PROVIDER.api=responses"
COMPLETION = "set --model-option PROVIDER.token_limit=max_completion_tokens"
RESUME = "resume the run when the allowance is renewed"
NO_STREAMING = "set --model-option PROVIDER.stream=never"


@dataclass(frozen=True)
class ErrorPattern:
    """A row of the table: messages that match ``pattern`` have this ``cause``."""

    pattern: re.Pattern[str]
    cause: Cause
    hint: str = ""


def _row(pattern: str, cause: Cause, hint: str = "") -> ErrorPattern:
    return ErrorPattern(re.compile(pattern, re.IGNORECASE | re.DOTALL), cause, hint)


KNOWN_ERRORS = (
    _row(
        r"image input is not supported|(does not|doesn't|not) support (image|vision|multimodal)"
        r"|support image input|(images?|image_url|vision|multimodal)\b.{0,40}\bnot supported"
        r"|image_url is only supported by|unknown variant `?image_url|at most 0 image"
        r"|not a multimodal model|cannot (read|process) \"?image",
        "request",
        TEXT_ONLY,
    ),
    _row(
        r"supported in v1/responses|use the (v1/)?responses (api|endpoint)"
        r"|only (available|supported) (in|on|with|via) the responses|not a chat model",
        "request",
        RESPONSES,
    ),
    _row(r"max_tokens.{0,80}max_completion_tokens' instead", "request", COMPLETION),
    _row(
        r"max_tokens.{0,40}not supported.{0,60}max_completion_tokens",
        "request",
        COMPLETION,
    ),
    _row(r"temperature.{0,60}(only the default|not support)", "request", "try --temperature 1"),
    _row(r"must be verified to stream", "request", NO_STREAMING),
    _row(
        r"context[_ ](length|window|size|limit)|maximum context|prompt is too long"
        r"|max(imum)?_?(new_|completion_|output_)?tokens`?'?\"?.{0,30}"
        r"(too large|too high|must be less|must be at least|exceed|should be|> \d)"
        r"|invalid max_tokens value|range of max_tokens|max_tokens: \d+ > \d+"
        r"|token count.{0,60}exceeds the maximum|max_new_tokens`? must be"
        r"|tokens in request more than max|input length .{0,40}exceed|input is too long"
        r"|prompt.{0,20}too (long|large)|too large for model",
        "context",
        SHORTER,
    ),
    _row(
        r"(requests|tokens|images|calls)[ _-]per[ _-]day|\b[RT]PD\b|per-?day|daily.{0,20}"
        r"(limit|quota|allowance)|(limit|quota).{0,40}\b(today|daily)\b|monthly.{0,20}(limit|quota)",
        "quota",
        RESUME,
    ),
    _row(
        r"credit balance|spend(ing)? limit|usage limits|insufficient[ _](balance|quota|credits?)"
        r"|no credits? left|account is (in arrears|overdue)",
        "credit",
    ),
    _row(r"^request too large", "request"),
    _row(
        r"content filtering policy|content management policy|data_inspection_failed"
        r"|inappropriate content|flagged as potentially violating|input was flagged",
        "filter",
    ),
    _row(r"model is (currently )?loading|loading model", "busy"),
)
"""The first match counts."""

HINTS: Mapping[Cause, str] = {"context": SHORTER, "quota": RESUME}
"""Cause -> hint, for messages without a specific hint."""

CODES: Mapping[str, Cause] = {
    **dict.fromkeys(
        (
            *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),
            *("billing_error", "spend_limit_reached", "insufficient_balance", "arrearage", "1113"),
        ),
        "credit",
    ),
    **dict.fromkeys(
        (
            *("content_policy_violation", "content_filter", "invalid_prompt", "bio_policy"),
            *("moderation_blocked", "image_content_policy_violation", "1301"),
            *("misalignment_policy_violation", "data_inspection_failed", "responsible_ai_policy"),
            "responsible_ai_policy_violation",
        ),
        "filter",
    ),
    **dict.fromkeys(
        ("context_length_exceeded", "exceed_context_size_error", "string_above_max_length", "1261"),
        "context",
    ),
    **dict.fromkeys(("daily_limit_exceeded", "1304"), "quota"),
}
"""Codes and types, in the form of :func:`code_name`, and their causes. Those in digits are
Zhipu's."""

STATUSES: Mapping[str, int] = {
    **dict.fromkeys(("invalid_request_error", "bad_request", "bad_request_error"), 400),
    **dict.fromkeys(("invalid_argument", "data_residency_mismatch", "empty_image_file"), 400),
    **dict.fromkeys(("failed_to_download_image", "invalid_parameter"), 400),
    **dict.fromkeys(("authentication_error", "invalid_api_key", "unauthenticated"), 401),
    **dict.fromkeys(("unauthorized", "auth_error", "invalid_key", "1000", "1001", "1002"), 401),
    **dict.fromkeys(("1003", "1004"), 401),
    **dict.fromkeys(("permission_error", "permission_denied", "forbidden"), 403),
    **dict.fromkeys(("permission_denied_error", "access_denied"), 403),
    **dict.fromkeys(("not_found_error", "model_not_found", "not_found"), 404),
    **dict.fromkeys(("conflict_error", "conflict"), 409),
    **dict.fromkeys(("request_too_large", "payload_too_large"), 413),
    **dict.fromkeys(("rate_limit_exceeded", "rate_limit_error", "rate_limit", "requests"), 429),
    **dict.fromkeys(("tokens", "too_many_requests", "resource_exhausted", "throttling"), 429),
    **dict.fromkeys(("rate_limit_reached", "limit_requests", "1302", "1303", "1305"), 429),
    **dict.fromkeys(("api_error", "server_error", "internal_error", "internal"), 500),
    **dict.fromkeys(("internal_server_error", "processing_error"), 500),
    **dict.fromkeys(("unavailable", "service_unavailable", "model_loading"), 503),
    **dict.fromkeys(("timeout_error", "deadline_exceeded", "timeout"), 504),
    "overloaded_error": 529,
}
"""Codes and types -> status, for errors that come with a success's status."""

PREFIXES = {"invalid_": 400, "image_": 400, "unsupported_": 400, "throttling": 429}
"""Beginnings of codes -> status."""


def code_name(code: str) -> str:
    """Return a code in snake case, as for ``RateLimitError``, ``Throttling.RateQuota``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", code.strip())
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()


def known_error(message: str, codes: Collection[str]) -> ErrorPattern | None:
    """Find the row that matches a code, or else the message; None if no row does."""
    for code in codes:
        for name, cause in CODES.items():
            if code == name or code.endswith(f"_{name}"):
                return _row("", cause)
    return next((row for row in KNOWN_ERRORS if row.pattern.search(message)), None)


def status_of(codes: Collection[str]) -> int:
    """Return the status of an error that comes without one; 500 unless a code says more."""
    for code in codes:
        if code.isdecimal() and 400 <= int(code) < 600:
            # Routers pass an upstream server's status on as a code.
            return int(code)
        if code in STATUSES:
            return STATUSES[code]
        if cause := CODES.get(code):
            return 402 if cause == "credit" else 429 if cause == "quota" else 400
        for prefix, status in PREFIXES.items():
            if code.startswith(prefix):
                return status
    return 500
