"""The protocols that adapters speak, for tests that hold for every one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from canned import response
from vsbench.adapters import Adapter, AdapterOptions, Reply, Request, open_adapter
from vsbench.simulation.anthropic import AnthropicWire
from vsbench.simulation.openai import OpenAIWire
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

    def open(self, url: str, model: str = "m", options: AdapterOptions = OPTIONS) -> Adapter:
        """The adapter for a model at a server."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ANTHROPIC_BASE_URL", url)
            patch.setenv(self.key, os.environ.get(self.key, "any"))
            return open_adapter(self.model_id.format(url=url, model=model), options)

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


PROTOCOLS = {
    "openai": Protocol(OpenAIWire(), "openai-api/{url}#{model}", "VSBENCH_API_KEY"),
    "anthropic": Protocol(AnthropicWire(), "anthropic/{model}", "ANTHROPIC_API_KEY"),
    "anthropic-streamed": Protocol(
        AnthropicWire(), "anthropic/{model}", "ANTHROPIC_API_KEY", max_tokens=30_000, streamed=True
    ),
}

each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
