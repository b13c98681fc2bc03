"""Making the adapter that a model id of ``anthropic`` names."""

from __future__ import annotations

import os

from vsbench.adapters.anthropic.client import Anthropic
from vsbench.adapters.base import AdapterOptions, AuthError
from vsbench.adapters.http import read_key
from vsbench.adapters.options import refuse_options

OFFICIAL = "https://api.anthropic.com"


def anthropic(model: str, options: AdapterOptions) -> Anthropic:
    """One of Anthropic's models. ``ANTHROPIC_API_KEY`` is needed, ``ANTHROPIC_BASE_URL`` heeded.

    Raises:
        AuthError: there is no key, or one that no server can take.
        BadRequestError: the base URL is none, or there is an option, of which it takes none.
    """
    refuse_options("anthropic", options.extra)
    key = read_key("ANTHROPIC_API_KEY")
    if not key:
        raise AuthError(f"anthropic/{model} needs a key: set ANTHROPIC_API_KEY")
    url = os.environ.get("ANTHROPIC_BASE_URL") or OFFICIAL
    # The SDK adds the version itself; many other clients want it in the variable.
    return Anthropic(model, url.rstrip("/").removesuffix("/v1"), key, options)
