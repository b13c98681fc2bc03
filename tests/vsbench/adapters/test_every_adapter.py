"""What holds for every adapter over HTTP, through the real SDKs."""

import asyncio
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from canned import response, serving
from protocols import Protocol, each_protocol
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, CallError, Reply, Usage, base

pytestmark = each_protocol

REPLY = Reply(
    '{"action": "bet"}',
    usage=Usage(input=900, output=70, reasoning=30, cached=800, cache_written=60),
    served_model="that-model-2026",
    request_id="req_1",
)


def named(protocol: Protocol, request_id: str) -> dict[str, str]:
    return {protocol.wire.request_id: request_id}


async def called(
    protocol: Protocol, *pieces: bytes, pause: float = 0.0, seconds: float = 10.0
) -> Reply:
    """The reply to the one call that a server answers like this."""
    async with serving(*pieces, pause=pause) as server:
        adapter = protocol.open(server.url, options=AdapterOptions(timeout=seconds))
        try:
            return await adapter.complete(protocol.asked(kuhn_question()))
        finally:
            await adapter.close()
            assert server.paths == [protocol.wire.path]


async def failed(
    protocol: Protocol, *pieces: bytes, pause: float = 0.0, seconds: float = 10.0
) -> CallError:
    """The error of such a call."""
    with pytest.raises(CallError) as caught:
        await called(protocol, *pieces, pause=pause, seconds=seconds)
    return caught.value


@pytest.mark.parametrize("stop", ["stop", "length", "refusal"])
@pytest.mark.parametrize("text", [REPLY.text, "Ünïcödé \n\n ♠\u2028 data: x" * 20, ""])
async def test_an_answer_with_all_that_belongs_to_it(
    protocol: Protocol, text: str, stop: base.StopReason
) -> None:
    reply = replace(REPLY, text=text, stop=stop)
    assert await called(protocol, protocol.answered(reply, named(protocol, "req_1"))) == reply


async def test_an_answer_in_small_pieces(protocol: Protocol) -> None:
    answer = protocol.answered(REPLY, named(protocol, "req_1"))
    pieces = [answer[at : at + 100] for at in range(0, len(answer), 100)]
    assert await called(protocol, *pieces, pause=0.001) == REPLY


async def test_without_a_request_id_the_answer_has_one(protocol: Protocol) -> None:
    reply = await called(protocol, protocol.answered(REPLY))
    assert reply.request_id.endswith("7")


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (429, base.RateLimitedError, True),
        (500, base.OverloadedError, True),
        (502, base.OverloadedError, True),
        (503, base.OverloadedError, True),
        (504, base.OverloadedError, True),
        (529, base.OverloadedError, True),
        (409, base.OverloadedError, True),
        (408, base.CallTimeoutError, True),
        (401, base.AuthError, False),
        (402, base.AuthError, False),
        (403, base.AuthError, False),
        (400, base.BadRequestError, False),
        (404, base.BadRequestError, False),
        (413, base.BadRequestError, False),
        (422, base.BadRequestError, False),
    ],
)
async def test_errors_by_status(
    protocol: Protocol, status: int, kind: type[CallError], retryable: bool
) -> None:
    raised = await failed(protocol, protocol.failed(status, "Because of\n this."))
    assert type(raised) is kind
    assert raised.retryable is retryable
    assert f"127.0.0.1 answered {status}: Because of this." in str(raised)


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
        response({"object": "something.else"}),
        response(b"short", headers={"content-length": "500"}),
        b"HTTP/1.1 200 OK\r\nnonsense",
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
)
async def test_bodies_that_are_not_the_protocol(protocol: Protocol, piece: bytes) -> None:
    assert type(await failed(protocol, piece)) is base.ConnectionLostError


async def test_an_answer_that_breaks_off_anywhere(protocol: Protocol) -> None:
    answer = protocol.answered(REPLY)
    for at in range(0, len(answer), 97):
        raised = await failed(protocol, answer[:at])
        assert type(raised) is base.ConnectionLostError


async def test_error_pages_of_proxies_are_errors_by_their_status(protocol: Protocol) -> None:
    page = response(b"<html>Bad gateway</html>", 502, {"content-type": "text/html"})
    raised = await failed(protocol, page)
    assert type(raised) is base.OverloadedError
    assert str(raised) == "127.0.0.1 answered 502"


async def test_nobody_there(protocol: Protocol) -> None:
    async with serving() as server:
        url = server.url
    adapter = protocol.open(url)
    with pytest.raises(base.ConnectionLostError, match=r"127\.0\.0\.1"):
        await adapter.complete(kuhn_question())
    await adapter.close()


async def test_silence_ends_in_a_timeout(protocol: Protocol) -> None:
    raised = await failed(protocol, b"HTTP/1.1 200 OK\r\n", pause=5, seconds=0.5)
    assert type(raised) is base.CallTimeoutError


async def test_a_trickle_ends_in_a_timeout_too(protocol: Protocol) -> None:
    trickle = protocol.answered(REPLY)
    pieces = [trickle[at : at + 10] for at in range(0, len(trickle), 10)]
    raised = await failed(protocol, *pieces, pause=0.1, seconds=0.6)
    assert type(raised) is base.CallTimeoutError


async def test_a_cancelled_call_is_cancelled(protocol: Protocol) -> None:
    async with serving(b"HTTP/1.1 200 OK\r\n", pause=5) as server:
        adapter = protocol.open(server.url)
        call = asyncio.ensure_future(adapter.complete(protocol.asked(kuhn_question())))
        await asyncio.wait_for(server.called.wait(), 10)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await adapter.close()


async def test_connections_stay_within_the_limit(protocol: Protocol) -> None:
    async with serving(protocol.answered(REPLY), pause=0.02) as server:
        adapter = protocol.open(server.url, options=AdapterOptions(timeout=10, max_connections=3))
        requests = (protocol.asked(kuhn_question(seed)) for seed in range(9))
        await asyncio.gather(*(adapter.complete(request) for request in requests))
        await adapter.close()
    assert len(server.bodies) == 9
    assert server.most_open == 3


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_keys_are_never_shown(
    protocol: Protocol, status: int, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(protocol.key, key)
    message = f"Incorrect API key provided: {key}, or sk-proj-****wxyz."
    raised = await failed(protocol, protocol.failed(status, message))
    shown = "".join(traceback.format_exception(raised)) + repr(raised)
    assert "Incorrect API key provided: [key], or [key]" in shown
    assert key not in shown
    assert "wxyz" not in shown


async def test_long_messages_are_cut_but_not_through_a_key(
    protocol: Protocol, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(protocol.key, key)
    message = "x" * 495 + f" {key} " + "y" * 495
    shown = str(await failed(protocol, protocol.failed(500, message)))
    assert len(shown) < 600
    assert "sk-" not in shown


@pytest.mark.parametrize("status", [429, 503, 529])
async def test_advice_to_wait_is_passed_on(protocol: Protocol, status: int) -> None:
    raised = await failed(protocol, protocol.failed(status, headers={"retry-after": "7"}))
    assert raised.retry_after == 7.0


async def test_an_allowance_that_is_used_up_asks_for_a_pause(protocol: Protocol) -> None:
    openai = {"remaining": "0", "limit": "60", "reset": "30s"}
    headers = {f"x-ratelimit-{name}-requests": value for name, value in openai.items()}
    moment = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    anthropic = openai | {"reset": moment}
    headers |= {f"anthropic-ratelimit-requests-{name}": v for name, v in anthropic.items()}
    assert 0.4 < (await called(protocol, protocol.answered(REPLY, headers))).pause <= 0.5
    assert (await called(protocol, protocol.answered(REPLY))).pause == 0.0


async def test_no_advice_is_none(protocol: Protocol) -> None:
    assert (await failed(protocol, protocol.failed(429))).retry_after is None
