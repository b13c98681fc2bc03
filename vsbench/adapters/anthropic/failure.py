"""What went wrong at a server of Anthropic's protocol."""

from __future__ import annotations

import re

from vsbench.adapters.bodies import mapping, text
from vsbench.adapters.failure import Failure

STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status of each type of error, for those that come in a stream which began as a success."""

BROKE = re.compile(r"credit balance|spend limit|usage limits", re.IGNORECASE)
"""An account without credit, told under the status of a bad request."""

FILTERED = re.compile(r"content filtering policy", re.IGNORECASE)


def read_failure(status: int, body: object, wait: float | None = None) -> Failure:
    """The failure that a status and a body tell; pages of proxies are left out."""
    error = mapping(mapping(body).get("error"))
    kind, message = text(error.get("type")), " ".join(text(error.get("message")).split())
    code = text(mapping(error.get("details")).get("error_code"))
    if status < 400:
        status = STATUSES.get(kind, 500)
    if kind == "billing_error" or code.endswith("spend_limit_reached"):
        return Failure(status, message, "credit", wait)
    if status == 400 and BROKE.search(message):
        return Failure(status, message, "credit", wait)
    if status == 400 and FILTERED.search(message):
        return Failure(status, message, "filter", wait)
    return Failure(status, message, wait=wait)
