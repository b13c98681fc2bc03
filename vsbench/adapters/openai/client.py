"""Open and call a model at a server of OpenAI's protocol, through the official SDK."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai as sdk

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    AuthError,
    BadRequestError,
    Reply,
    Request,
    Sampling,
    read_options,
)
from vsbench.adapters.http.bodies import ACCEPT_ENCODING, is_json, json_object
from vsbench.adapters.http.connection import (
    check_url,
    client_settings,
    create_client,
    custom_headers,
    read_key,
)
from vsbench.adapters.http.endpoint import (
    STREAMED_ABOVE,
    Endpoint,
    streamed_events,
    until_allowed,
)
from vsbench.adapters.openai.chat import Chat
from vsbench.adapters.openai.responses import Responses
from vsbench.adapters.openai.servers import (
    API,
    OpenAIAPIOptions,
    OpenAIOptions,
    Server,
    Streaming,
    find_server,
    server_table,
)
from vsbench.adapters.openai.wire import Wire, thinking_switch
from vsbench.models import NO_EFFORT, Traits, traits_of
from vsbench.redaction import Secrets

BASE_URL = "https://api.openai.com/v1"

NO_KEY = "none"
"""Sent to servers that need no key, since the SDK insists on one."""

ORGANISATION = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""Headers that the SDK sends -> the environment variables that it takes them from."""

CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"
"""The variable from which it takes further headers."""


def openai(model: str, options: AdapterOptions) -> OpenAI:
    """Open one of OpenAI's models; reads ``OPENAI_API_KEY`` and ``OPENAI_BASE_URL``.

    Raises:
        AuthError: there is no key, or one that no server can take.
        BadRequestError: the base URL or an option is invalid.
    """
    own = read_options("openai", options.extra, OpenAIOptions)
    key = read_key("OPENAI_API_KEY")
    if not key:
        raise AuthError(f"openai/{model} needs a key: set OPENAI_API_KEY")
    url = os.environ.get("OPENAI_BASE_URL") or BASE_URL
    check_url(url)
    rows, row = server_table().servers, find_server(url)
    # An unknown gateway passes on what OpenAI's models take.
    row = rows["openai"] if row is rows["other"] else row
    return _open("openai", model, url, key, row, own, options)


def openai_api(address: str, options: AdapterOptions) -> OpenAI:
    """Open a model at any compatible server, written ``URL#model``.

    The key comes from ``VSBENCH_API_KEY``; many servers need none. ``OPENAI_API_KEY`` is only sent
    to OpenAI's own host.

    Raises:
        AuthError: a key that no server can take.
        BadRequestError: the URL, the model or an option is missing or invalid.
    """
    own = read_options("openai-api", options.extra, OpenAIAPIOptions)
    url, _, model = address.partition("#")
    if not model:
        raise BadRequestError(
            f"openai-api/{address} names no model: write openai-api/http://host:port/v1#model"
        )
    check_url(url)
    own_host = urlsplit(url).hostname == urlsplit(BASE_URL).hostname
    key = read_key("VSBENCH_API_KEY") or (read_key("OPENAI_API_KEY") if own_host else "")
    return _open("openai-api", model, url, key, find_server(url, own.server), own, options)


def _open(
    provider: str,
    model: str,
    url: str,
    key: str,
    row: Server,
    own: OpenAIOptions,
    options: AdapterOptions,
) -> OpenAI:
    traits, row = traits_of(model), row.with_options(own)
    wire = _wire(model, traits, row, own.api or _default_api(url, traits), own)
    return OpenAI(wire, traits, url, key, options, own.stream or row.streaming, provider)


def _wire(model: str, traits: Traits, row: Server, api: API, own: OpenAIOptions) -> Wire:
    if api == "responses":
        return Responses(model, traits, own.summary)
    return Chat(model, traits, row)


def _default_api(url: str, traits: Traits) -> API:
    official = urlsplit(url).hostname == urlsplit(BASE_URL).hostname
    return "responses" if official and traits.reasons else "chat"


class OpenAI(Adapter):
    """An adapter for one model at one server."""

    def __init__(
        self,
        wire: Wire,
        traits: Traits,
        url: str,
        key: str,
        options: AdapterOptions,
        streaming: Streaming = "auto",
        provider: str = "openai-api",
    ) -> None:
        self.wire = wire
        self.address = url
        self.traits = traits
        self.max_output_tokens = traits.max_output
        self._streaming = streaming
        own = provider == "openai"
        organisation = [os.environ.get(name) for name in ORGANISATION.values()]
        custom = custom_headers(CUSTOM_HEADERS)
        carried = [*organisation, *custom.values()] if own else []
        self._endpoint = Endpoint(sdk, url, provider, Secrets.of([key, *carried]), options.timeout)
        settings = client_settings(options)
        self._client = create_client(
            lambda: sdk.AsyncOpenAI(
                api_key=key or NO_KEY,
                base_url=url,
                max_retries=0,
                timeout=settings["timeout"],
                default_headers=ACCEPT_ENCODING if own else _foreign_headers(custom, key),
                http_client=sdk.DefaultAsyncHttpx2Client(**settings),
            )
        )

    async def complete(self, request: Request) -> Reply:
        """Make one call.

        Raises:
            CallError: of the kind that the server's answer, or its silence, amounts to.
        """
        body = self.body(request)
        call = self._streamed if "stream" in body else self._in_one_piece
        async with self._endpoint.call():
            answer, headers = await call(body)
            reply = replace(self.wire.parse(answer, headers), pause=until_allowed(headers))
            return self._endpoint.cleaned(reply)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def body(self, request: Request) -> dict[str, Any]:
        """Return the JSON body of a call."""
        return self.wire.body(request, stream=self.streams(request))

    def streams(self, request: Request) -> bool:
        """Whether a reply is streamed: by default if it may take long."""
        if self._streaming != "auto":
            return self._streaming == "always"
        return self._thinks(request.sampling) or request.max_tokens > STREAMED_ABOVE

    def _thinks(self, wanted: Sampling) -> bool:
        """Whether a model may think before it answers."""
        if wanted.reasoning_effort:
            return wanted.reasoning_effort != NO_EFFORT or self.traits.thinking == "always"
        on = thinking_switch(wanted, self.traits)
        return bool(self.traits.reasons) if on is None else on

    async def _in_one_piece(
        self, body: dict[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        response = await self._client.post(self.wire.path, cast_to=httpx2.Response, body=body)
        return json_object(response), response.headers

    async def _streamed(self, body: dict[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        stream = await self._client.post(
            self.wire.path,
            cast_to=object,
            body=body,
            stream=True,
            stream_cls=sdk.AsyncStream[object],
        )
        response = stream.response
        async with stream:
            if is_json(response):
                await response.aread()
                return json_object(response), response.headers
            return await self.wire.assemble(streamed_events(response)), response.headers


def _foreign_headers(custom: Mapping[str, str], key: str) -> dict[str, Any]:
    """Headers for other servers than OpenAI's: without its organisation and its custom headers."""
    names = {*ORGANISATION, *custom}
    headers: dict[str, Any] = {name: sdk.Omit() for name in names}
    for name in names:
        if name.lower() == "authorization":
            headers[name] = f"Bearer {key or NO_KEY}"
    return {**ACCEPT_ENCODING, **headers}
