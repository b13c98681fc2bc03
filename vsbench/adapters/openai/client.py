"""One call to a server of OpenAI's protocol through the official SDK, on either of its APIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx2
import openai as sdk

from vsbench.adapters.base import AdapterOptions, Reply, Request
from vsbench.adapters.bodies import json_object
from vsbench.adapters.calling import Endpoint
from vsbench.adapters.http import connecting, retry_after, until_allowed
from vsbench.adapters.openai.failure import hidden_failure, read_failure
from vsbench.adapters.openai.wire import Wire
from vsbench.adapters.streaming import STREAMED_ABOVE, Streaming, json_events
from vsbench.models import Traits

NO_KEY = "none"
"""Sent to servers that want no key, since the SDK insists on one."""


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
    ) -> None:
        self.wire = wire
        self.address = url
        self.traits = traits
        self.max_output_tokens = traits.most_output
        self._streaming = streaming
        self._endpoint = Endpoint(sdk, read_failure, url, key, options.timeout)
        timeout, limits = connecting(options)
        self._client = sdk.AsyncOpenAI(
            api_key=key or NO_KEY,
            base_url=url,
            max_retries=0,
            timeout=timeout,
            http_client=sdk.DefaultAsyncHttpx2Client(limits=limits, timeout=timeout),
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
            return replace(self.wire.read(answer, headers), pause=until_allowed(headers))

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
        thinks = self.traits.reasons or bool(request.sampling.reasoning_effort)
        return thinks or request.max_tokens > STREAMED_ABOVE

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
        headers = stream.response.headers
        try:
            async with stream:
                if headers.get("content-type", "").startswith("application/json"):
                    # Some servers stream nothing, and routers tell failures like this.
                    await stream.response.aread()
                    return json_object(stream.response), headers
                return await self.wire.gathered(json_events(aiter(stream))), headers
        except (sdk.APIStatusError, sdk.APIConnectionError):
            raise
        except sdk.APIError as error:
            # The SDK takes an event that holds an error for its own.
            raise hidden_failure(error.body, retry_after(headers)) from None
