"""What streamed replies have in common: when one is asked for, and reading its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from vsbench.adapters.bodies import NotTheProtocolError, mapping

Streaming = Literal["auto", "always", "never"]
"""Whether replies are streamed: long ones, all, or none."""

STREAMED_ABOVE = 21_333
"""Tokens that may take more than ten minutes at 128,000 an hour, the estimate of Anthropic's SDK.
It demands that longer replies be streamed, since connections that stay silent for long are cut."""


async def json_events(stream: AsyncIterator[object]) -> AsyncIterator[Mapping[str, Any]]:
    """The events of a stream, as an SDK decodes them.

    Raises:
        NotTheProtocolError: an event is not JSON.
    """
    try:
        async for event in stream:
            yield mapping(event)
    except (ValueError, RecursionError):
        raise NotTheProtocolError("an event that is no JSON") from None
