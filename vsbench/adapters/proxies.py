"""What the environment puts between a client and its server: proxies and certificates."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from vsbench.adapters.base import BadRequestError
from vsbench.adapters.secrets import Secrets

VARIABLES = (
    *("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
    *("all_proxy", "https_proxy", "http_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"),
)
"""Variables that HTTP clients read when they are made."""

Client = TypeVar("Client")


def proxy_for(url: str) -> str:
    """The proxy that calls to a URL go through; empty if none."""
    parts = urlsplit(url)
    found = getproxies()
    proxy = found.get(parts.scheme) or found.get("all") or ""
    return "" if not proxy or proxy_bypass(parts.hostname or "") else proxy


def proxy_note(url: str) -> str:
    """What to say of the proxy in errors of calls to a URL; empty if there is none."""
    proxy, host = proxy_for(url), urlsplit(url).hostname or ""
    if not proxy:
        return ""
    shown = Secrets(()).redact(proxy)
    if is_loopback(host):
        return f"; calls to this machine go through the proxy {shown}: set NO_PROXY={host}"
    return f"; calls go through the proxy {shown}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def made(make: Callable[[], Client]) -> Client:
    """An HTTP client, or what in the environment keeps it from being made.

    Raises:
        BadRequestError: naming the variables that are set.
    """
    try:
        return make()
    except (ImportError, OSError, ValueError) as error:
        named = (f"{name}={os.environ[name]}" for name in VARIABLES if os.environ.get(name))
        shown = Secrets(()).redact(", ".join(named)) or "no variable of proxies or certificates"
        more = "; pip install socksio for a SOCKS proxy" if "socksio" in str(error) else ""
        raise BadRequestError(
            f"no HTTP client can be made with what the environment says ({shown}): "
            f"{Secrets(()).redact(str(error))}{more}"
        ) from None
