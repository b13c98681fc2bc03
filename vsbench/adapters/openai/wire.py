"""The seam to OpenAI's two APIs: what is posted where, and how the answer is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from vsbench.adapters.base import Reply, Request


class Wire(Protocol):
    """One of the APIs, for one model. It makes no calls."""

    path: str
    """Where calls are posted, below the base URL."""

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """The JSON body of a call."""
        ...

    async def gathered(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The body of an answer, as it would have come in one piece, from a stream's events.

        Events that hold an ``error`` are the SDK's to notice.

        Raises:
            NotTheProtocolError: the events end before the answer, or tell of a failure.
        """
        ...

    def read(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """The reply in the body of an answer.

        Raises:
            NotTheProtocolError: there is none, or a failure in its place.
        """
        ...
