"""The provider behind HTTP: one endpoint for each wire, and the counts."""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from vsbench.adapters.base import CallError
from vsbench.simulation.faults import Fault
from vsbench.simulation.openai import OpenAIWire
from vsbench.simulation.policies import model_names
from vsbench.simulation.provider import Call, Provider
from vsbench.simulation.wire import MalformedCallError, Wire
from vsbench_envs.registry import UnknownNameError
from vsbench_envs.seeding import stream

COUNTS = "/simulation/counts"
NO_ENTRY = "Incorrect API key provided."

GARBLED = (
    ("text/html", b"<html><body><h1>It works!</h1></body></html>"),
    ("application/json", b'{"id": "cut in the mid'),
    ("application/json", b'{"object": "something.else"}'),
)
"""Bodies that are no protocol's: a page of a proxy, a torn one, and valid JSON of another kind."""


def application(provider: Provider) -> Starlette:
    """The ASGI application."""
    chat = Endpoint(provider, OpenAIWire())

    async def counts(http: HTTPRequest) -> Response:
        return JSONResponse(asdict(provider.ledger.counts))

    async def models(http: HTTPRequest) -> Response:
        if not chat.admits(http):
            return chat.error(401, NO_ENTRY)
        listed = [
            {"id": name, "object": "model", "created": 0, "owned_by": "vsbench"}
            for name in model_names()
        ]
        return JSONResponse({"object": "list", "data": listed})

    return Starlette(
        routes=[
            Route(chat.wire.path, chat.serve, methods=["POST"]),
            Route("/v1/models", models),
            Route(COUNTS, counts),
        ]
    )


class Endpoint:
    """Calls on one wire."""

    def __init__(self, provider: Provider, wire: Wire) -> None:
        self.provider = provider
        self.wire = wire

    async def serve(self, http: HTTPRequest) -> Response:
        """Answer one call, or do to it what its fault says."""
        counts = self.provider.ledger.counts
        if not self.admits(http):
            counts.calls += 1
            counts.unauthorised_calls += 1
            return self.error(401, NO_ENTRY)
        body = await http.body()
        call = self.provider.receive(body)
        if call.fault and call.fault.family == "infrastructure":
            counts.failed_calls += 1
            return self._failure(call, call.fault)
        try:
            model, request = self.wire.read(json.loads(body), int(call.request, 16))
            reply = await self.provider.answer(model, request, call)
        except (MalformedCallError, UnicodeDecodeError, json.JSONDecodeError, CallError) as error:
            counts.rejected_calls += 1
            return self.error(400, str(error))
        except UnknownNameError as error:
            counts.rejected_calls += 1
            return self.error(404, str(error))
        if _transport(http.scope).is_closing():
            counts.abandoned_calls += 1
        else:
            self.provider.ledger.finish(call.request, reply.usage.input, reply.usage.output)
        return JSONResponse(
            self.wire.write(reply, model, call.id), headers={self.wire.request_id: call.id}
        )

    def admits(self, http: HTTPRequest) -> bool:
        """Whether the caller shows the key, if one is wanted."""
        key = self.provider.settings.key
        shown = self.wire.key(http.headers)
        return key is None or secrets.compare_digest(shown.encode(), key.encode())

    def error(self, status: int, message: str) -> Response:
        """An error in the wire's form."""
        return JSONResponse(self.wire.error(status, message), status)

    def _failure(self, call: Call, fault: Fault) -> Response:
        settings = self.provider.settings
        match fault.name:
            case "dropped":
                return Silence(self.provider, 0.0)
            case "stalled":
                return Silence(self.provider, settings.stall)
            case "garbled":
                rng = stream(settings.seed, "garbled", call.request, call.times)
                kind, body = rng.choice(GARBLED)
                return Response(body, media_type=kind)
        response = self.error(fault.status, f"Simulated fault: {fault.about}.")
        if fault.advised:
            wait = settings.retry_after
            response.headers["retry-after"] = str(math.ceil(wait))
            response.headers["retry-after-ms"] = str(math.ceil(wait * 1000))
        return response


class Silence(Response):
    """No response at all: after some seconds the connection closes."""

    def __init__(self, provider: Provider, seconds: float) -> None:
        super().__init__()
        self._provider = provider
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then close; or notice that the caller has."""
        await self._provider.rest(self._seconds, receive)
        _transport(scope).abort()
        # The server takes a response to be missing until it knows of the closed connection.
        await receive()


def _transport(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport = scope["state"]["transport"]
    return transport
