"""A provider that says what a test tells it to, byte for byte."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Canned:
    """A running server: where it is, and what it was asked."""

    url: str
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    most_open: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first call has arrived."""


@asynccontextmanager
async def serving(*pieces: bytes, pause: float = 0.0) -> AsyncIterator[Canned]:
    """Answers every call with these bytes, a pause before each, then hangs up."""
    now_open = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now_open
        now_open += 1
        server.most_open = max(server.most_open, now_open)
        try:
            asked, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            pairs = (line.split(": ", 1) for line in lines if line)
            headers = {name.lower(): value for name, value in pairs}
            content = await reader.readexactly(int(headers["content-length"]))
            server.paths.append(asked.split()[1])
            server.headers.append(headers)
            server.bodies.append(json.loads(content))
            server.called.set()
            for piece in pieces:
                await asyncio.sleep(pause)
                writer.write(piece)
        except asyncio.CancelledError:
            # The test is over; streams take a cancelled handler for a broken one.
            return
        finally:
            now_open -= 1
            writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()
    server = Canned(f"http://{host}:{port}/v1")
    async with listener:
        yield server


def response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """An HTTP response; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {
        "content-type": "application/json",
        "content-length": str(len(content)),
        "connection": "close",
    }
    fields |= dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content


def event_stream(*events: Any) -> bytes:
    """An HTTP response that streams; an event that is not bytes is sent under its ``type``."""
    pieces = (
        event
        if isinstance(event, bytes)
        else f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )
    return response(b"".join(pieces), headers={"content-type": "text/event-stream"})


def message(stop_reason: str = "end_turn", *blocks: Any) -> dict[str, Any]:
    """The body of an answer in Anthropic's protocol."""
    return {
        "id": "msg_7",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": list(blocks) or [{"type": "text", "text": '{"action": "bet"}'}],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 900, "output_tokens": 7},
    }


def completion(finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of an answer."""
    said = {"role": "assistant", "content": '{"action": "bet"}', "refusal": None} | message
    return {
        "id": "chatcmpl-7",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": said, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 7, "total_tokens": 907},
    }


def chunks(*choices: Any, **more: Any) -> bytes:
    """A streamed completion: a chunk for each choice, then the rest of the body."""
    head = {name: value for name, value in completion().items() if name not in ("choices", "usage")}
    told = [head | {"choices": [{"index": 0, "delta": {}} | choice]} for choice in choices]
    lines = [*told, head | {"choices": []} | more]
    pieces = [f"data: {json.dumps(line)}\n\n".encode() for line in lines]
    return event_stream(*pieces, b"data: [DONE]\n\n")


def answer_response(*output: Any, **more: Any) -> dict[str, Any]:
    """The body of an answer in OpenAI's Responses."""
    said = {"type": "output_text", "text": '{"action": "bet"}'}
    return {
        "id": "resp_7",
        "object": "response",
        "status": "completed",
        "model": "o3-2025-04-16",
        "output": list(output) or [{"type": "message", "role": "assistant", "content": [said]}],
        "usage": {"input_tokens": 900, "output_tokens": 7, "total_tokens": 907},
    } | more
