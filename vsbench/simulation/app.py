"""The provider as an ASGI application: one endpoint for each wire, faults, and the counts."""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from vsbench.adapters.base import CallError, Reply, Request
from vsbench.models import message_tokens
from vsbench.simulation.anthropic import AnthropicWire
from vsbench.simulation.faults import ODD, Fault, odd_answer
from vsbench.simulation.openai import ChatWire, ResponsesWire
from vsbench.simulation.policies import model_names
from vsbench.simulation.provider import Call, Provider
from vsbench.simulation.wire import Events, MalformedCallError, Wire
from vsbench_envs.errors import UnknownNameError
from vsbench_envs.seeding import stream

COUNTS = "/simulation/counts"
WRONG_KEY = "Incorrect API key provided."
EVENT_STREAM = "text/event-stream"

GARBLED = (
    ("text/html", b"<html><body><h1>It works!</h1></body></html>"),
    ("application/json", b'{"id": "cut in the mid'),
    ("application/json", b'{"object": "something.else"}'),
)
"""Bodies of no protocol: a proxy's page, truncated JSON, and valid JSON of another kind."""

GARBLED_EVENT = b'event: message_delta\ndata: {"type": "cut in the mid\n\n'

PARTIAL = Reply('{"action": ')
EVENTS_SENT = 3
"""Events of it that a stream sends before it breaks."""


def application(provider: Provider) -> Starlette:
    """Return the ASGI application."""
    wires: tuple[Wire, ...] = (ChatWire(), ResponsesWire(), AnthropicWire())
    endpoints = [Endpoint(provider, wire) for wire in wires]
    chat = endpoints[0]

    async def counts(http: HTTPRequest) -> Response:
        return JSONResponse(asdict(provider.counter.counts))

    async def models(http: HTTPRequest) -> Response:
        if not chat.admits(http):
            return chat.error(401, WRONG_KEY)
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "vsbench"}
            for name in model_names()
        ]
        return JSONResponse({"object": "list", "data": listed})

    return Starlette(
        routes=[
            *(Route(each.wire.path, each.serve, methods=["POST"]) for each in endpoints),
            Route("/v1/models", models),
            Route(COUNTS, counts),
        ]
    )


class Endpoint:
    """The endpoint of one wire."""

    def __init__(self, provider: Provider, wire: Wire) -> None:
        self.provider = provider
        self.wire = wire

    async def serve(self, http: HTTPRequest) -> Response:
        """Answer one call, or respond with its fault."""
        counts = self.provider.counter.counts
        if not self.admits(http):
            counts.calls += 1
            counts.unauthorised_calls += 1
            return self.error(401, WRONG_KEY)
        try:
            body = await http.body()
        except ClientDisconnect:
            # The server finds the connection closed.
            counts.calls += 1
            counts.abandoned_calls += 1
            return Response(status_code=400)
        call = self.provider.receive(body, self.wire.name)
        content = _decoded(body)
        events = self.wire.events if _asks_for_stream(content) else None
        if call.fault and call.fault.family == "infrastructure":
            counts.failed_calls += 1
            return fault_response(self.provider, self.wire, call, call.fault, events)
        try:
            model, request = self.wire.read(content, int(call.request, 16))
            self._check_context(request)
            reply = await self.provider.answer(model, request, call)
        except (MalformedCallError, CallError) as error:
            counts.rejected_calls += 1
            return self.error(400, str(error))
        except UnknownNameError as error:
            counts.rejected_calls += 1
            return self.error(404, str(error))
        if transport(http.scope).is_closing():
            counts.abandoned_calls += 1
        else:
            self.provider.counter.finish(call.request, reply.usage.input, reply.usage.output)
        answer = self.wire.write(reply, model, call.id)
        headers = {self.wire.request_id: call.id}
        if call.fault and call.fault.name in ODD:
            return odd_response(self.wire, call.fault, answer, events, headers)
        if events:
            return Response(b"".join(events(answer)), headers=headers, media_type=EVENT_STREAM)
        return JSONResponse(answer, headers=headers)

    def _check_context(self, request: Request) -> None:
        limit = self.provider.settings.context
        wanted = message_tokens(request.messages, request.sampling.detail) + request.max_tokens
        if limit is not None and wanted > limit:
            raise MalformedCallError(
                f"This model's maximum context length is {limit} tokens. "
                f"However, you requested {wanted} tokens."
            )

    def admits(self, http: HTTPRequest) -> bool:
        """Whether the caller sends the key, if one is required."""
        key = self.provider.settings.key
        sent = self.wire.key(http.headers)
        return key is None or secrets.compare_digest(sent.encode(), key.encode())

    def error(self, status: int, message: str) -> Response:
        """Return an error in the wire's format."""
        return JSONResponse(self.wire.error(status, message), status)


def _decoded(body: bytes) -> Any:
    """The JSON of a body; None, which no wire can read, if there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _asks_for_stream(content: Any) -> bool:
    return isinstance(content, dict) and content.get("stream") is True


def fault_response(
    provider: Provider, wire: Wire, call: Call, fault: Fault, events: Events | None
) -> Response:
    """Return the response to a call with an infrastructure fault.

    ``events`` is given if it asks for a stream. Half of the streams fail after they have begun,
    except for rate limits.
    """
    if fault.name in ODD:
        return odd_response(wire, fault, wire.write(PARTIAL, "-", call.id), events)
    rng = stream(provider.settings.seed, "midway", call.request, call.times)
    if events and fault.status != 429 and rng.random() < 0.5:
        return _fault_midway(provider, wire, call, fault, events)
    settings = provider.settings
    match fault.name:
        case "dropped":
            return Silence(provider, 0.0)
        case "stalled":
            return Silence(provider, settings.stall)
        case "garbled":
            rng = stream(settings.seed, "garbled", call.request, call.times)
            kind, body = rng.choice(GARBLED)
            return Response(body, media_type=kind)
    error = wire.error(fault.status, f"Simulated fault: {fault.about}.")
    response = JSONResponse(error, fault.status)
    if fault.advised:
        wait = settings.retry_after
        response.headers["retry-after"] = str(math.ceil(wait))
        response.headers["retry-after-ms"] = str(math.ceil(wait * 1000))
    return response


def odd_response(
    wire: Wire,
    fault: Fault,
    answer: Mapping[str, Any],
    events: Events | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response with an odd reply; streamed if it has the shape of an answer."""
    odd = odd_answer(fault, wire.name, answer)
    if events and odd.streams:
        content = b"".join(events(odd.body))
        return Response(content, headers=headers, media_type=EVENT_STREAM)
    return JSONResponse(odd.body, odd.status, headers)


def _fault_midway(
    provider: Provider, wire: Wire, call: Call, fault: Fault, events: Events
) -> Response:
    sent = b"".join(islice(events(wire.write(PARTIAL, "-", call.id)), EVENTS_SENT))
    match fault.name:
        case "dropped":
            return Silence(provider, 0.0, sent)
        case "stalled":
            return Silence(provider, provider.settings.stall, sent)
        case "garbled":
            return Response(sent + GARBLED_EVENT, media_type=EVENT_STREAM)
    error = wire.error(fault.status, f"Simulated fault: {fault.about}, midway.")
    return Response(sent + b"".join(events(error)), media_type=EVENT_STREAM)


class Silence(Response):
    """No response, or only the beginning of a stream; after some seconds the connection closes."""

    def __init__(self, provider: Provider, seconds: float, sent: bytes = b"") -> None:
        super().__init__()
        self._provider = provider
        self._seconds = seconds
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then close, unless the caller closes first."""
        if self._sent:
            kind = (b"content-type", EVENT_STREAM.encode())
            await send({"type": "http.response.start", "status": 200, "headers": [kind]})
            await send({"type": "http.response.body", "body": self._sent, "more_body": True})
        await self._provider.wait(self._seconds, receive)
        transport(scope).abort()
        # The server reports a missing response until it notices the closed connection.
        await receive()


def transport(scope: Scope) -> asyncio.Transport:
    """Return the connection of a call."""
    connection: asyncio.Transport = scope["state"]["transport"]
    return connection
