"""What callers see of a fault of the infrastructure."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from vsbench.adapters.base import Reply
from vsbench.simulation.faults import ODD, Fault
from vsbench.simulation.oddities import odd_answer
from vsbench.simulation.provider import Call, Provider
from vsbench.simulation.wire import Events, Wire
from vsbench_envs.seeding import stream

EVENT_STREAM = "text/event-stream"

GARBLED = (
    ("text/html", b"<html><body><h1>It works!</h1></body></html>"),
    ("application/json", b'{"id": "cut in the mid'),
    ("application/json", b'{"object": "something.else"}'),
)
"""Bodies that are no protocol's: a page of a proxy, a torn one, and valid JSON of another kind."""

GARBLED_EVENT = b'event: message_delta\ndata: {"type": "cut in the mid\n\n'

BEGUN = Reply('{"action": ')
BEGINNING = 3
"""How many events of it a stream tells before it breaks."""


def broken(
    provider: Provider, wire: Wire, call: Call, fault: Fault, events: Events | None
) -> Response:
    """The response to a call that fails; ``events`` if it asks for a stream.

    Every second stream has begun when it fails. Rate limits are told before.
    """
    if fault.name in ODD:
        return odd_response(wire, fault, wire.write(BEGUN, "-", call.id), events)
    rng = stream(provider.settings.seed, "midway", call.request, call.times)
    if events and fault.status != 429 and rng.random() < 0.5:
        return _broken_midway(provider, wire, call, fault, events)
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
    said = wire.error(fault.status, f"Simulated fault: {fault.about}.")
    response = JSONResponse(said, fault.status)
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
    """The response with an odd reply; in pieces if it has the shape of an answer."""
    odd = odd_answer(fault, wire.name, answer)
    if events and odd.streams:
        content = b"".join(events(odd.body))
        return Response(content, headers=headers, media_type=EVENT_STREAM)
    return JSONResponse(odd.body, odd.status, headers)


def _broken_midway(
    provider: Provider, wire: Wire, call: Call, fault: Fault, events: Events
) -> Response:
    begun = b"".join(islice(events(wire.write(BEGUN, "-", call.id)), BEGINNING))
    match fault.name:
        case "dropped":
            return Silence(provider, 0.0, begun)
        case "stalled":
            return Silence(provider, provider.settings.stall, begun)
        case "garbled":
            return Response(begun + GARBLED_EVENT, media_type=EVENT_STREAM)
    error = wire.error(fault.status, f"Simulated fault: {fault.about}, midway.")
    return Response(begun + b"".join(events(error)), media_type=EVENT_STREAM)


class Silence(Response):
    """No response, or only the beginning of a stream: after some seconds the connection closes."""

    def __init__(self, provider: Provider, seconds: float, begun: bytes = b"") -> None:
        super().__init__()
        self._provider = provider
        self._seconds = seconds
        self._begun = begun

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then close; or notice that the caller has."""
        if self._begun:
            kind = (b"content-type", EVENT_STREAM.encode())
            await send({"type": "http.response.start", "status": 200, "headers": [kind]})
            await send({"type": "http.response.body", "body": self._begun, "more_body": True})
        await self._provider.rest(self._seconds, receive)
        transport(scope).abort()
        # The server takes a response to be missing until it knows of the closed connection.
        await receive()


def transport(scope: Scope) -> asyncio.Transport:
    """The connection that a call came on."""
    connection: asyncio.Transport = scope["state"]["transport"]
    return connection
