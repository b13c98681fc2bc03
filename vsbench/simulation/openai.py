"""What OpenAI's two APIs have in common, from the server's side."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Any

from vsbench.adapters.base import Image, Role
from vsbench.simulation.wire import MalformedCallError

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
DATA_URL = "data:image/png;base64,"
ANSWER_TOKENS = 4096
"""For calls that set no limit."""

ERROR_TYPES = {
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}
"""HTTP status -> an error's type and code."""


def bearer(headers: Mapping[str, str]) -> str:
    """The key that a call shows."""
    return headers.get("authorization", "").removeprefix("Bearer ")


def error_body(status: int, message: str) -> dict[str, Any]:
    """An error object."""
    other = ("server_error" if status >= 500 else "invalid_request_error", None)
    kind, code = ERROR_TYPES.get(status, other)
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def role(message: Any) -> Role:
    """A message's role."""
    if message["role"] not in ROLES:
        raise MalformedCallError(f"there is no role {message['role']!r}")
    return ROLES[message["role"]]


def picture(url: str) -> Image:
    """The picture in a data URL."""
    if not url.startswith(DATA_URL):
        raise MalformedCallError(f"pictures must be PNG data URLs, {DATA_URL}...")
    try:
        return Image(binascii.a2b_base64(url[len(DATA_URL) :], strict_mode=True))
    except binascii.Error as error:
        raise MalformedCallError(f"a picture is not base64: {error}") from None
