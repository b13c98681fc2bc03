"""What comes back from a server, through the real SDK."""

import asyncio
import traceback
from collections.abc import Mapping
from email.utils import formatdate
from time import time
from typing import Any

import pytest

from canned import completion, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, CallError, Reply, Usage, base, open_adapter
from vsbench.adapters.http import retry_after


async def called(*pieces: bytes, pause: float = 0.0, seconds: float = 10.0) -> Reply:
    """The reply to the one call that a server answers like this."""
    async with serving(*pieces, pause=pause) as server:
        adapter = open_adapter(f"openai-api/{server.url}#m", AdapterOptions(timeout=seconds))
        try:
            return await adapter.complete(kuhn_question())
        finally:
            await adapter.close()
            assert len(server.bodies) == 1


async def failed(*pieces: bytes, pause: float = 0.0, seconds: float = 10.0) -> CallError:
    """The error of such a call."""
    with pytest.raises(CallError) as caught:
        await called(*pieces, pause=pause, seconds=seconds)
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
        ({"prompt_tokens": None, "completion_tokens": "7"}, Usage()),
        ({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 107}, Usage(5, 102)),
        ({"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": None}, Usage(5, 2)),
    ],
)
async def test_usage_as_servers_report_it(usage: object, expected: Usage) -> None:
    reply = await called(response(completion() | {"usage": usage}))
    assert reply.usage == expected


async def test_without_a_request_id_the_completion_has_one() -> None:
    assert (await called(response(completion()))).request_id == "chatcmpl-7"


@pytest.mark.parametrize(
    ("status", "error", "kind", "retryable"),
    [
        (429, {"code": "rate_limit_exceeded"}, base.RateLimitedError, True),
        (429, {"code": "insufficient_quota"}, base.AuthError, False),
        (429, {"message": "Request too large for gpt-4o"}, base.BadRequestError, False),
        (402, {}, base.AuthError, False),
        (500, {}, base.OverloadedError, True),
        (502, {}, base.OverloadedError, True),
        (503, {}, base.OverloadedError, True),
        (529, {"type": "overloaded_error"}, base.OverloadedError, True),
        (409, {}, base.OverloadedError, True),
        (408, {}, base.CallTimeoutError, True),
        (401, {"code": "invalid_api_key"}, base.AuthError, False),
        (403, {}, base.AuthError, False),
        (400, {}, base.BadRequestError, False),
        (400, {"code": "context_length_exceeded"}, base.BadRequestError, False),
        (404, {"code": "model_not_found"}, base.BadRequestError, False),
        (413, {}, base.BadRequestError, False),
        (422, {}, base.BadRequestError, False),
        (400, {"code": "content_policy_violation"}, base.ContentRefusedError, False),
        (400, {"code": "invalid_prompt"}, base.ContentRefusedError, False),
    ],
)
async def test_errors_by_status_and_code(
    status: int, error: Mapping[str, str], kind: type[CallError], retryable: bool
) -> None:
    body = {"error": {"message": "Because of this.", "type": None, "param": None} | error}
    raised = await failed(response(body, status))
    assert type(raised) is kind
    assert raised.retryable is retryable
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
        response(b"<html>It works!</html>", headers={"content-type": "text/html"}),
        response(b'{"choices": [{"mess'),
        response(b"\xff\xfe"),
        response(b"[" * 100_000),
        response(b""),
        response([]),
        response({}),
        response({"choices": []}),
        response({"choices": None}),
        response({"choices": [None]}),
        response({"choices": [{"message": None}]}),
        response({"error": {"message": "upstream", "code": "odd"}}),
        response(b"short", headers={"content-length": "500"}),
        b"HTTP/1.1 200 OK\r\nnonsense",
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
)
async def test_bodies_that_are_not_the_protocol(piece: bytes) -> None:
    assert type(await failed(piece)) is base.ConnectionLostError


async def test_an_error_inside_a_success_is_an_error() -> None:
    body = {"error": {"message": "Upstream is busy.", "code": 429}}
    assert type(await failed(response(body))) is base.RateLimitedError


async def test_error_pages_of_proxies_are_errors_by_their_status() -> None:
    page = response(b"<html>Bad gateway</html>", 502, {"content-type": "text/html"})
    raised = await failed(page)
    assert type(raised) is base.OverloadedError
    assert str(raised) == "127.0.0.1 answered 502"


async def test_nobody_there() -> None:
    async with serving() as server:
        url = server.url
    adapter = open_adapter(f"openai-api/{url}#m", AdapterOptions(timeout=10))
    with pytest.raises(base.ConnectionLostError, match=r"127\.0\.0\.1"):
        await adapter.complete(kuhn_question())
    await adapter.close()


async def test_silence_ends_in_a_timeout() -> None:
    raised = await failed(b"HTTP/1.1 200 OK\r\n", pause=5, seconds=0.5)
    assert type(raised) is base.CallTimeoutError


async def test_a_trickle_ends_in_a_timeout_too() -> None:
    trickle = response(completion())
    pieces = [trickle[at : at + 10] for at in range(0, len(trickle), 10)]
    raised = await failed(*pieces, pause=0.1, seconds=0.6)
    assert type(raised) is base.CallTimeoutError


async def test_a_cancelled_call_is_cancelled() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\n", pause=5) as server:
        adapter = open_adapter(f"openai-api/{server.url}#m", AdapterOptions(timeout=10))
        call = asyncio.ensure_future(adapter.complete(kuhn_question()))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await adapter.close()


@pytest.mark.parametrize("status", [200, 400, 401, 500])
async def test_keys_are_never_shown(status: int, key: str) -> None:
    message = f"Incorrect API key provided: {key}, or sk-proj-****wxyz."
    raised = await failed(response({"error": {"message": message, "code": 401}}, status))
    shown = "".join(traceback.format_exception(raised)) + repr(raised)
    assert "Incorrect API key provided: [key], or [key]" in shown
    assert key not in shown
    assert "wxyz" not in shown


async def test_long_messages_are_cut_but_not_through_a_key(key: str) -> None:
    shown = str(await failed(response({"error": {"message": "x" * 495 + " " + key}}, 500)))
    assert len(shown) < 600
    assert "sk-" not in shown


@pytest.mark.parametrize("status", [429, 503])
async def test_advice_to_wait_is_passed_on(status: int) -> None:
    raised = await failed(response({"error": {}}, status, {"retry-after": "7"}))
    assert raised.retry_after == 7.0


async def test_no_advice_is_none() -> None:
    assert (await failed(response({"error": {}}, 429))).retry_after is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "1", "retry-after-ms": "20"}, 0.02),
        ({"retry-after": "1", "retry-after-ms": "soon"}, 1.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    ],
)
def test_how_long_to_wait(headers: Mapping[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_wait_for() -> None:
    wait = retry_after({"retry-after": formatdate(time() + 30, usegmt=True)})
    assert wait is not None
    assert 28 < wait <= 31
