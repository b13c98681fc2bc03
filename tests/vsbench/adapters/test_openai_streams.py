"""Chat completions that come in chunks, through the real SDK."""

import json
from typing import Any

import pytest

from canned import chunks, completion, event_stream, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, CallError, Reply, Usage, base, open_adapter

USAGE = {"prompt_tokens": 900, "completion_tokens": 7, "total_tokens": 907}
END = {"finish_reason": "stop"}


async def called(piece: bytes) -> Reply:
    """The reply to the one call that a server answers like this."""
    options = AdapterOptions(timeout=10, extra={"stream": "always"})
    async with serving(piece) as server:
        adapter = open_adapter(f"openai-api/{server.url}#m", options)
        try:
            return await adapter.complete(kuhn_question())
        finally:
            await adapter.close()


async def failed(piece: bytes) -> CallError:
    with pytest.raises(CallError) as caught:
        await called(piece)
    return caught.value


def line(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def delta(**fields: Any) -> dict[str, Any]:
    return {"delta": fields}


async def test_chunks_are_put_together() -> None:
    pieces = [delta(role="assistant", content=""), delta(content="be"), delta(content="t")]
    reply = await called(chunks(*pieces, END, usage=USAGE))
    assert reply == Reply(
        "bet",
        usage=Usage(900, 7),
        served_model="gpt-4o-2024-08-06",
        request_id="chatcmpl-7",
    )


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_visible_thinking(name: str) -> None:
    thoughts = [delta(**{name: "A king "}), delta(**{name: "beats all."})]
    reply = await called(chunks(*thoughts, delta(content="bet"), END, usage=USAGE))
    assert (reply.reasoning, reply.text) == ("A king beats all.", "bet")


@pytest.mark.parametrize(
    ("pieces", "reason", "stop", "text"),
    [
        ([delta(content='{"act')], "length", "length", '{"act'),
        ([], "length", "length", ""),
        ([delta(content="be")], "content_filter", "refusal", "be"),
        ([delta(refusal="I "), delta(refusal="won't.")], "stop", "refusal", "I won't."),
        ([delta(content=None), delta(content="bet")], "eos", "stop", "bet"),
    ],
)
async def test_how_answers_end(pieces: list[Any], reason: str, stop: str, text: str) -> None:
    reply = await called(chunks(*pieces, {"finish_reason": reason}, usage=USAGE))
    assert (reply.stop, reply.text) == (stop, text)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many"}])
async def test_usage_that_is_not_told(usage: object) -> None:
    reply = await called(chunks(delta(content="bet"), END, usage=usage))
    assert (reply.text, reply.usage) == ("bet", Usage())


async def test_usage_that_grows_with_each_chunk_is_the_last() -> None:
    head = completion() | {"choices": [delta(content="bet")]}
    growing = [head | {"usage": {"completion_tokens": count}} for count in (1, 2)]
    ended = head | {"choices": [END], "usage": {"prompt_tokens": 5, "completion_tokens": 3}}
    reply = await called(event_stream(*map(line, [*growing, ended])))
    assert reply.usage == Usage(5, 3)


async def test_a_stream_without_its_end_is_a_broken_connection() -> None:
    pieces = line(completion() | {"choices": [delta(content="bet")]})
    assert type(await failed(event_stream(pieces))) is base.ConnectionLostError
    done = event_stream(pieces, b"data: [DONE]\n\n")
    assert type(await failed(done)) is base.ConnectionLostError


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "Busy.", "type": "server_error", "code": None}, base.OverloadedError),
        ({"message": "Busy.", "code": 502}, base.OverloadedError),
        ({"message": "Busy.", "code": 429}, base.RateLimitedError),
        ({"message": "Busy.", "code": "rate_limit_exceeded"}, base.RateLimitedError),
        ({"message": "Busy.", "type": "invalid_request_error"}, base.BadRequestError),
        ({"message": "Busy.", "code": "content_filter"}, base.ContentRefusedError),
        ({"message": "Busy.", "code": "invalid_api_key"}, base.AuthError),
    ],
)
async def test_an_error_in_a_stream_is_that_error(error: Any, kind: type[CallError]) -> None:
    begun = line(completion() | {"choices": [delta(content="be")]})
    raised = await failed(event_stream(begun, line({"error": error})))
    assert type(raised) is kind
    assert "Busy." in str(raised)


async def test_a_server_that_does_not_stream_is_understood() -> None:
    reply = await called(response(completion()))
    assert (reply.text, reply.usage) == ('{"action": "bet"}', Usage(900, 7))
    busy = response({"error": {"message": "Upstream is busy.", "code": 429}})
    assert type(await failed(busy)) is base.RateLimitedError
