"""The provider behind HTTP: one endpoint for each wire, and the counts."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vsbench.adapters.base import CallError, Request
from vsbench.models import message_tokens
from vsbench.simulation.anthropic import AnthropicWire
from vsbench.simulation.breakage import EVENT_STREAM, broken, odd_response, transport
from vsbench.simulation.faults import ODD
from vsbench.simulation.openai_chat import ChatWire
from vsbench.simulation.openai_responses import ResponsesWire
from vsbench.simulation.policies import model_names
from vsbench.simulation.provider import Provider
from vsbench.simulation.wire import MalformedCallError, Wire
from vsbench_envs.errors import UnknownNameError

COUNTS = "/simulation/counts"
NO_ENTRY = "Incorrect API key provided."


def application(provider: Provider) -> Starlette:
    """The ASGI application."""
    wires: tuple[Wire, ...] = (ChatWire(), ResponsesWire(), AnthropicWire())
    endpoints = [Endpoint(provider, wire) for wire in wires]
    chat = endpoints[0]

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
            *(Route(each.wire.path, each.serve, methods=["POST"]) for each in endpoints),
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
        try:
            body = await http.body()
        except ClientDisconnect:
            # Nobody is there to answer; the server finds the connection closed.
            counts.calls += 1
            counts.abandoned_calls += 1
            return Response(status_code=400)
        call = self.provider.receive(body, self.wire.name)
        content = _decoded(body)
        events = self.wire.events if _wants_stream(content) else None
        if call.fault and call.fault.family == "infrastructure":
            counts.failed_calls += 1
            return broken(self.provider, self.wire, call, call.fault, events)
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
            self.provider.ledger.finish(call.request, reply.usage.input, reply.usage.output)
        answer = self.wire.write(reply, model, call.id)
        headers = {self.wire.request_id: call.id}
        if call.fault and call.fault.name in ODD:
            return odd_response(self.wire, call.fault, answer, events, headers)
        if events:
            return Response(b"".join(events(answer)), headers=headers, media_type=EVENT_STREAM)
        return JSONResponse(answer, headers=headers)

    def _check_context(self, request: Request) -> None:
        most = self.provider.settings.context
        asked = message_tokens(request.messages, request.sampling.detail) + request.max_tokens
        if most is not None and asked > most:
            raise MalformedCallError(
                f"This model's maximum context length is {most} tokens. "
                f"However, you requested {asked} tokens."
            )

    def admits(self, http: HTTPRequest) -> bool:
        """Whether the caller shows the key, if one is wanted."""
        key = self.provider.settings.key
        shown = self.wire.key(http.headers)
        return key is None or secrets.compare_digest(shown.encode(), key.encode())

    def error(self, status: int, message: str) -> Response:
        """An error in the wire's form."""
        return JSONResponse(self.wire.error(status, message), status)


def _decoded(body: bytes) -> Any:
    """A body's JSON; None, which no wire can read, if it holds none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _wants_stream(content: Any) -> bool:
    return isinstance(content, dict) and content.get("stream") is True
