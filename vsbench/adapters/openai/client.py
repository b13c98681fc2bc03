"""One call to a Chat Completions server through the official SDK."""

from __future__ import annotations

import asyncio
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
from vsbench.adapters.bodies import NotTheProtocolError
from vsbench.adapters.http import check_url, connecting, redacted, retry_after
from vsbench.adapters.openai.failure import read_failure
from vsbench.adapters.openai.families import UNKNOWN, family
from vsbench.adapters.openai.messages import chat_messages
from vsbench.adapters.openai.reply import read_reply

NO_KEY = "none"
"""Sent to servers that want no key, since the SDK insists on one."""


class OpenAI:
    """An adapter for one model at one server."""

    def __init__(self, model: str, url: str, key: str, options: AdapterOptions) -> None:
        check_url(url)
        self.model = model
        self.family = family(model)
        self.max_output_tokens = self.family.most
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
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._client.post(
                    "/chat/completions", cast_to=httpx2.Response, body=self.body(request)
                )
        except (TimeoutError, sdk.APITimeoutError):
            raise CallTimeoutError(f"{self._host} did not answer in {self._seconds:g} s") from None
        except sdk.APIStatusError as error:
            wait = retry_after(error.response.headers)
            failure = read_failure(error.status_code, error.body, wait)
            raise failure.error(self._host, self._key) from None
        except sdk.APIConnectionError as error:
            cause = redacted(str(error.__cause__ or error), self._key)
            raise ConnectionLostError(f"the connection to {self._host} failed: {cause}") from None
        try:
            return read_reply(response)
        except NotTheProtocolError as error:
            if error.failure is not None:
                raise error.failure.error(self._host, self._key) from None
            raise ConnectionLostError(f"{self._host} answered {error}") from None

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON body of a call."""
        sampling = request.sampling
        system = "developer" if self.family.reasons else "system"
        body: dict[str, Any] = {
            "model": self.model,
            "messages": chat_messages(request.messages, sampling.detail, system=system),
            "seed": request.seed,
        }
        if self.family.reasons:
            body["max_completion_tokens"] = request.max_tokens
        else:
            body["max_tokens"] = request.max_tokens
            if sampling.temperature is not None:
                body["temperature"] = sampling.temperature
            if sampling.top_p is not None:
                body["top_p"] = sampling.top_p
        # Servers of their own have reasoning models of their own; OpenAI's other models take none.
        if sampling.reasoning_effort and (self.family.reasons or self.family is UNKNOWN):
            body["reasoning_effort"] = sampling.reasoning_effort
        return body
