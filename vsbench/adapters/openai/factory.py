"""Making the adapter that a model id of ``openai`` or ``openai-api`` names."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from vsbench.adapters.base import AdapterOptions, AuthError, BadRequestError
from vsbench.adapters.http import check_url, read_key
from vsbench.adapters.openai.chat import Chat
from vsbench.adapters.openai.client import OpenAI
from vsbench.adapters.openai.options import API, OpenAIAPIOptions, OpenAIOptions
from vsbench.adapters.openai.responses import Responses
from vsbench.adapters.openai.servers import Server, server, server_table
from vsbench.adapters.openai.wire import Wire
from vsbench.adapters.options import read_options
from vsbench.models import Traits, traits_of

OFFICIAL = "https://api.openai.com/v1"


def openai(model: str, options: AdapterOptions) -> OpenAI:
    """One of OpenAI's models. ``OPENAI_API_KEY`` is needed, ``OPENAI_BASE_URL`` heeded.

    Raises:
        AuthError: there is no key, or one that no server can take.
        BadRequestError: the base URL is none, or an option is not known.
    """
    own = read_options("openai", options.extra, OpenAIOptions)
    key = read_key("OPENAI_API_KEY")
    if not key:
        raise AuthError(f"openai/{model} needs a key: set OPENAI_API_KEY")
    url = os.environ.get("OPENAI_BASE_URL") or OFFICIAL
    check_url(url)
    row = server(url)
    # Whoever stands between passes on what OpenAI's models take.
    row = server_table().servers["openai"] if row is server_table().servers["other"] else row
    return _opened("openai", model, url, key, row, own, options)


def openai_api(address: str, options: AdapterOptions) -> OpenAI:
    """A model at any compatible server, written ``URL#model``.

    The key comes from ``VSBENCH_API_KEY``; many servers want none. ``OPENAI_API_KEY`` goes to
    OpenAI's own host and to nobody else.

    Raises:
        AuthError: a key that no server can take.
        BadRequestError: no URL, no model after it, or an option that is not known.
    """
    own = read_options("openai-api", options.extra, OpenAIAPIOptions)
    url, _, model = address.partition("#")
    if not model:
        raise BadRequestError(
            f"openai-api/{address} names no model: write openai-api/http://host:port/v1#model"
        )
    check_url(url)
    own_host = urlsplit(url).hostname == urlsplit(OFFICIAL).hostname
    key = read_key("VSBENCH_API_KEY") or (read_key("OPENAI_API_KEY") if own_host else "")
    return _opened("openai-api", model, url, key, server(url, own.server), own, options)


def _opened(
    provider: str,
    model: str,
    url: str,
    key: str,
    row: Server,
    own: OpenAIOptions,
    options: AdapterOptions,
) -> OpenAI:
    traits, row = traits_of(model), row.told(own)
    wire = _wire(model, traits, row, own.api or _usual_api(url, traits), own)
    return OpenAI(wire, traits, url, key, options, own.stream or row.streaming, provider)


def _wire(model: str, traits: Traits, row: Server, api: API, own: OpenAIOptions) -> Wire:
    if api == "responses":
        return Responses(model, traits, own.summary)
    return Chat(model, traits, row)


def _usual_api(url: str, traits: Traits) -> API:
    official = urlsplit(url).hostname == urlsplit(OFFICIAL).hostname
    return "responses" if official and traits.reasons else "chat"
