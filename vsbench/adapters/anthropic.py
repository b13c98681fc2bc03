"""Anthropic's models by the Messages API and the official SDK.

Build a request's body, post it through the SDK, and parse the reply, in one piece or streamed.
"""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import anthropic as sdk
import httpx2

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    AuthError,
    BadRequestError,
    Image,
    Message,
    Reply,
    Request,
    Sampling,
    Text,
    Usage,
    refuse_options,
)
from vsbench.adapters.http.bodies import (
    ACCEPT_ENCODING,
    ProtocolError,
    consistent,
    is_json,
    json_object,
    mapping,
    string,
    token_count,
)
from vsbench.adapters.http.connection import (
    check_url,
    client_settings,
    create_client,
    custom_headers,
    read_key,
)
from vsbench.adapters.http.endpoint import (
    STREAMED_ABOVE,
    Endpoint,
    retry_after,
    streamed_events,
    until_allowed,
)
from vsbench.adapters.http.errors import is_error, reported_failure
from vsbench.adapters.http.stop_reasons import meaning_of, parse_stop, reason_in
from vsbench.models import NO_EFFORT, USUAL_TEMPERATURE, Traits, traits_of
from vsbench.redaction import Secrets

BASE_URL = "https://api.anthropic.com"

PATH = "/v1/messages"

SAMPLING_VERSION = "2023-06-01"
"""The last version of the API that takes temperature and top_p, from models that have them."""

EFFORT_SHARES = {"low": 0.2, "medium": 0.5, "high": 0.8}
"""Reasoning effort -> share of the reply's tokens, for models that think within a budget."""

DEFAULT_SHARE = EFFORT_SHARES["medium"]
"""The share where no budget was asked for."""

MIN_BUDGET = 1024
"""The smallest budget that the API takes."""

# Newer models do not show their thinking unless asked for a summary.
ADAPTIVE = {"type": "adaptive", "display": "summarized"}

DELTAS = {"text_delta": "text", "thinking_delta": "thinking"}
"""Kind of delta -> the field of a block that it extends, which is also its own field's name."""


def anthropic(model: str, options: AdapterOptions) -> Anthropic:
    """Open one of Anthropic's models; reads ``ANTHROPIC_API_KEY`` and ``ANTHROPIC_BASE_URL``.

    Raises:
        AuthError: there is no key, or one that no server can take.
        BadRequestError: the base URL is invalid, or an option is given: there are none.
    """
    refuse_options("anthropic", options.extra)
    key = read_key("ANTHROPIC_API_KEY")
    if not key:
        raise AuthError(f"anthropic/{model} needs a key: set ANTHROPIC_API_KEY")
    url = os.environ.get("ANTHROPIC_BASE_URL") or BASE_URL
    # The SDK adds the version itself; many other clients want it in the variable.
    return Anthropic(model, url.rstrip("/").removesuffix("/v1"), key, options)


class Anthropic(Adapter):
    """An adapter for one model."""

    def __init__(self, model: str, url: str, key: str, options: AdapterOptions) -> None:
        check_url(url)
        self.model = model
        self.address = url
        self.traits = traits_of(model)
        self.max_output_tokens = self.traits.max_output
        secrets = Secrets.of([key, *custom_headers("ANTHROPIC_CUSTOM_HEADERS").values()])
        self._endpoint = Endpoint(sdk, url, "anthropic", secrets, options.timeout)
        settings = client_settings(options)
        self._client = create_client(
            lambda: sdk.AsyncAnthropic(
                api_key=key,
                base_url=url,
                max_retries=0,
                timeout=settings["timeout"],
                default_headers=ACCEPT_ENCODING,
                http_client=sdk.DefaultAsyncHttpxClient(**settings),
            )
        )

    async def complete(self, request: Request) -> Reply:
        """Make one call.

        Raises:
            CallError: of the kind that the server's answer, or its silence, amounts to.
        """
        body = self.body(request)
        async with self._endpoint.call():
            return self._endpoint.cleaned(await self._call(body))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    def body(self, request: Request) -> dict[str, Any]:
        """Return the JSON body of a call.

        Raises:
            BadRequestError: the API cannot take the request.
        """
        body: dict[str, Any] = {"model": self.model, "max_tokens": request.max_tokens}
        if system := _system_blocks(request.messages):
            body["system"] = system
        body["messages"] = _messages(request.messages)
        body |= _thinking(request.sampling, self.traits, request.max_tokens)
        body |= _sampling(request.sampling, self.traits)
        if request.max_tokens > STREAMED_ABOVE:
            body["stream"] = True
        return body

    async def _call(self, body: dict[str, Any]) -> Reply:
        options: sdk.RequestOptions = {}
        if "temperature" in body or "top_p" in body:
            options["headers"] = {"anthropic-version": SAMPLING_VERSION}
        if "stream" in body:
            stream = await self._client.post(
                PATH,
                cast_to=object,
                body=body,
                options=options,
                stream=True,
                stream_cls=sdk.AsyncStream[object],
            )
            response = stream.response
            async with stream:
                if is_json(response):
                    await response.aread()
                    return _parse_reply(json_object(response), response.headers)
                message = await _assembled(streamed_events(response))
            return _parse_reply(message, response.headers)
        response = await self._client.post(
            PATH, cast_to=httpx2.Response, body=body, options=options
        )
        return _parse_reply(json_object(response), response.headers)


def _system_blocks(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The ``system`` of a body; calls of a game share it, so it is marked for caching.

    Raises:
        BadRequestError: a picture in a system message, where the API takes none.
    """
    parts = [part for message in messages if message.role == "system" for part in message.parts]
    if any(isinstance(part, Image) for part in parts):
        raise BadRequestError("the Messages API takes no pictures in system messages")
    blocks = _blocks(parts)
    if blocks:
        blocks[-1]["cache_control"] = {"type": "ephemeral"}
    return blocks


def _messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The ``messages`` of a body: everything but system messages, pictures in base64."""
    by_role = ((message.role, _blocks(message.parts)) for message in messages)
    return [
        {"role": role, "content": blocks} for role, blocks in by_role if role != "system" and blocks
    ]


def _blocks(parts: Iterable[Text | Image]) -> list[dict[str, Any]]:
    # The API rejects blank texts.
    return [_block(part) for part in parts if isinstance(part, Image) or part.text.strip()]


def _block(part: Text | Image) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    data = base64.b64encode(part.png).decode("ascii")
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return {"type": "image", "source": source}


def _thinking(wanted: Sampling, traits: Traits, max_tokens: int) -> dict[str, Any]:
    """The fields of a body that say whether to think, and how long.

    A reasoning effort takes precedence over the switch. It is a name (``low``, ``medium``,
    ``high``; newer models know more), a number of tokens to think within, or ``none``. Requests
    beyond a model's capabilities are left to its provider to reject.

    Raises:
        BadRequestError: a name without a known number of tokens, for a model that needs one, or no
            room to think.
    """
    if traits.thinking == "never":
        return {}
    if wanted.reasoning_effort:
        return _thinking_by_effort(wanted.reasoning_effort, traits, max_tokens)
    if traits.thinking == "always":
        return {"thinking": ADAPTIVE}
    if wanted.thinking is None:
        return {}
    if not wanted.thinking:
        return {"thinking": {"type": traits.no_thinking}}
    if traits.effort == "name":
        return {"thinking": ADAPTIVE}
    budget = wanted.thinking_tokens or int(DEFAULT_SHARE * max_tokens)
    if max_tokens <= MIN_BUDGET:
        raise BadRequestError(
            f"no room to think in {max_tokens:,} tokens: this model needs more than "
            f"{MIN_BUDGET:,}, or --thinking off"
        )
    return _thinking_within(max(MIN_BUDGET, min(budget, max_tokens - 1)))


def _thinking_by_effort(effort: str, traits: Traits, max_tokens: int) -> dict[str, Any]:
    if effort == NO_EFFORT:
        return {"thinking": {"type": traits.no_thinking}}
    if effort.isdecimal():
        return _thinking_within(int(effort))
    if traits.effort == "name":
        return {"thinking": ADAPTIVE, "output_config": {"effort": effort}}
    if effort not in EFFORT_SHARES:
        known = ", ".join([*EFFORT_SHARES, NO_EFFORT])
        raise BadRequestError(
            f"unknown reasoning effort {effort!r} for this model: "
            f"use {known}, or a number of tokens from {MIN_BUDGET}"
        )
    return _thinking_within(max(MIN_BUDGET, int(EFFORT_SHARES[effort] * max_tokens)))


def _thinking_within(budget: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def _sampling(wanted: Sampling, traits: Traits) -> dict[str, Any]:
    """The fields of a body that say how to sample; none for models that take none.

    Every model samples at temperature 1 by default, so that is never sent.
    """
    if _thinks(wanted, traits) or not traits.samples:
        return {}
    fields = {"temperature": wanted.temperature, "top_p": wanted.top_p}
    if wanted.temperature == USUAL_TEMPERATURE:
        del fields["temperature"]
    return {name: value for name, value in fields.items() if value is not None}


def _thinks(wanted: Sampling, traits: Traits) -> bool:
    """Whether a request switches thinking on."""
    if traits.thinking == "never":
        return False
    if wanted.reasoning_effort:
        return wanted.reasoning_effort != NO_EFFORT
    return traits.thinking == "always" or bool(wanted.thinking)


async def _assembled(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Assemble a message from the events in which it was streamed.

    Raises:
        ProtocolError: the events end before the message.
    """
    message: dict[str, Any] = {}
    blocks: dict[object, dict[str, Any]] = {}
    async for event in events:
        match event.get("type"):
            case "message_start":
                message |= mapping(event.get("message"))
            case "content_block_start":
                blocks[event.get("index")] = dict(mapping(event.get("content_block")))
            case "content_block_delta":
                block, delta = blocks.get(event.get("index"), {}), mapping(event.get("delta"))
                if field := DELTAS.get(string(delta.get("type"))):
                    block[field] = string(block.get(field)) + string(delta.get(field))
            case "message_delta":
                # Counts at the end are totals, and leave out those of the start.
                usage = mapping(event.get("usage"))
                counted = {name: value for name, value in usage.items() if value is not None}
                message["usage"] = {**mapping(message.get("usage")), **counted}
                message |= mapping(event.get("delta"))
    if not message.get("stop_reason"):
        raise ProtocolError("a stream that ended before its message")
    return message | {"content": list(blocks.values())}


def _parse_reply(message: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
    """Parse a message of the Messages API.

    Raises:
        ProtocolError: it is not a message.
        ReportedFailureError: it reports a failure instead.
    """
    if is_error(message):
        # Gateways pass an upstream server's failure on as a success.
        raise reported_failure(message, retry_after(headers))
    content, reason = message.get("content"), reason_in(message, "stop_reason")
    if content is None and meaning_of(reason) not in (None, "answer"):
        content = []
    if not isinstance(content, list):
        raise ProtocolError("JSON that is not a message with content")
    text = _joined(content, "text")
    explanation = string(mapping(message.get("stop_details")).get("explanation"))
    return Reply(
        text=text or explanation,
        stop=parse_stop(reason, text),
        usage=consistent(_parse_usage(mapping(message.get("usage")))),
        reasoning=_joined(content, "thinking"),
        served_model=string(message.get("model")),
        request_id=headers.get("request-id") or string(message.get("id")),
        pause=until_allowed(headers),
    )


def _joined(content: list[Any], kind: str) -> str:
    """The text of all blocks of a kind, which is also the name of its field."""
    blocks = (mapping(block) for block in content)
    return "".join(string(block.get(kind)) for block in blocks if block.get("type") == kind)


def _parse_usage(usage: Mapping[str, Any]) -> Usage:
    # The API counts cached tokens, read and written, separately from the rest of the input.
    cached = token_count(usage, "cache_read_input_tokens")
    written = token_count(usage, "cache_creation_input_tokens")
    return Usage(
        input=token_count(usage, "input_tokens") + cached + written,
        output=token_count(usage, "output_tokens"),
        reasoning=token_count(usage, "output_tokens_details", "thinking_tokens"),
        cached=cached,
        cache_written=written,
    )
