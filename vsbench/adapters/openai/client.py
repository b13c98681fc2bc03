"""One call to a server of OpenAI's protocol through the official SDK, on either of its APIs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx2
import openai as sdk

from vsbench.adapters.base import AdapterOptions, Reply, Request, Sampling
from vsbench.adapters.bodies import json_object
from vsbench.adapters.calling import Endpoint, is_json, streamed_events
from vsbench.adapters.capped import ACCEPTED
from vsbench.adapters.http import connecting, custom_headers, until_allowed
from vsbench.adapters.openai.parts import switched
from vsbench.adapters.openai.wire import Wire
from vsbench.adapters.proxies import made
from vsbench.adapters.secrets import Secrets
from vsbench.adapters.streaming import STREAMED_ABOVE, Streaming
from vsbench.models import NO_EFFORT, Traits

NO_KEY = "none"
"""Sent to servers that want no key, since the SDK insists on one."""

ORGANISATION = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""Headers that the SDK sends from the environment, and the variables that it reads."""

CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"
"""The variable from which it takes any others."""


class OpenAI:
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
        self.max_output_tokens = traits.most_output
        self._streaming = streaming
        own = provider == "openai"
        organisation = [os.environ.get(name) for name in ORGANISATION.values()]
        custom = custom_headers(CUSTOM_HEADERS)
        carried = [*organisation, *custom.values()] if own else []
        self._endpoint = Endpoint(sdk, url, provider, Secrets.of([key, *carried]), options.timeout)
        connection = connecting(options)
        self._client = made(
            lambda: sdk.AsyncOpenAI(
                api_key=key or NO_KEY,
                base_url=url,
                max_retries=0,
                timeout=connection["timeout"],
                default_headers=ACCEPTED if own else {**ACCEPTED, **_without(custom, key)},
                http_client=sdk.DefaultAsyncHttpx2Client(**connection),
            )
        )

    async def complete(self, request: Request) -> Reply:
        """Make one call.

        Raises:
            CallError: of the kind that the server's answer, or its silence, amounts to.
        """
        body = self.body(request)
        call = self._streamed if "stream" in body else self._whole
        async with self._endpoint.call():
            answer, headers = await call(body)
            reply = replace(self.wire.read(answer, headers), pause=until_allowed(headers))
            return self._endpoint.kept_clean(reply)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON body of a call."""
        return self.wire.body(request, stream=self.streams(request))

    def streams(self, request: Request) -> bool:
        """Whether a reply is streamed: by default if it may be long in coming."""
        if self._streaming != "auto":
            return self._streaming == "always"
        return self._thinks(request.sampling) or request.max_tokens > STREAMED_ABOVE

    def _thinks(self, wanted: Sampling) -> bool:
        """Whether a model may think before it answers."""
        if wanted.reasoning_effort:
            return wanted.reasoning_effort != NO_EFFORT or self.traits.thinking == "always"
        on = switched(wanted, self.traits)
        return bool(self.traits.reasons) if on is None else on

    async def _whole(self, body: dict[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
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
        answer = stream.response
        async with stream:
            if is_json(answer):
                await answer.aread()
                return json_object(answer), answer.headers
            return await self.wire.gathered(streamed_events(answer)), answer.headers


def _without(custom: Mapping[str, str], key: str) -> dict[str, Any]:
    """Headers that keep OpenAI's organisation and headers of its own from other servers."""
    names = {*ORGANISATION, *custom}
    left_out: dict[str, Any] = {name: sdk.Omit() for name in names}
    for name in names:
        if name.lower() == "authorization":
            left_out[name] = f"Bearer {key or NO_KEY}"
    return left_out
