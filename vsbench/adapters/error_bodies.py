"""Reading what servers say when they fail, in whichever form: one reader for all protocols."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vsbench.adapters.bodies import NotTheProtocolError, mapping
from vsbench.adapters.failure import Cause, Failure
from vsbench.adapters.known_failures import (
    HINTS,
    UNSTREAMED,
    code_name,
    known_failure,
    status_of,
)

MESSAGES = ("message", "detail", "msg", "error_msg", "status_msg", "error_message")
"""Fields that hold a message, the first that has one."""

CODES = ("code", "type", "status", "error_code", "status_code", "errorCode")
"""Fields that hold a code, the surest first."""

INNER = ("error", "errors", "detail", "details", "base_resp")
"""Fields that may hold the whole of it, an object or a list of such."""

NOT_UNDER: Mapping[Cause, Callable[[int], bool]] = {
    "credit": lambda status: status >= 500,
    "filter": lambda status: status >= 500,
    "quota": lambda status: status not in (400, 403, 429),
    "context": lambda status: status in (403, 429),
    "request": lambda status: status == 403,
    "busy": lambda status: status == 403,
}
"""Statuses under which a message does not mean what its words mean under others."""

REDIRECTED = "a redirection, which is not followed: give the address that it leads to"

LONGEST_QUOTE = 4000
"""Characters of details that are searched."""

DEPTH = 4
"""Of objects within objects that are looked into."""


def is_error(body: Mapping[str, Any]) -> bool:
    """Whether a body that came as a success reports a failure."""
    return bool(body.get("error")) or body.get("object") == "error" or body.get("type") == "error"


def read_failure(status: int, body: object, wait: float | None = None) -> Failure:
    """The failure that a status and a body tell.

    A success's status is replaced by what the body's codes say.
    """
    if 300 <= status < 400:
        return Failure(status, REDIRECTED, "request")
    parts = list(_parts(body, 0))
    message = next(filter(None, map(_message, parts)), "")
    codes = tuple(dict.fromkeys(code for part in parts for code in _codes(part)))
    if status < 400:
        status = status_of(codes)
    by_code = known_failure("", codes)
    known = by_code or known_failure(f"{message} {_quoted(parts)}", ())
    if known and status != 401 and (by_code or not NOT_UNDER[known.cause](status)):
        hint = known.hint or _hint(message, known.cause)
        return Failure(status, message, known.cause, wait, hint)
    if any(mapping(part).get("param") == "stream" for part in parts):
        return Failure(status, message, wait=wait, hint=UNSTREAMED)
    return Failure(status, message, wait=wait)


def hidden_failure(body: object, wait: float | None = None) -> NotTheProtocolError:
    """The failure that an answer or a stream tells after it began as a success."""
    return NotTheProtocolError("an error", read_failure(200, body, wait))


def _parts(body: object, depth: int) -> Iterator[object]:
    """The pieces of a body that may say something, the innermost first."""
    if depth > DEPTH:
        return
    if isinstance(body, list):
        # Google's servers wrap the body in a list, and FastAPI's list what is wrong.
        for item in body[:DEPTH]:
            yield from _parts(item, depth + 1)
    elif isinstance(body, Mapping):
        for name in INNER:
            if isinstance(body.get(name), Mapping | list) or name == "error":
                yield from _parts(body.get(name), depth + 1)
        yield body
    elif isinstance(body, str):
        yield body


def _codes(part: object) -> Iterator[str]:
    if not isinstance(part, Mapping):
        return
    for name in CODES:
        code = part.get(name)
        if isinstance(code, str | int) and not isinstance(code, bool) and str(code) != "error":
            yield code_name(str(code))


def _quoted(parts: list[object]) -> str:
    """What says more than the message: details, and a router's quote of the server behind it."""
    said = (mapping(part).get(name) for part in parts for name in ("metadata", "details"))
    return " ".join(json.dumps(each)[:LONGEST_QUOTE] for each in said if each)


def _hint(message: str, cause: Cause) -> str:
    """The hint of a message that means the same as its code."""
    said = known_failure(message, ())
    return said.hint if said and said.cause == cause else HINTS.get(cause, "")


def _message(part: object) -> str:
    """A message in one line; pages of proxies are left out."""
    if isinstance(part, Mapping):
        part = next((part[name] for name in MESSAGES if isinstance(part.get(name), str)), None)
    if not isinstance(part, str) or part.lstrip().startswith("<"):
        return ""
    return " ".join(part.split())
