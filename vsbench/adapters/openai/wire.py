"""The interface of OpenAI's two APIs, and the parts of requests that they share."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Protocol

from vsbench.adapters.base import Image, Message, Reply, Request, Sampling, Text
from vsbench.models import Traits


class Wire(Protocol):
    """One of the APIs, for one model. It makes no calls."""

    path: str
    """Path of the endpoint, below the base URL."""

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Return the JSON body of a call."""
        ...

    async def assemble(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Assemble the body of an answer from the events in which it was streamed.

        Raises:
            ProtocolError: the events end before the answer.
            ReportedFailureError: they report a failure.
        """
        ...

    def parse(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Parse the reply in the body of an answer.

        Raises:
            ProtocolError: there is none.
            ReportedFailureError: it reports a failure instead.
        """
        ...


def message_dicts(
    messages: Iterable[Message], traits: Traits, part: Callable[[Text | Image], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the messages of a body; ``part`` converts their parts."""
    system = "developer" if traits.developer else "system"
    return [
        {
            "role": system if message.role == "system" else message.role,
            # Some servers know plain text only, unless there are pictures.
            "content": [part(each) for each in message.parts]
            if any(isinstance(each, Image) for each in message.parts)
            else message.text,
        }
        for message in messages
    ]


def data_url(png: bytes) -> str:
    """Return a picture as a data URL."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def sampling_fields(wanted: Sampling, traits: Traits) -> dict[str, Any]:
    """Return the fields that say how to sample; none for models that take none."""
    if not traits.samples:
        return {}
    fields = {"temperature": wanted.temperature, "top_p": wanted.top_p}
    return {name: value for name, value in fields.items() if value is not None}


def reasoning_effort(wanted: Sampling, traits: Traits) -> str:
    """Return the reasoning effort to send; empty for models that are known not to reason."""
    # Models of unknown families may reason.
    return "" if traits.reasons is False else wanted.reasoning_effort or ""


def thinking_switch(wanted: Sampling, traits: Traits) -> bool | None:
    """Return whether to switch thinking on; None leaves it to the server.

    A reasoning effort takes precedence; models that always or never think have no switch.
    """
    if wanted.reasoning_effort or traits.thinking in ("always", "never"):
        return None
    return wanted.thinking


def thinking_budget(wanted: Sampling, traits: Traits) -> int | None:
    """Return the most tokens to think within, for models that think within a budget."""
    if wanted.reasoning_effort or traits.effort != "budget":
        return None
    thinks = traits.thinking == "always" or thinking_switch(wanted, traits)
    return wanted.thinking_tokens if thinks else None
