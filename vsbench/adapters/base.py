"""The seam to models: requests, replies, typed errors, options, and the base class of adapters.

An adapter makes exactly one call to its provider: retries, limits and accounting belong to the
harness, so that every call is seen and counted. :mod:`vsbench.adapters` shows how to write one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from vsbench.errors import VSBenchError
from vsbench.messages import NO_USAGE
from vsbench.messages import Image as Image
from vsbench.messages import Message as Message
from vsbench.messages import Part as Part
from vsbench.messages import Role as Role
from vsbench.messages import Text as Text
from vsbench.messages import Usage as Usage
from vsbench.validation import readable

StopReason = Literal["stop", "length", "refusal"]
"""The model finished, a token limit cut the answer off, or the model refused."""


@dataclass(frozen=True)
class Sampling:
    """Sampling parameters. None leaves a choice to the provider."""

    temperature: float | None = 1.0
    top_p: float | None = None
    reasoning_effort: str | None = None
    thinking: bool | None = None
    """Whether to think, for models with a switch. None: there is none, or it is unknown."""
    thinking_tokens: int | None = None
    """Most tokens to think within, for models that take such a budget."""
    detail: Literal["auto", "low", "high"] = "auto"
    """The detail in which to look at pictures, where the provider offers the choice."""


@dataclass(frozen=True)
class Request:
    """One call: the conversation so far, and how to continue it."""

    messages: tuple[Message, ...]
    max_tokens: int
    """Most tokens of the reply, reasoning included."""
    seed: int
    """Identifies the call within its run, for reproducible sampling; providers may ignore it."""
    sampling: Sampling = Sampling()

    @property
    def images(self) -> tuple[Image, ...]:
        """All pictures, in order."""
        return tuple(
            part for message in self.messages for part in message.parts if isinstance(part, Image)
        )


@dataclass(frozen=True)
class Reply:
    """A model's answer."""

    text: str
    stop: StopReason = "stop"
    usage: Usage = NO_USAGE
    reasoning: str = ""
    """The model's thinking, where the provider returns it."""
    served_model: str = ""
    """The model's name as the provider reports it."""
    request_id: str = ""
    pause: float = 0.0
    """Seconds until the provider takes calls again, where it reports that no calls are left."""
    hints: tuple[str, ...] = ()
    """Oddities and the options that help; a run counts these and reports each once."""


@dataclass(frozen=True)
class AdapterOptions:
    """Options of an adapter, besides the model's name."""

    timeout: float = 600.0
    """Seconds for one call."""
    max_connections: int = 64
    """Most concurrent calls."""
    pictures: Path | None = None
    """A folder of the run for pictures that people look at; it may not exist yet."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Provider-specific options, to be parsed by :func:`read_options`."""


class ProviderOptions(BaseModel):
    """Provider-specific options: subclasses declare fields with defaults, parsed from strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Options = TypeVar("Options", bound=ProviderOptions)


class Adapter(ABC):
    """Base class of adapters: one model, ready to be called.

    A subclass must implement :meth:`complete`; the rest has defaults.
    """

    max_output_tokens: int | None = None
    """The most tokens that the model can answer with; None if unknown."""

    address: str = ""
    """Address of the model: a part of the key of cached replies, with its id and options."""

    @abstractmethod
    async def complete(self, request: Request) -> Reply:
        """Make one call. Calls may run concurrently.

        Raises:
            CallError: of one of the kinds below; any other exception is a defect of the adapter.
        """

    async def close(self) -> None:
        """Release connections. Does nothing by default."""
        return


class CallError(VSBenchError):
    """A call that brought no reply. It never counts as a move of the model."""

    kind: str = "error"
    """Names the error in journals."""
    retryable: bool = True
    """Whether the same call may succeed later."""
    for_all: bool = False
    """Whether every other call to the model would fail as well."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds that the provider asks to wait; None if it does not say."""


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
    """No connection, a broken one, or a body that is not an answer of the protocol."""

    kind = "connection"


class AuthError(CallError):
    """A key that is missing, wrong or lacks permissions. Retrying will not help."""

    kind = "auth"
    retryable = False
    for_all = True


class QuotaExhaustedError(CallError):
    """An allowance for a day or longer is used up (429). Waiting minutes will not help."""

    kind = "quota"
    retryable = False
    for_all = True


class BadRequestError(CallError):
    """A request that the provider will never accept. Retrying will not help."""

    kind = "bad_request"
    retryable = False


class ContextExceededError(BadRequestError):
    """Prompt and ``max_tokens`` together exceed the model's context."""

    kind = "context_exceeded"


class UnfinishedReplyError(CallError):
    """The provider interrupted the answer; no part of it counts."""

    kind = "unfinished"


class UnknownStopReasonError(UnfinishedReplyError):
    """An answer with a stop reason that is not in the table of stop reasons."""

    kind = "unknown_stop_reason"


class ReplyTooLargeError(CallError):
    """A body larger than any answer. Retrying will not help."""

    kind = "too_large"
    retryable = False


class ContentRefusedError(CallError):
    """The provider's filter refused the request or the reply: this counts as a refusal."""

    kind = "content_refused"
    retryable = False


class PlayerLeftError(CallError):
    """The person who answers has left. The run stops as with Ctrl-C, and can be resumed."""

    kind = "left"
    retryable = False


def read_options(provider: str, extra: Mapping[str, str], kind: type[Options]) -> Options:
    """Parse a provider's options, :attr:`AdapterOptions.extra`, from strings.

    Raises:
        BadRequestError: options are unknown or invalid; names them all, and lists the known ones.
    """
    if not isinstance(extra, Mapping):
        raise BadRequestError(f"options of {provider} must be a mapping, not {extra!r}")
    try:
        return kind.model_validate(dict(extra))
    except ValidationError as error:
        known = [f"{provider}.{name}" for name in kind.model_fields]
        message = readable(
            error,
            name=lambda location: f"{provider}.{location[0]}",
            what="option",
            known=known,
            quote=True,
            limit=None,
        )
        raise BadRequestError(f"{message} (known: {', '.join(known) or 'none'})") from None


def refuse_options(provider: str, extra: Mapping[str, str]) -> None:
    """Raise BadRequestError if there are options, for providers that take none."""
    read_options(provider, extra, ProviderOptions)
