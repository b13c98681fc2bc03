"""OpenAI's models, and every server that speaks Chat Completions, by the official SDK.

The SDK's client does authentication, connections and HTTP errors. Bodies are written and read
here: that keeps fields which only some servers have, tells a broken body from an empty answer,
and costs a fraction of the SDK's own typed conversion.
"""

from __future__ import annotations

import os

from vsbench.adapters.base import AdapterOptions, AuthError, BadRequestError
from vsbench.adapters.http import read_key
from vsbench.adapters.openai.client import OpenAI
from vsbench.adapters.openai.messages import chat_messages

__all__ = ["OpenAI", "chat_messages", "openai", "openai_api"]

OFFICIAL = "https://api.openai.com/v1"


def openai(model: str, options: AdapterOptions) -> OpenAI:
    """One of OpenAI's models. ``OPENAI_API_KEY`` is needed, ``OPENAI_BASE_URL`` heeded.

    Raises:
        AuthError: there is no key, or one that no server can take.
        BadRequestError: the base URL is none.
    """
    key = read_key("OPENAI_API_KEY")
    if not key:
        raise AuthError(f"openai/{model} needs a key: set OPENAI_API_KEY")
    return OpenAI(model, os.environ.get("OPENAI_BASE_URL") or OFFICIAL, key, options)


def openai_api(address: str, options: AdapterOptions) -> OpenAI:
    """A model at any compatible server, written ``URL#model``.

    The key comes from ``VSBENCH_API_KEY``, else ``OPENAI_API_KEY``; many servers want none.

    Raises:
        AuthError: a key that no server can take.
        BadRequestError: no URL, or no model after it.
    """
    url, _, model = address.partition("#")
    if not model:
        raise BadRequestError(
            f"openai-api/{address} names no model: write openai-api/http://host:port/v1#model"
        )
    key = read_key("VSBENCH_API_KEY") or read_key("OPENAI_API_KEY")
    return OpenAI(model, url, key, options)
