"""The interface of wire formats: parse and render the bodies of one provider's protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from vsbench.adapters.base import Reply, Request
from vsbench.errors import VSBenchError


class MalformedCallError(VSBenchError, ValueError):
    """A body that the protocol does not allow."""


Events = Callable[[Mapping[str, Any]], Iterator[bytes]]
"""Turns a body that a wire wrote into the server-sent events of the same answer."""


class Wire(Protocol):
    """A provider's protocol. It knows nothing of policies, faults or counts."""

    name: str
    """``chat``, ``responses`` or ``messages``."""
    path: str
    """Path of the endpoint."""
    request_id: str
    """The header with the id of a call."""
    events: Events | None
    """For calls that ask for a stream; None if streams are not simulated."""

    def key(self, headers: Mapping[str, str]) -> str:
        """Return the key of a call; empty if none."""
        ...

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """Return the model's name and the request in a decoded body.

        ``seed`` is for calls without one.

        Raises:
            MalformedCallError: the body is invalid; says why.
        """
        ...

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """Return the body of an answer."""
        ...

    def error(self, status: int, message: str) -> dict[str, Any]:
        """Return the body of an error."""
        ...
