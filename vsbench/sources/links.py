"""Download bundles over HTTP, within limits of size and time."""

from __future__ import annotations

import re
import time
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from vsbench.errors import UsageError

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

TIMEOUT = 30.0
"""Seconds of silence after which a server is given up."""

TIME_LIMIT = 600.0
"""Seconds that a download may take."""

CHUNK = 1 << 16

_RUN_PAGE = re.compile(r"(?P<board>.*)/runs/(?P<run>[\w-]+)/?")


def is_link(source: str) -> bool:
    """Whether a source is an address of the web."""
    return source.startswith(("http://", "https://"))


def bundle_link(link: str) -> str:
    """Return the link to the bundle of a run's page on a leaderboard; other links as they are."""
    parts = urlsplit(link)
    if (page := _RUN_PAGE.fullmatch(parts.path)) is None:
        return link
    path = f"{page['board']}/api/v1/submissions/{page['run']}/bundle"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def public(source: str) -> str:
    """A source as it may be shown: of a link without its query and user, which may be secrets."""
    if not is_link(source):
        return source
    parts = urlsplit(source)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def download(link: str, to: Path, most: int, time_limit: float = TIME_LIMIT) -> None:
    """Download a file of at most ``most`` bytes.

    Raises:
        UsageError: the server cannot be reached, refuses, sends too much, or takes longer than
            ``time_limit`` seconds.
    """
    from urllib.error import HTTPError, URLError
    from urllib.request import Request

    until = time.monotonic() + time_limit
    try:
        request = Request(link, headers={"User-Agent": "vsbench"})  # noqa: S310
        with closing(_opener().open(request, timeout=TIMEOUT)) as reply, to.open("wb") as file:
            _copy(reply, file, most, until)
    except HTTPError as error:
        error.close()
        raise _failed(link, f"the server answered {error.code} {error.reason}") from None
    except URLError as error:
        raise _failed(link, _cause(error.reason)) from None
    except (OSError, ValueError, HTTPException) as error:
        raise _failed(link, _cause(error)) from None


def _copy(reply: IO[bytes], file: IO[bytes], most: int, until: float) -> None:
    """Copy a reply into a file. Raises ValueError if it is too large, or comes too slowly."""
    size = 0
    # One system call at a time: a server that sends a byte now and then must not hold us.
    while part := getattr(reply, "read1", reply.read)(CHUNK):
        size += len(part)
        if size > most:
            raise ValueError(f"it has more than {most:,} bytes")
        if time.monotonic() > until:
            raise ValueError("the download took too long")
        file.write(part)


def _opener() -> OpenerDirector:
    """An opener that knows the web alone: no redirection leads to files of this machine."""
    from urllib import request

    class Redirections(request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, *reply: Any) -> request.Request | None:
            target: str = reply[-1]
            schemes = (
                ("https://",) if req.full_url.startswith("https:") else ("http://", "https://")
            )
            if not target.lower().startswith(schemes):
                raise ValueError(f"the server redirects to {target}")
            return super().redirect_request(req, *reply)

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPDefaultErrorHandler(),
        Redirections(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _cause(error: object) -> str:
    if isinstance(error, TimeoutError):
        return f"the server was silent for {TIMEOUT:g} seconds"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _failed(link: str, why: str) -> UsageError:
    return UsageError(f"{public(link)} cannot be downloaded: {why}")
