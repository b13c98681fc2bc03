"""The seam to wire formats: how one provider's bodies are read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from vsbench.adapters.base import Reply, Request


class MalformedCallError(ValueError):
    """A body that the provider's protocol does not allow."""


Events = Callable[[Mapping[str, Any]], Iterator[bytes]]
"""From a body that a wire wrote to the server-sent events that tell the same in pieces."""


class Wire(Protocol):
    """A provider's protocol. It knows nothing of policies, faults or counts."""

    name: str
    """``chat``, ``responses`` or ``messages``."""
    path: str
    """Where calls are posted."""
    request_id: str
    """The header that names a call."""
    events: Events | None
    """For calls that ask for a stream, of answers and of errors; None if none are simulated."""

    def key(self, headers: Mapping[str, str]) -> str:
        """The key that a call shows; empty if none."""
        ...

    def read(self, body: Any, seed: int) -> tuple[str, Request]:
        """The model's name and the request in a decoded body; ``seed`` is for calls without one.

        Raises:
            MalformedCallError: saying what is wrong.
        """
        ...

    def write(self, reply: Reply, model: str, call: str) -> dict[str, Any]:
        """The body of an answer."""
        ...

    def error(self, status: int, message: str) -> dict[str, Any]:
        """The body of an error."""
        ...
