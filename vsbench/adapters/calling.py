"""What may befall a call through an SDK, in the terms of the seam: alike for every provider.

The official SDKs are made by one generator, and their errors have the same names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from urllib.parse import urlsplit

import httpx2

from vsbench.adapters.base import CallTimeoutError, ConnectionLostError
from vsbench.adapters.bodies import NotTheProtocolError
from vsbench.adapters.failure import Failure
from vsbench.adapters.http import redacted, retry_after

ReadFailure = Callable[[int, object, float | None], Failure]
"""From an HTTP status, a body and the seconds that the server asks to wait."""


@dataclass(frozen=True)
class Endpoint:
    """A server as its calls see it."""

    sdk: ModuleType
    read_failure: ReadFailure
    url: str
    key: str = field(repr=False)
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
            raise CallTimeoutError(f"{host} did not answer in {self.seconds:g} s") from None
        except sdk.APIStatusError as error:
            wait = retry_after(error.response.headers)
            failure = self.read_failure(error.status_code, error.body, wait)
            raise failure.error(host, self.key) from None
        # What breaks an answer that is read by us reaches us as it is, past the SDK.
        except (sdk.APIConnectionError, httpx2.RequestError) as error:
            cause = redacted(str(error.__cause__ or error), self.key)
            raise ConnectionLostError(f"the connection to {host} failed: {cause}") from None
        except NotTheProtocolError as error:
            if error.failure is not None:
                raise error.failure.error(host, self.key) from None
            raise ConnectionLostError(f"{host} answered {error}") from None
