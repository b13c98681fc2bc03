"""What went wrong at a server of OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Mapping

from vsbench.adapters.bodies import NotTheProtocolError, mapping
from vsbench.adapters.failure import Failure

BROKE = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
"""Codes for an account without credit: sent as rate limits, yet waiting never helps."""

FILTERED = {
    *("content_policy_violation", "content_filter", "invalid_prompt", "moderation_blocked"),
    *("image_content_policy_violation", "bio_policy", "misalignment_policy_violation"),
}
"""Codes for a prompt or an answer that a filter stopped."""

TOO_LARGE = "Request too large"
"""How the message begins for a request above the whole minute's allowance."""

UNVERIFIED = "; --model-option PROVIDER.stream=never asks for replies in one piece"
"""OpenAI streams some models to verified organisations only, and answers others in one piece."""

STATUSES = {
    "rate_limit_exceeded": 429,
    "requests": 429,
    "tokens": 429,
    "insufficient_quota": 429,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "invalid_request_error": 400,
    "data_residency_mismatch": 400,
    "empty_image_file": 400,
    "failed_to_download_image": 400,
    **dict.fromkeys(FILTERED, 400),
}
"""The status of codes and types, for failures that come under a success's status."""


def read_failure(status: int, body: object, wait: float | None = None) -> Failure:
    """The failure that a status and a body's ``error`` tell."""
    if isinstance(body, list) and body:
        # Google's servers wrap the body in a list.
        body = mapping(body[0]).get("error")
    details, message = mapping(body), _message(body)
    if details.get("param") == "stream":
        message += UNVERIFIED
    codes = {str(details.get("code")), str(details.get("type"))}
    if codes & BROKE:
        return Failure(status, message, "credit", wait)
    if codes & FILTERED:
        return Failure(status, message, "filter", wait)
    if message.startswith(TOO_LARGE):
        return Failure(status, message, "size", wait)
    return Failure(status, message, wait=wait)


def hidden_failure(error: object, wait: float | None = None) -> NotTheProtocolError:
    """The failure that an answer or a stream tells after it began as a success."""
    return NotTheProtocolError("an error", read_failure(_status(mapping(error)), error, wait))


def _status(error: Mapping[str, object]) -> int:
    """Of a failure that does not come with one: a server's own unless the body tells otherwise."""
    code = error.get("code")
    if isinstance(code, int) and 400 <= code < 600:
        # Routers pass an upstream server's status on like this.
        return code
    for name in (str(code), str(error.get("type"))):
        if name in STATUSES:
            return STATUSES[name]
        if name.startswith(("invalid_", "image_", "unsupported_")):
            return 400
    return 500


def _message(body: object) -> str:
    """What a server says, wherever it says it; pages of proxies are left out."""
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail")
    if not isinstance(body, str) or body.lstrip().startswith("<"):
        return ""
    return " ".join(body.split())
