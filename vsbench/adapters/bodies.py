"""Reading the bodies of servers. They differ, so nothing in one is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx2

from vsbench.adapters.failure import Failure
from vsbench.messages import Usage

MOST_TOKENS = 10**9
"""Of a call: what is larger was not counted in tokens."""


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
    """A number of tokens, or 0 in place of anything else: a negative number, half a token."""
    value = usage.get(name)
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 <= value <= MOST_TOKENS else 0


def consistent(usage: Usage) -> Usage:
    """A usage whose parts are no more than the whole, so that no cost comes out negative."""
    cached = min(usage.cached, usage.input)
    written = min(usage.cache_written, usage.input - cached)
    reasoning = min(usage.reasoning, usage.output)
    return replace(usage, cached=cached, cache_written=written, reasoning=reasoning)
