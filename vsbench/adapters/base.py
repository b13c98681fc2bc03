"""The seam to models: a request goes in, a reply comes out, or a typed error says why not.

An adapter is one object with one asynchronous method. It makes exactly one call to its provider:
retries, limits and accounting belong to the harness, so that every call is seen and counted.
Other packages add adapters under the entry-point group ``vsbench.adapters``; an entry point names
a function ``(model: str, options: AdapterOptions) -> Adapter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from vsbench.messages import NO_USAGE, Image, Message, Part, Role, Text, Usage

__all__ = [
    "Adapter",
    "AdapterOptions",
    "AuthError",
    "BadRequestError",
    "CallError",
    "CallTimeoutError",
    "ConnectionLostError",
    "ContentRefusedError",
    "ContextExceededError",
    "Image",
    "Message",
    "OverloadedError",
    "Part",
    "PlayerLeftError",
    "QuotaExhaustedError",
    "RateLimitedError",
    "Reply",
    "ReplyTooLargeError",
    "Request",
    "Role",
    "Sampling",
    "StopReason",
    "Text",
    "UnfinishedReplyError",
    "UnknownEndingError",
    "Usage",
]

StopReason = Literal["stop", "length", "refusal"]


@dataclass(frozen=True)
class Sampling:
    """How a reply is drawn. None leaves a choice to the provider."""

    temperature: float | None = 1.0
    top_p: float | None = None
    reasoning_effort: str | None = None
    thinking: bool | None = None
    """For models whose thinking is a switch: whether it is on. None: it is none, or not known."""
    thinking_tokens: int | None = None
    """Most tokens to think within, for models that think and take such a budget."""
    detail: Literal["auto", "low", "high"] = "auto"
    """How finely the provider should look at pictures, where it offers the choice."""


@dataclass(frozen=True)
class Request:
    """One call: the conversation so far and how to continue it."""

    messages: tuple[Message, ...]
    max_tokens: int
    """Most tokens of the reply, reasoning included."""
    seed: int
    """Names the call within its run, so that models may repeat; providers may ignore it."""
    sampling: Sampling = Sampling()

    @property
    def images(self) -> tuple[Image, ...]:
        """All pictures, in order."""
        return tuple(
            part for message in self.messages for part in message.parts if isinstance(part, Image)
        )


@dataclass(frozen=True)
class Reply:
    """What a model answered."""

    text: str
    stop: StopReason = "stop"
    usage: Usage = NO_USAGE
    reasoning: str = ""
    """The model's thinking, where the provider shows it."""
    served_model: str = ""
    """The model's name as the provider reports it."""
    request_id: str = ""
    pause: float = 0.0
    """Seconds until the provider takes calls again, where it says that its allowance is used up."""
    hints: tuple[str, ...] = ()
    """What is odd about it, and the option that helps; a run counts these and reports each once."""


@dataclass(frozen=True)
class AdapterOptions:
    """What an adapter may be told beside the model's name."""

    timeout: float = 600.0
    """Seconds for one call."""
    max_connections: int = 64
    """Calls at once that the adapter should be ready for."""
    pictures: Path | None = None
    """A folder of the run for pictures that people are to look at; it may not exist yet."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """The provider's own options, to be read by :func:`vsbench.adapters.options.read_options`."""


class Adapter(Protocol):
    """A model, ready to be asked."""

    max_output_tokens: int | None
    """The most tokens that the model can answer with, where known."""
    address: str
    """Where the model is: with its id and options, it tells what a request is put to."""

    async def complete(self, request: Request) -> Reply:
        """Make one call.

        Raises:
            CallError: one of its kinds below; anything else is a defect of the adapter.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class CallError(Exception):
    """A call that brought no reply. It says nothing about the model's play."""

    kind: str = "error"
    retryable: bool = True
    for_all: bool = False
    """Whether every other call to the model would fail likewise."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds that the provider asks to wait."""


class RateLimitedError(CallError):
    """Too many calls or tokens for now (429)."""

    kind = "rate_limited"


class OverloadedError(CallError):
    """The provider failed or is too busy (5xx, 529)."""

    kind = "overloaded"


class CallTimeoutError(CallError):
    """No reply in time."""

    kind = "timeout"


class ConnectionLostError(CallError):
    """No connection, a broken one, or a body that is not the protocol."""

    kind = "connection"


class AuthError(CallError):
    """A missing, wrong or powerless key. Asking again will not help."""

    kind = "auth"
    retryable = False
    for_all = True


class QuotaExhaustedError(CallError):
    """An allowance for a day or longer is used up (429). Waiting minutes will not help."""

    kind = "quota"
    retryable = False
    for_all = True


class BadRequestError(CallError):
    """A request that the provider will never accept. Asking again will not help."""

    kind = "bad_request"
    retryable = False


class ContextExceededError(BadRequestError):
    """Prompt and ``max_tokens`` together are more than the model takes."""

    kind = "context_exceeded"


class UnfinishedReplyError(CallError):
    """The provider stopped the model before it had finished; nothing of the answer counts."""

    kind = "unfinished"


class UnknownEndingError(UnfinishedReplyError):
    """The provider names a reason for the answer's end that is not in the table of endings."""

    kind = "unknown_ending"


class ReplyTooLargeError(CallError):
    """A body longer than any answer. Asking again will not help."""

    kind = "too_large"
    retryable = False


class ContentRefusedError(CallError):
    """The provider's filter refused the request or the reply: the model's answer is a refusal."""

    kind = "content_refused"
    retryable = False


class PlayerLeftError(CallError):
    """The person who answers has left. The run stops as at Ctrl-C, and can be resumed."""

    kind = "left"
    retryable = False
