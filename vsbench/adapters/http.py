"""What adapters over HTTP have in common: keys, addresses and advice to wait."""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from vsbench.adapters.base import AdapterOptions, AuthError, BadRequestError
from vsbench.adapters.capped import cap

CONNECT_SECONDS = 15.0
"""Longest wait for a connection: a wrong address should not take a whole call's time to show."""

ALLOWANCES = (
    (
        "x-ratelimit-remaining-requests",
        "x-ratelimit-limit-requests",
        "x-ratelimit-reset-requests",
    ),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-reset",
    ),
)
"""Headers that tell how many calls are left of how many, and when all are there again."""

LONGEST_ADVICE = 31 * 86_400.0
"""Seconds of the longest wait that a server can mean: until a month's allowance comes back."""

LONGEST_DATE = 100
"""Characters."""

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def connecting(options: AdapterOptions) -> dict[str, Any]:
    """How an SDK's client connects: with no limit on silence, with room for all calls, to the
    server that was named and no other, and with bounded bodies."""
    return {
        "timeout": httpx2.Timeout(None, connect=min(CONNECT_SECONDS, options.timeout)),
        "limits": httpx2.Limits(
            max_connections=options.max_connections,
            max_keepalive_connections=options.max_connections,
        ),
        # A redirection would take keys in headers along, wherever it leads.
        "follow_redirects": False,
        "event_hooks": {"response": [cap]},
    }


def read_key(variable: str) -> str:
    """The key in an environment variable; empty if there is none.

    Raises:
        AuthError: it cannot be sent in a header.
    """
    # A line feed at a key's end is easily left in a file, and never part of the key.
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise AuthError(f"{variable} holds characters that no key has")
    return key


def custom_headers(variable: str) -> dict[str, str]:
    """The headers that an SDK adds to its calls from an environment variable, a line each."""
    lines = (line.partition(":") for line in os.environ.get(variable, "").split("\n"))
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


def check_url(url: str) -> None:
    """Make sure of a base URL.

    Raises:
        BadRequestError: it is none.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        secret = bool(parts.username or parts.password or parts.query)
    except ValueError:
        sound = secret = False
    if secret:
        # Addresses are part of model ids, which are written down.
        raise BadRequestError(
            "a base URL must hold no user, password or query: give keys by environment variables"
        )
    if not sound or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise BadRequestError(f"{url!r} is no base URL: it should look like http://host:port/v1")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: ``retry-after-ms``, or ``Retry-After`` in seconds or as an HTTP date.

    A date counts from the reply's own, since this machine's clock may be wrong. Advice to wait for
    longer than anybody means is none.
    """
    if (wait := _seconds(headers.get("retry-after-ms"))) is not None:
        return wait / 1000 if wait / 1000 <= LONGEST_ADVICE else None
    advice = headers.get("retry-after")
    if advice is None:
        return None
    if (wait := _seconds(advice)) is None:
        moment = _http_date(advice)
        wait = None if moment is None else max(0.0, moment - _now(headers))
    return wait if wait is not None and wait <= LONGEST_ADVICE else None


def until_allowed(headers: Mapping[str, str]) -> float:
    """Seconds until another call is allowed, from the headers of a reply; 0 unless none is left.

    Allowances of OpenAI, Anthropic and those who took after them fill up steadily, and ``reset``
    tells when one is full: one call's share of it is the time to wait. Tokens are left to 429s,
    since nobody knows what share of them the next call takes.
    """
    for remaining, limit, reset in ALLOWANCES:
        if headers.get(remaining) == "0" and (size := _seconds(headers.get(limit))):
            wait = _time_to_go(headers.get(reset, ""), _now(headers)) / size
            return wait if wait <= LONGEST_ADVICE else 0.0
    return 0.0


def _time_to_go(text: str, now: float) -> float:
    """Seconds written as ``6m0.5s`` or ``20ms``, or to a moment in ISO 8601; 0 if neither."""
    if text and len(text) <= LONGEST_DATE and re.fullmatch(rf"({DURATION.pattern})+", text):
        return sum(float(amount) * UNITS[unit] for amount, unit in DURATION.findall(text))
    try:
        return max(0.0, _utc(datetime.fromisoformat(text)).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0


def _now(headers: Mapping[str, str]) -> float:
    """The time as the server tells it, or else as this machine does."""
    told = _http_date(headers.get("date", ""))
    return time.time() if told is None else told


def _http_date(text: str) -> float | None:
    """The seconds of an HTTP date since 1970; None if it is none."""
    if len(text) > LONGEST_DATE:
        return None
    try:
        return _utc(parsedate_to_datetime(text)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float((text or "")[:LONGEST_DATE])
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
