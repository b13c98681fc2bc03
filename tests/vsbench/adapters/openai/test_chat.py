"""Answers of Chat Completions, in one piece and streamed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from canned import chunks, completion, event_stream, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, CallError, Reply, Usage, base, open_adapter


async def called(*pieces: bytes) -> Reply:
    """The reply to the one call that a server answers like this."""
    async with serving(*pieces) as server:
        adapter = open_adapter(f"openai-api/{server.url}#m", AdapterOptions(timeout=10))
        try:
            return await adapter.complete(kuhn_question())
        finally:
            await adapter.close()


async def failed(*pieces: bytes) -> CallError:
    """The error of such a call."""
    with pytest.raises(CallError) as caught:
        await called(*pieces)
    return caught.value


async def test_an_answer_with_all_that_belongs_to_it() -> None:
    body = completion()
    body["usage"] |= {
        "prompt_tokens_details": {"cached_tokens": 800},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert await called(response(body, headers={"x-request-id": "req_1"})) == Reply(
        '{"action": "bet"}',
        stop="stop",
        usage=Usage(input=900, output=7, reasoning=3, cached=800),
        served_model="gpt-4o-2024-08-06",
        request_id="req_1",
    )


@pytest.mark.parametrize(
    ("reason", "message", "stop", "text"),
    [
        ("stop", {"content": "bet"}, "stop", "bet"),
        ("stop", {"content": None}, "stop", ""),
        ("eos", {"content": "bet"}, "stop", "bet"),
        ("length", {"content": '{"act'}, "length", '{"act'),
        ("length", {"content": None}, "length", ""),
        ("content_filter", {"content": "be"}, "refusal", "be"),
        ("stop", {"content": None, "refusal": "I won't."}, "refusal", "I won't."),
        ("stop", {"content": [{"type": "text", "text": "a"}, {"text": "b"}]}, "stop", "ab"),
    ],
)
async def test_how_answers_end(reason: str, message: dict[str, Any], stop: str, text: str) -> None:
    reply = await called(response(completion(reason, **message)))
    assert (reply.stop, reply.text) == (stop, text)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_visible_thinking(name: str) -> None:
    reply = await called(response(completion(**{name: "A king beats all."})))
    assert reply.reasoning == "A king beats all."
    assert reply.text == '{"action": "bet"}'


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, Usage()),
        ({}, Usage()),
        ({"prompt_tokens": None, "completion_tokens": "7"}, Usage(0, 7)),
        ({"prompt_tokens": 900.0, "completion_tokens": 7.0}, Usage(900, 7)),
        ({"prompt_tokens": 900.5, "completion_tokens": True}, Usage()),
        ({"prompt_tokens": -5, "completion_tokens": -7, "total_tokens": -12}, Usage()),
        ({"prompt_tokens": 2**60, "completion_tokens": 1e300}, Usage()),
        ({"prompt_tokens": "many", "completion_tokens": [7]}, Usage()),
        (
            {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 900}},
            Usage(5, 0, cached=5),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 107}, Usage(5, 102)),
        ({"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": None}, Usage(5, 2)),
    ],
)
async def test_usage_as_servers_report_it(usage: object, expected: Usage) -> None:
    reply = await called(response(completion() | {"usage": usage}))
    assert reply.usage == expected


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"code": "rate_limit_exceeded"}, base.RateLimitedError),
        (429, {"code": "insufficient_quota"}, base.AuthError),
        (429, {"type": "insufficient_quota"}, base.AuthError),
        (429, {"message": "Request too large for gpt-4o"}, base.BadRequestError),
        (400, {"code": "context_length_exceeded"}, base.ContextExceededError),
        (400, {"code": "content_policy_violation"}, base.ContentRefusedError),
        (400, {"code": "invalid_prompt"}, base.ContentRefusedError),
    ],
)
async def test_errors_by_code(status: int, error: Mapping[str, str], kind: type[CallError]) -> None:
    body = {"error": {"message": "Because of this.", "type": None, "param": None} | error}
    raised = await failed(response(body, status))
    assert type(raised) is kind
    assert f"127.0.0.1 answered {status}: {body['error']['message']}" in str(raised)


@pytest.mark.parametrize(
    "body",
    [{"error": "No such\n model."}, {"detail": "No such model."}, {"message": "No such model."}],
)
async def test_what_other_servers_say_is_passed_on(body: object) -> None:
    assert str(await failed(response(body, 404))) == "127.0.0.1 answered 404: No such model."


async def test_an_account_without_credit_says_so() -> None:
    body = {"error": {"message": "You exceeded your quota.", "type": "insufficient_quota"}}
    assert "no credit left" in str(await failed(response(body, 429)))


@pytest.mark.parametrize(
    "piece",
    [
        response({"choices": []}),
        response({"choices": None}),
        response({"choices": [None]}),
        response({"choices": [{"message": None}]}),
    ],
)
async def test_json_that_is_no_completion(piece: bytes) -> None:
    assert type(await failed(piece)) is base.ConnectionLostError


async def test_an_error_inside_a_success_is_an_error() -> None:
    body = {"error": {"message": "Upstream is busy.", "code": 429}}
    assert type(await failed(response(body))) is base.RateLimitedError


USAGE = {"prompt_tokens": 900, "completion_tokens": 7, "total_tokens": 907}
END = {"finish_reason": "stop"}


async def streamed(piece: bytes) -> Reply:
    """The reply to the one call that asks for a stream, and is answered like this."""
    options = AdapterOptions(timeout=10, extra={"stream": "always"})
    async with serving(piece) as server:
        adapter = open_adapter(f"openai-api/{server.url}#m", options)
        try:
            return await adapter.complete(kuhn_question())
        finally:
            await adapter.close()


async def stream_failed(piece: bytes) -> CallError:
    """The error of such a call."""
    with pytest.raises(CallError) as caught:
        await streamed(piece)
    return caught.value


def line(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def delta(**fields: Any) -> dict[str, Any]:
    return {"delta": fields}


async def test_chunks_are_put_together() -> None:
    pieces = [delta(role="assistant", content=""), delta(content="be"), delta(content="t")]
    reply = await streamed(chunks(*pieces, END, usage=USAGE))
    assert reply == Reply(
        "bet",
        usage=Usage(900, 7),
        served_model="gpt-4o-2024-08-06",
        request_id="chatcmpl-7",
    )


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_visible_thinking_in_a_stream(name: str) -> None:
    thoughts = [delta(**{name: "A king "}), delta(**{name: "beats all."})]
    reply = await streamed(chunks(*thoughts, delta(content="bet"), END, usage=USAGE))
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
async def test_how_answers_end_in_a_stream(
    pieces: list[Any], reason: str, stop: str, text: str
) -> None:
    reply = await streamed(chunks(*pieces, {"finish_reason": reason}, usage=USAGE))
    assert (reply.stop, reply.text) == (stop, text)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "many"}])
async def test_usage_that_is_not_told(usage: object) -> None:
    reply = await streamed(chunks(delta(content="bet"), END, usage=usage))
    assert (reply.text, reply.usage) == ("bet", Usage())


async def test_usage_that_grows_with_each_chunk_is_the_last() -> None:
    head = completion() | {"choices": [delta(content="bet")]}
    growing = [head | {"usage": {"completion_tokens": count}} for count in (1, 2)]
    ended = head | {"choices": [END], "usage": {"prompt_tokens": 5, "completion_tokens": 3}}
    reply = await streamed(event_stream(*map(line, [*growing, ended])))
    assert reply.usage == Usage(5, 3)


async def test_a_stream_without_its_end_is_a_broken_connection() -> None:
    pieces = line(completion() | {"choices": [delta(content="bet")]})
    assert type(await stream_failed(event_stream(pieces))) is base.ConnectionLostError
    done = event_stream(pieces, b"data: [DONE]\n\n")
    assert type(await stream_failed(done)) is base.ConnectionLostError


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
    raised = await stream_failed(event_stream(begun, line({"error": error})))
    assert type(raised) is kind
    assert "Busy." in str(raised)


async def test_a_server_that_does_not_stream_is_understood() -> None:
    reply = await streamed(response(completion()))
    assert (reply.text, reply.usage) == ('{"action": "bet"}', Usage(900, 7))
    busy = response({"error": {"message": "Upstream is busy.", "code": 429}})
    assert type(await stream_failed(busy)) is base.RateLimitedError
