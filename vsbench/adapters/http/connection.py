"""Keys, URLs, proxies, and the settings with which an SDK's client connects."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from vsbench.adapters.base import AdapterOptions, AuthError, BadRequestError
from vsbench.adapters.http.bodies import limit_size
from vsbench.redaction import Secrets

CONNECT_SECONDS = 15.0
"""Longest wait for a connection: a wrong address should show before a call's time is up."""

ENVIRONMENT = (
    *("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
    *("all_proxy", "https_proxy", "http_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)
"""Variables that HTTP clients read when they are created."""

Client = TypeVar("Client")


def read_key(variable: str) -> str:
    """Read the key in an environment variable; empty if it is not set.

    Raises:
        AuthError: it cannot be sent in a header.
    """
    # A line feed at a key's end is easily left in a file, and never part of the key.
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise AuthError(f"{variable} contains characters that no key has")
    return key


def custom_headers(variable: str) -> dict[str, str]:
    """Read the headers that an SDK adds from an environment variable, one a line."""
    lines = (line.partition(":") for line in os.environ.get(variable, "").split("\n"))
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


def check_url(url: str) -> None:
    """Check a base URL.

    Raises:
        BadRequestError: it is not one, or it contains secrets.
    """
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        secret = bool(parts.username or parts.password or parts.query)
    except ValueError:
        valid = secret = False
    if secret:
        # URLs are part of model ids, which are written to records.
        raise BadRequestError(
            "a base URL must not contain a user, password or query: "
            "give keys by environment variables"
        )
    if not valid or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise BadRequestError(f"invalid base URL {url!r}: expected http://host:port/v1")


def client_settings(options: AdapterOptions) -> dict[str, Any]:
    """Return the arguments of an HTTP client: no read timeout (the endpoint keeps the deadline),
    enough connections, no redirections, and bodies of limited size."""
    return {
        "timeout": httpx2.Timeout(None, connect=min(CONNECT_SECONDS, options.timeout)),
        "limits": httpx2.Limits(
            max_connections=options.max_connections,
            max_keepalive_connections=options.max_connections,
        ),
        # A redirection would take keys in headers along, wherever it leads.
        "follow_redirects": False,
        "event_hooks": {"response": [limit_size]},
    }


def create_client(create: Callable[[], Client]) -> Client:
    """Create an HTTP client.

    Raises:
        BadRequestError: proxies or certificates in the environment prevent it; names the variables.
    """
    try:
        return create()
    except (ImportError, OSError, ValueError) as error:
        named = (f"{name}={os.environ[name]}" for name in ENVIRONMENT if os.environ.get(name))
        shown = Secrets().redact(", ".join(named)) or "no proxy or certificate variables set"
        more = "; pip install socksio for a SOCKS proxy" if "socksio" in str(error) else ""
        raise BadRequestError(
            f"cannot create an HTTP client in this environment ({shown}): "
            f"{Secrets().redact(str(error))}{more}"
        ) from None


def proxy_for(url: str) -> str:
    """Return the proxy that calls to a URL go through; empty if none."""
    parts = urlsplit(url)
    found = getproxies()
    proxy = found.get(parts.scheme) or found.get("all") or ""
    return "" if not proxy or proxy_bypass(parts.hostname or "") else proxy


def proxy_note(url: str) -> str:
    """Return a note on the proxy for errors of calls to a URL; empty if there is none."""
    proxy, host = proxy_for(url), urlsplit(url).hostname or ""
    if not proxy:
        return ""
    shown = Secrets().redact(proxy)
    if is_loopback(host):
        return f"; calls to this machine go through the proxy {shown}: set NO_PROXY={host}"
    return f"; calls go through the proxy {shown}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")
