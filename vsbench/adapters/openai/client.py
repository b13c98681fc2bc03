"""One call to a server of OpenAI's protocol through the official SDK, on either of its APIs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai as sdk

from vsbench.adapters.base import (
    AdapterOptions,
    CallTimeoutError,
    ConnectionLostError,
    Reply,
    Request,
)
from vsbench.adapters.bodies import NotTheProtocolError, json_object
from vsbench.adapters.http import connecting, redacted, retry_after, until_allowed
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
        self._key = key
        self._host = urlsplit(url).hostname or url
        self._seconds = options.timeout
        # The deadline of a whole call is kept here; HTTP timeouts count silences only.
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
        try:
            async with asyncio.timeout(self._seconds):
                answer, headers = await call(body)
            return replace(self.wire.read(answer, headers), pause=until_allowed(headers))
        except (TimeoutError, sdk.APITimeoutError):
            raise CallTimeoutError(f"{self._host} did not answer in {self._seconds:g} s") from None
        except sdk.APIStatusError as error:
            wait = retry_after(error.response.headers)
            failure = read_failure(error.status_code, error.body, wait)
            raise failure.error(self._host, self._key) from None
        # What breaks an answer that is read here reaches us as it is, past the SDK.
        except (sdk.APIConnectionError, httpx2.RequestError) as error:
            cause = redacted(str(error.__cause__ or error), self._key)
            raise ConnectionLostError(f"the connection to {self._host} failed: {cause}") from None
        except NotTheProtocolError as error:
            if error.failure is not None:
                raise error.failure.error(self._host, self._key) from None
            raise ConnectionLostError(f"{self._host} answered {error}") from None

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
