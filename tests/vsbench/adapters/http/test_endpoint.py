"""Rate limit headers: how long to wait."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from time import time

import pytest

from vsbench.adapters.http.endpoint import retry_after, until_allowed

NOON = "Sat, 28 Nov 2026 12:00:00 GMT"
"""The server's clock, whatever this machine's says."""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "1", "retry-after-ms": "20"}, 0.02),
        ({"retry-after": "1", "retry-after-ms": "soon"}, 1.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 +9999999999999"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 -9999"}, None),
        ({"retry-after": "Wed, 21 Oct 0001 07:28:00 +2359"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 99999 07:28:00 GMT"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359"}, None),
        ({"retry-after": "1e300"}, None),
        ({"retry-after-ms": "1e300"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({"retry-after": ", " * 50_000}, None),
        ({"retry-after": "Sat, 28 Nov 2026 12:00:02 GMT", "date": NOON}, 2.0),
        ({"retry-after": "Sat, 28 Nov 2026 12:00:02 +0100", "date": NOON}, 0.0),
    ],
)
def test_how_long_to_wait(headers: Mapping[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_wait_for() -> None:
    wait = retry_after({"retry-after": formatdate(time() + 30, usegmt=True)})
    assert wait is not None
    assert 28 < wait <= 31


def openai(remaining: str, limit: str, reset: str) -> dict[str, str]:
    words = zip(("remaining", "limit", "reset"), (remaining, limit, reset), strict=True)
    return {f"x-ratelimit-{word}-requests": value for word, value in words}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        (openai("1", "10", "6m0s"), 0.0),
        (openai("0", "10", "6m0s"), 36.0),
        (openai("0", "4", "20ms"), 0.005),
        (openai("0", "2", "1h0m1.5s"), 1800.75),
        (openai("0", "10", "soon"), 0.0),
        (openai("0", "0", "1s"), 0.0),
        (openai("0", "many", "1s"), 0.0),
        (openai("0", "1", "9" * 80 + "h"), 0.0),
        (openai("0", "1", "9999-12-31T23:59:59-23:59"), 0.0),
        (openai("0", "2", "2026-11-28T12:00:10Z") | {"date": NOON}, 5.0),
        (openai("0", "2", "2015-11-28T12:00:10Z") | {"date": "soon"}, 0.0),
    ],
)
def test_an_allowance_that_is_used_up(headers: Mapping[str, str], seconds: float) -> None:
    assert until_allowed(headers) == pytest.approx(seconds)


def test_an_allowance_that_comes_back_at_a_moment() -> None:
    reset = datetime.now(UTC) + timedelta(seconds=60)
    names = ("remaining", "limit", "reset")
    values = ("0", "4", reset.isoformat().replace("+00:00", "Z"))
    headers = {
        f"anthropic-ratelimit-requests-{name}": value
        for name, value in zip(names, values, strict=True)
    }
    assert 14 < until_allowed(headers) <= 15
