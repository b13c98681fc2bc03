"""What is OpenAI's own in what comes back from a server, through the real SDK."""

from collections.abc import Mapping
from typing import Any

import pytest

from canned import completion, response, serving
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
