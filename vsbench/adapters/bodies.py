"""Reading the bodies of servers. They differ, so nothing in one is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from vsbench.adapters.failure import Failure


class NotTheProtocolError(Exception):
    """A body that holds no reply; with a failure if it reports one under a success's status."""

    def __init__(self, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure


def json_object(response: httpx2.Response) -> Mapping[str, Any]:
    """The JSON object that a response holds.

    Raises:
        NotTheProtocolError: it holds none.
    """
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    kind = response.headers.get("content-type", "no content type")
    raise NotTheProtocolError(f"{len(response.content)} bytes that are no JSON object ({kind})")


def mapping(value: object) -> Mapping[str, Any]:
    """An object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """A text, or an empty one in place of anything else."""
    return value if isinstance(value, str) else ""


def count(usage: Mapping[str, Any], name: str) -> int:
    """A number of tokens, or 0 in place of anything else."""
    value = usage.get(name)
    return value if isinstance(value, int) else 0
