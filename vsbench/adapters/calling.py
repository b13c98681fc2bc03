"""Translates what goes wrong in a call through an SDK into CallError, alike for every provider.

The official SDKs are made by one generator, and their errors have the same names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import httpx2

from vsbench.adapters.base import (
    CallTimeoutError,
    ConnectionLostError,
    Reply,
    ReplyTooLargeError,
)
from vsbench.adapters.bodies import NotTheProtocolError
from vsbench.adapters.capped import BodyTooLargeError
from vsbench.adapters.error_bodies import hidden_failure, is_error, read_failure
from vsbench.adapters.events import json_events
from vsbench.adapters.http import retry_after
from vsbench.adapters.proxies import proxy_note
from vsbench.adapters.secrets import Secrets


@dataclass(frozen=True)
class Endpoint:
    """A server as its calls see it."""

    sdk: ModuleType
    url: str
    provider: str
    """Whose options hints name."""
    secrets: Secrets = field(repr=False)
    seconds: float
    """For one call. The deadline is kept here; HTTP timeouts count silences only."""

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Within it, one call is made and its answer read.

        Raises:
            CallError: of the kind that the server's answer, or its silence, amounts to.
        """
        host, sdk = urlsplit(self.url).hostname or self.url, self.sdk
        try:
            async with asyncio.timeout(self.seconds):
                yield
        except (TimeoutError, sdk.APITimeoutError):
            said = f"{host} did not answer in {self.seconds:g} s{proxy_note(self.url)}"
            raise CallTimeoutError(said) from None
        except sdk.APIStatusError as error:
            wait = retry_after(error.response.headers)
            failure = read_failure(error.status_code, error.body, wait)
            raised = failure.error(host, self.secrets, self.provider)
            raise type(raised)(
                f"{raised}{proxy_note(self.url)}", retry_after=raised.retry_after
            ) from None
        # What breaks an answer that is read by us reaches us as it is, past the SDK.
        except (sdk.APIConnectionError, httpx2.RequestError) as error:
            cause = error.__cause__ or error
            said = self.secrets.redact(str(cause))
            if isinstance(cause, BodyTooLargeError):
                raise ReplyTooLargeError(f"{host} answered with {said}") from None
            raise ConnectionLostError(
                f"the connection to {host} failed: {said}{proxy_note(self.url)}"
            ) from None
        except NotTheProtocolError as error:
            if error.failure is not None:
                raise error.failure.error(host, self.secrets, self.provider) from None
            raise ConnectionLostError(f"{host} answered {error}{proxy_note(self.url)}") from None

    def kept_clean(self, reply: Reply) -> Reply:
        """A reply without secrets, and with hints that name the provider."""
        hints = tuple(hint.replace("PROVIDER", self.provider) for hint in reply.hints)
        return replace(self.secrets.redact_reply(reply), hints=hints)


async def streamed_events(response: httpx2.Response) -> AsyncIterator[Mapping[str, Any]]:
    """The events of a response that streams.

    Raises:
        NotTheProtocolError: one is not JSON, or reports a failure.
    """
    async for event in json_events(response.aiter_bytes()):
        if is_error(event):
            raise hidden_failure(event, retry_after(response.headers))
        yield event


def is_json(response: httpx2.Response) -> bool:
    """Whether a response that was to stream holds one body: some servers stream nothing."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
