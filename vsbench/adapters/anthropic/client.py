"""One call to the Messages API through the official SDK."""

from __future__ import annotations

from typing import Any

import anthropic as sdk
import httpx2

from vsbench.adapters.anthropic.messages import system_blocks, turns
from vsbench.adapters.anthropic.parameters import sampling, thinking
from vsbench.adapters.anthropic.reply import read_reply
from vsbench.adapters.anthropic.streaming import gathered
from vsbench.adapters.base import AdapterOptions, Reply, Request
from vsbench.adapters.bodies import json_object
from vsbench.adapters.calling import Endpoint, is_json, streamed_events
from vsbench.adapters.capped import ACCEPTED
from vsbench.adapters.http import check_url, connecting, custom_headers
from vsbench.adapters.proxies import made
from vsbench.adapters.secrets import Secrets
from vsbench.adapters.streaming import STREAMED_ABOVE
from vsbench.models import traits_of

PATH = "/v1/messages"

SAMPLING_VERSION = "2023-06-01"
"""The last version of the API that takes temperature and top_p, from models that have them."""


class Anthropic:
    """An adapter for one model."""

    def __init__(self, model: str, url: str, key: str, options: AdapterOptions) -> None:
        check_url(url)
        self.model = model
        self.address = url
        self.traits = traits_of(model)
        self.max_output_tokens = self.traits.most_output
        secrets = Secrets.of([key, *custom_headers("ANTHROPIC_CUSTOM_HEADERS").values()])
        self._endpoint = Endpoint(sdk, url, "anthropic", secrets, options.timeout)
        connection = connecting(options)
        self._client = made(
            lambda: sdk.AsyncAnthropic(
                api_key=key,
                base_url=url,
                max_retries=0,
                timeout=connection["timeout"],
                default_headers=ACCEPTED,
                http_client=sdk.DefaultAsyncHttpxClient(**connection),
            )
        )

    async def complete(self, request: Request) -> Reply:
        """Make one call.

        Raises:
            CallError: of the kind that the server's answer, or its silence, amounts to.
        """
        body = self.body(request)
        async with self._endpoint.call():
            return self._endpoint.kept_clean(await self._call(body))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON body of a call.

        Raises:
            BadRequestError: the request asks what the API cannot be asked.
        """
        wanted, most = request.sampling, request.max_tokens
        body: dict[str, Any] = {"model": self.model, "max_tokens": most}
        if system := system_blocks(request.messages):
            body["system"] = system
        body["messages"] = turns(request.messages)
        body |= thinking(wanted, self.traits, most)
        body |= sampling(wanted, self.traits)
        if most > STREAMED_ABOVE:
            body["stream"] = True
        return body

    async def _call(self, body: dict[str, Any]) -> Reply:
        options: sdk.RequestOptions = {}
        if "temperature" in body or "top_p" in body:
            options["headers"] = {"anthropic-version": SAMPLING_VERSION}
        if "stream" in body:
            stream = await self._client.post(
                PATH,
                cast_to=object,
                body=body,
                options=options,
                stream=True,
                stream_cls=sdk.AsyncStream[object],
            )
            answer = stream.response
            async with stream:
                if is_json(answer):
                    await answer.aread()
                    return read_reply(json_object(answer), answer.headers)
                message = await gathered(streamed_events(answer))
            return read_reply(message, answer.headers)
        response = await self._client.post(
            PATH, cast_to=httpx2.Response, body=body, options=options
        )
        return read_reply(json_object(response), response.headers)
