"""What providers say when they fail: their words, what those mean, and the option that helps.

One table for all protocols. Statuses mislead: servers send permanent faults as 429 and 500, and
faults of every kind inside a 200.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vsbench.adapters.failure import Cause

TEXT_ONLY = "--modality text asks without pictures"
SHORTER = "--max-tokens N asks for shorter answers"
RESPONSES = "--model-option PROVIDER.api=responses asks on the API that takes it"
COMPLETION = (
    "--model-option PROVIDER.token_limit=max_completion_tokens limits answers as it takes them"
)
RESUME = "resume the run when there is a new one"
UNSTREAMED = "--model-option PROVIDER.stream=never asks for replies in one piece"


@dataclass(frozen=True)
class Known:
    """A line of the table: messages in which ``words`` are found mean ``cause``."""

    words: re.Pattern[str]
    cause: Cause
    hint: str = ""


def _known(words: str, cause: Cause, hint: str = "") -> Known:
    return Known(re.compile(words, re.IGNORECASE | re.DOTALL), cause, hint)


KNOWN = (
    _known(
        r"image input is not supported|(does not|doesn't|not) support (image|vision|multimodal)"
        r"|support image input|(images?|image_url|vision|multimodal)\b.{0,40}\bnot supported"
        r"|image_url is only supported by|unknown variant `?image_url|at most 0 image"
        r"|not a multimodal model|cannot (read|process) \"?image",
        "request",
        TEXT_ONLY,
    ),
    _known(
        r"supported in v1/responses|use the (v1/)?responses (api|endpoint)"
        r"|only (available|supported) (in|on|with|via) the responses|not a chat model",
        "request",
        RESPONSES,
    ),
    _known(r"max_tokens.{0,80}max_completion_tokens' instead", "request", COMPLETION),
    _known(
        r"max_tokens.{0,40}not supported.{0,60}max_completion_tokens",
        "request",
        COMPLETION,
    ),
    _known(r"temperature.{0,60}(only the default|not support)", "request", "try --temperature 1"),
    _known(r"must be verified to stream", "request", UNSTREAMED),
    _known(
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
    _known(
        r"(requests|tokens|images|calls)[ _-]per[ _-]day|\b[RT]PD\b|per-?day|daily.{0,20}"
        r"(limit|quota|allowance)|(limit|quota).{0,40}\b(today|daily)\b|monthly.{0,20}(limit|quota)",
        "quota",
        RESUME,
    ),
    _known(
        r"credit balance|spend(ing)? limit|usage limits|insufficient[ _](balance|quota|credits?)"
        r"|no credits? left|account is (in arrears|overdue)",
        "credit",
    ),
    _known(r"^request too large", "request"),
    _known(
        r"content filtering policy|content management policy|data_inspection_failed"
        r"|inappropriate content|flagged as potentially violating|input was flagged",
        "filter",
    ),
    _known(r"model is (currently )?loading|loading model", "busy"),
)
"""The first line that fits counts."""

HINTS: Mapping[Cause, str] = {"context": SHORTER, "quota": RESUME}
"""Of causes, where the message says no more."""

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
"""Codes and types that mean the same, in the form of :func:`code_name`. Those in digits are
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
"""The status of codes and types, for failures that come under a success's status."""

PREFIXES = {"invalid_": 400, "image_": 400, "unsupported_": 400, "throttling": 429}
"""The same for codes that begin like this."""


def code_name(code: str) -> str:
    """A code in one form: ``RateLimitError``, ``Throttling.RateQuota`` and ``rate-limit`` too."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", code.strip())
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()


def known_failure(message: str, codes: Collection[str]) -> Known | None:
    """The line that a code fits, or else a message."""
    for code in codes:
        for name, cause in CODES.items():
            if code == name or code.endswith(f"_{name}"):
                return _known("", cause)
    return next((line for line in KNOWN if line.words.search(message)), None)


def status_of(codes: Collection[str]) -> int:
    """The status of a failure that comes without one: a server's own unless a code says more."""
    for code in codes:
        if code.isdecimal() and 400 <= int(code) < 600:
            # Routers pass an upstream server's status on like this.
            return int(code)
        if code in STATUSES:
            return STATUSES[code]
        if cause := CODES.get(code):
            return 402 if cause == "credit" else 429 if cause == "quota" else 400
        for prefix, status in PREFIXES.items():
            if code.startswith(prefix):
                return status
    return 500
