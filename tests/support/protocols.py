"""The protocols that adapters speak, for tests that hold for every one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from canned import response
from vsbench.adapters import Adapter, AdapterOptions, Reply, Request, open_adapter
from vsbench.simulation.anthropic import AnthropicWire
from vsbench.simulation.openai import ChatWire, ResponsesWire
from vsbench.simulation.wire import Wire

OPTIONS = AdapterOptions(timeout=10)


@dataclass(frozen=True)
class Protocol:
    """A way to ask a server, and what servers answer."""

    wire: Wire
    model_id: str
    """With the server's URL and the model's name to be filled in."""
    key: str
    """The environment variable that holds the key."""
    max_tokens: int = 500
    streamed: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    """The provider's own options."""

    def open(self, url: str, model: str = "m", options: AdapterOptions = OPTIONS) -> Adapter:
        """The adapter for a model at a server."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ANTHROPIC_BASE_URL", url)
            patch.setenv(self.key, os.environ.get(self.key, "any"))
            own = replace(options, extra={**options.extra, **self.extra})
            return open_adapter(self.model_id.format(url=url, model=model), own)

    def asked(self, request: Request) -> Request:
        """A request that is answered in this protocol's way."""
        return replace(request, max_tokens=self.max_tokens)

    def answered(self, reply: Reply, headers: Mapping[str, str] | None = None) -> bytes:
        """The HTTP response with a reply."""
        body = self.wire.write(reply, reply.served_model, "7")
        if self.streamed:
            events = b"".join(self.wire.events(body))
            return response(events, headers={"content-type": "text/event-stream"} | (headers or {}))
        return response(body, headers=headers)

    def failed(
        self, status: int, message: str = "", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The HTTP response with an error."""
        return response(self.wire.error(status, message), status, headers)


LONG = 30_000
"""Tokens of replies that every adapter has streamed."""

CHAT = Protocol(ChatWire(), "openai-api/{url}#{model}", "VSBENCH_API_KEY")
RESPONSES = replace(CHAT, wire=ResponsesWire(), extra={"api": "responses"})
MESSAGES = Protocol(AnthropicWire(), "anthropic/{model}", "ANTHROPIC_API_KEY")

PROTOCOLS = {
    "openai": CHAT,
    "openai-streamed": replace(CHAT, max_tokens=LONG, streamed=True),
    "openai-responses": RESPONSES,
    "openai-responses-streamed": replace(RESPONSES, max_tokens=LONG, streamed=True),
    "anthropic": MESSAGES,
    "anthropic-streamed": replace(MESSAGES, max_tokens=LONG, streamed=True),
}

each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
