"""What is Anthropic's own in what comes back from a server, through the real SDK."""

from dataclasses import replace
from typing import Any

import pytest

from canned import event_stream, message, response, serving
from protocols import PROTOCOLS
from questions import kuhn_question
from vsbench.adapters import CallError, Reply, Usage, base

THOUGHT = {"type": "thinking", "thinking": "A king beats all.", "signature": "abc"}
HIDDEN = {"type": "redacted_thinking", "data": "zzz"}
SAID = {"type": "text", "text": '{"action": "bet"}'}


async def called(*pieces: bytes, max_tokens: int = 500) -> Reply:
    """The reply to the one call that a server answers like this."""
    async with serving(*pieces) as server:
        adapter = PROTOCOLS["anthropic"].open(server.url)
        try:
            return await adapter.complete(replace(kuhn_question(), max_tokens=max_tokens))
        finally:
            await adapter.close()


async def streamed(*events: Any) -> Reply:
    """The reply to a call that is answered by these events."""
    return await called(event_stream(*events), max_tokens=30_000)


async def failed(*pieces: bytes, max_tokens: int = 500) -> CallError:
    """The error of such a call."""
    with pytest.raises(CallError) as caught:
        await called(*pieces, max_tokens=max_tokens)
    return caught.value


async def test_an_answer_with_all_that_belongs_to_it() -> None:
    body = message("end_turn", THOUGHT, HIDDEN, SAID)
    body["usage"] = {
        "input_tokens": 40,
        "cache_read_input_tokens": 800,
        "cache_creation_input_tokens": 60,
        "output_tokens": 70,
        "output_tokens_details": {"thinking_tokens": 50},
    }
    assert await called(response(body, headers={"request-id": "req_1"})) == Reply(
        '{"action": "bet"}',
        stop="stop",
        usage=Usage(input=900, output=70, reasoning=50, cached=800, cache_written=60),
        reasoning="A king beats all.",
        served_model="claude-opus-5-5",
        request_id="req_1",
    )


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "stop"),
        (None, "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
    ],
)
async def test_how_answers_end(reason: str, stop: str) -> None:
    assert (await called(response(message(reason)))).stop == stop


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (message("pause_turn"), base.UnfinishedReplyError),
        (message("error"), base.UnfinishedReplyError),
        (message("no_such_reason"), base.UnknownStopReasonError),
        (message(None, {"type": "text", "text": ""}), base.ConnectionLostError),
    ],
)
async def test_endings_that_are_no_answers(body: dict[str, Any], kind: type[CallError]) -> None:
    raised = await failed(response(body))
    assert type(raised) is kind
    assert raised.retryable


async def test_a_refusal_without_a_word_is_explained() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "Not that."}
    body = message("refusal") | {"content": [], "stop_details": details}
    reply = await called(response(body))
    assert (reply.stop, reply.text) == ("refusal", "Not that.")


async def test_texts_are_joined_and_thoughts_too() -> None:
    said = [{"type": "text", "text": text} for text in ("a", "b")]
    reply = await called(response(message("end_turn", THOUGHT, said[0], THOUGHT, said[1])))
    assert (reply.text, reply.reasoning) == ("ab", "A king beats all." * 2)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, Usage()),
        ({}, Usage()),
        ({"input_tokens": None, "output_tokens": "7"}, Usage(0, 7)),
        ({"input_tokens": -5, "output_tokens": 7.0}, Usage(0, 7)),
        ({"input_tokens": 2**60, "output_tokens": 7.5}, Usage()),
        ({"input_tokens": 5, "output_tokens": 2, "output_tokens_details": None}, Usage(5, 2)),
        ({"input_tokens": 5, "cache_read_input_tokens": None}, Usage(5)),
    ],
)
async def test_usage_as_servers_report_it(usage: object, expected: Usage) -> None:
    assert (await called(response(message() | {"usage": usage}))).usage == expected


CREDIT = "Your credit balance is too low to access the Anthropic API."
LIMIT = "You have reached your specified API usage limits. You will regain access tomorrow."
FILTER = "Output blocked by content filtering policy"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"type": "invalid_request_error", "message": CREDIT}, base.AuthError),
        (400, {"type": "invalid_request_error", "message": LIMIT}, base.AuthError),
        (402, {"type": "billing_error"}, base.AuthError),
        (403, {"type": "billing_error"}, base.AuthError),
        (429, {"details": {"error_code": "enforced_spend_limit_reached"}}, base.AuthError),
        (429, {"details": {"error_code": "contract_spend_limit_reached"}}, base.AuthError),
        (429, {"details": {"error_code": "ramp_limit_exceeded"}}, base.RateLimitedError),
        (429, {"type": "rate_limit_error"}, base.RateLimitedError),
        (400, {"type": "invalid_request_error", "message": FILTER}, base.ContentRefusedError),
        (400, {"type": "invalid_request_error"}, base.BadRequestError),
        (413, {"type": "request_too_large"}, base.BadRequestError),
        (529, {"type": "overloaded_error"}, base.OverloadedError),
    ],
)
async def test_errors_by_type_code_and_message(
    status: int, error: dict[str, Any], kind: type[CallError]
) -> None:
    error = {"message": "Because of this."} | error
    body = {"type": "error", "error": error, "request_id": "req_1"}
    raised = await failed(response(body, status))
    assert type(raised) is kind
    assert f"127.0.0.1 answered {status}: {error['message']}" in str(raised)


async def test_an_account_without_credit_says_so() -> None:
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": CREDIT}}
    raised = await failed(response(body, 400))
    assert "no credit left" in str(raised)
    assert not raised.retryable


@pytest.mark.parametrize(
    "body",
    [
        {"content": None},
        {"content": "bet"},
        {"type": "message"},
        {"choices": [{"message": {"content": "bet"}}]},
    ],
)
async def test_json_that_is_no_message(body: object) -> None:
    assert type(await failed(response(body))) is base.ConnectionLostError


async def test_blocks_of_other_kinds_say_nothing() -> None:
    body = message("end_turn", None, "bet", {"type": "text"}, {"type": "odd", "text": "x"})
    assert (await called(response(body))).text == ""


async def test_an_error_inside_a_success_is_an_error() -> None:
    body = {"type": "error", "error": {"type": "overloaded_error", "message": "Upstream."}}
    raised = await failed(response(body, headers={"retry-after": "3"}))
    assert type(raised) is base.OverloadedError
    assert raised.retry_after == 3.0


# Streams.

START = {
    "type": "message_start",
    "message": message(None)
    | {
        "content": [],
        "usage": {
            "input_tokens": 40,
            "cache_read_input_tokens": 800,
            "cache_creation_input_tokens": 60,
            "output_tokens": 1,
        },
    },
}
STOP = {"type": "message_stop"}
PING = {"type": "ping"}


def opening(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def growing(index: int, kind: str, **more: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind} | more}


def ending(stop_reason: str | None, **usage: Any) -> dict[str, Any]:
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": usage}


EVENTS = [
    START,
    opening(0, {"type": "thinking", "thinking": "", "signature": ""}),
    PING,
    growing(0, "thinking_delta", thinking="A king "),
    growing(0, "thinking_delta", thinking="beats all."),
    growing(0, "signature_delta", signature="abc"),
    {"type": "content_block_stop", "index": 0},
    opening(1, {"type": "text", "text": ""}),
    growing(1, "text_delta", text='{"action": '),
    growing(1, "text_delta", text='"bet"}'),
    {"type": "content_block_stop", "index": 1},
    ending("end_turn", output_tokens=70, output_tokens_details={"thinking_tokens": 50}),
    STOP,
]
WHOLE = Reply(
    '{"action": "bet"}',
    usage=Usage(input=900, output=70, reasoning=50, cached=800, cache_written=60),
    reasoning="A king beats all.",
    served_model="claude-opus-5-5",
    request_id="msg_7",
)


async def test_a_streamed_answer_with_all_that_belongs_to_it() -> None:
    assert await streamed(*EVENTS) == WHOLE


async def test_totals_at_the_end_of_a_stream_count() -> None:
    usage = {"input_tokens": 45, "cache_read_input_tokens": None, "output_tokens": 70}
    reply = await streamed(*EVENTS[:-2], ending("max_tokens", **usage), STOP)
    assert reply.usage == Usage(input=905, output=70, cached=800, cache_written=60)
    assert reply.stop == "length"


async def test_events_not_known_here_are_no_trouble() -> None:
    odd = [{"type": "message_mood", "mood": "fine"}, growing(9, "text_delta", text="?"), PING]
    deltas = [growing(1, "citations_delta"), growing(1, "odd_delta", text="?")]
    assert await streamed(EVENTS[0], *odd, *EVENTS[1:9], *deltas, *EVENTS[9:]) == WHOLE


@pytest.mark.parametrize("kept", range(len(EVENTS) - 2))
async def test_a_stream_that_ends_early_brings_no_reply(kept: int) -> None:
    raised = await failed(event_stream(*EVENTS[:kept]), max_tokens=30_000)
    assert type(raised) is base.ConnectionLostError
    assert "ended before its message" in str(raised)


@pytest.mark.parametrize(
    "event",
    [
        b"event: content_block_delta\ndata: {\n\n",
        b"event: content_block_delta\ndata: \xff\n\n",
        b"event: content_block_delta\ndata: " + b"[" * 100_000 + b"\n\n",
    ],
)
async def test_events_that_are_not_the_protocol(event: bytes) -> None:
    raised = await failed(event_stream(*EVENTS[:9], event, *EVENTS[9:]), max_tokens=30_000)
    assert type(raised) is base.ConnectionLostError


@pytest.mark.parametrize("event", [[], None, 7, {}, {"type": None}])
async def test_events_without_a_type_are_passed_over(event: object) -> None:
    odd = f"event: message_delta\ndata: {event!r}\n\n".replace("None", "null").replace("'", '"')
    assert await streamed(*EVENTS[:9], odd.encode(), *EVENTS[9:]) == WHOLE


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("overloaded_error", 529, base.OverloadedError),
        ("api_error", 500, base.OverloadedError),
        ("timeout_error", 504, base.OverloadedError),
        ("rate_limit_error", 429, base.RateLimitedError),
        ("authentication_error", 401, base.AuthError),
        ("billing_error", 402, base.AuthError),
        ("invalid_request_error", 400, base.BadRequestError),
        ("never_seen_error", 500, base.OverloadedError),
    ],
)
@pytest.mark.parametrize("kept", [0, 5, len(EVENTS) - 2])
async def test_errors_in_a_stream(
    kind: str, status: int, expected: type[CallError], kept: int
) -> None:
    error = {"type": "error", "error": {"type": kind, "message": "Because of this."}}
    raised = await failed(event_stream(*EVENTS[:kept], error), max_tokens=30_000)
    assert type(raised) is expected
    assert f"answered {status}: Because of this." in str(raised)


async def test_a_filter_in_a_stream() -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": FILTER}}
    raised = await failed(event_stream(*EVENTS[:5], error), max_tokens=30_000)
    assert type(raised) is base.ContentRefusedError
