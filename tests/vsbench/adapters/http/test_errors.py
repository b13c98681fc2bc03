"""Odd replies that providers were seen to send, as what they are, through the real SDKs."""

import json
import logging
from typing import Any

import pytest

from canned import chunks, completion, event_stream, message, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, CallError, Reply, Usage, base, open_adapter
from vsbench.adapters.http.stop_reasons import MEANINGS, meaning_of

BET = '{"action": "bet"}'


async def called(piece: bytes, **extra: str) -> Reply:
    """The reply to the one call that a server answers like this."""
    async with serving(piece) as server:
        options = AdapterOptions(timeout=10, extra=extra)
        adapter = open_adapter(f"openai-api/{server.url}#m", options)
        try:
            return await adapter.complete(kuhn_question())
        finally:
            await adapter.close()


async def failed(piece: bytes, **extra: str) -> CallError:
    with pytest.raises(CallError) as caught:
        await called(piece, **extra)
    return caught.value


async def in_both_ways(reason: str | None, said: str = BET) -> list[Reply | CallError]:
    """A completion that ends for a reason, whole and streamed."""
    streamed = chunks({"delta": {"content": said}}, {"finish_reason": reason})
    ends: list[Reply | CallError] = []
    for piece, stream in (
        (response(completion(reason, content=said)), "never"),
        (streamed, "always"),
    ):
        try:
            ends.append(await called(piece, stream=stream))
        except CallError as error:
            ends.append(error)
    return ends


def test_no_reason_has_two_meanings() -> None:
    assert all(reason == reason.lower() for reason in MEANINGS)
    assert meaning_of("STOP") == "answer"
    assert meaning_of("MAX_TOKENS") == "cut_off"
    assert meaning_of("frobnicated") is None
    assert meaning_of("frobnicated", ["frobnicated"]) == "answer"


@pytest.mark.parametrize(
    "reason", ["error", "abort", "network_error", "insufficient_system_resource"]
)
@pytest.mark.parametrize("said", [BET, ""])
async def test_an_answer_that_the_provider_broke_off_is_no_answer(reason: str, said: str) -> None:
    for end in await in_both_ways(reason, said):
        assert type(end) is base.UnfinishedReplyError
        assert end.retryable
        assert reason in str(end)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("stop", "stop"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        ("STOP", "stop"),
        ("max_tokens", "length"),
        ("model_length", "length"),
        ("model_context_window_exceeded", "length"),
        ("sensitive", "refusal"),
        ("content_filter", "refusal"),
        ("SAFETY", "refusal"),
    ],
)
async def test_reasons_of_other_providers(reason: str, stop: str) -> None:
    ends = await in_both_ways(reason)
    assert [end.stop for end in ends if isinstance(end, Reply)] == [stop, stop]


async def test_an_unknown_reason_is_reported_and_never_an_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        ends = await in_both_ways("quux")
    assert {type(end) for end in ends} == {base.UnknownStopReasonError}
    assert "--model-option openai-api.finish_reasons=" in str(ends[0])
    assert [record.message for record in caplog.records].count(
        "unknown finish reason 'quux': replies with it do not count as answers"
    ) == 1
    assert (await called(response(completion("quux")), finish_reasons="foo, quux")).text == BET


async def test_without_a_reason_a_whole_text_is_an_answer_and_a_stream_is_not() -> None:
    whole, streamed = await in_both_ways(None)
    assert isinstance(whole, Reply)
    assert whole.stop == "stop"
    assert type(streamed) is base.ConnectionLostError
    assert type((await in_both_ways(None, ""))[0]) is base.ConnectionLostError


FILTERED = {"hate": {"filtered": True, "severity": "high"}}
NOTICE = [{"prompt_index": 0, "content_filter_results": FILTERED}]


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"index": 0, "message": None, "finish_reason": "content_filter"}]},
        {"choices": [], "prompt_filter_results": NOTICE},
        {"choices": [], "prompt_feedback": {"block_reason": "SAFETY"}},
        {"choices": [{"index": 0, "message": {"content": None}, "finish_reason": "sensitive"}]},
    ],
)
async def test_a_filter_that_leaves_no_message_is_a_refusal(body: Any) -> None:
    reply = await called(response(body))
    assert (reply.stop, reply.text) == ("refusal", "")


async def test_a_filter_s_notice_in_a_stream_is_a_refusal() -> None:
    notice = {"choices": [], "prompt_filter_results": NOTICE}
    piece = event_stream(f"data: {json.dumps(notice)}\n\n".encode(), b"data: [DONE]\n\n")
    assert (await called(piece, stream="always")).stop == "refusal"
    passed = {"choices": [], "prompt_filter_results": [{"content_filter_results": {}}]}
    piece = event_stream(f"data: {json.dumps(passed)}\n\n".encode(), b"data: [DONE]\n\n")
    assert type(await failed(piece, stream="always")) is base.ConnectionLostError


CONTEXT = "This model's maximum context length is 8192 tokens."

ERRORS = [
    ({"error": {"message": "bad key", "type": "authentication_error"}}, base.AuthError, "bad key"),
    ({"error": {"code": "429"}}, base.RateLimitedError, "429"),
    ({"error": {"code": 429, "message": "Busy."}}, base.RateLimitedError, "Busy."),
    ({"error": "model is loading"}, base.OverloadedError, "model is loading"),
    ({"object": "error", "message": CONTEXT, "code": 400}, base.ContextExceededError, CONTEXT),
    ({"error": {"message": "No.", "code": "InvalidApiKey"}}, base.AuthError, "No."),
    ({"code": "Throttling.RateQuota", "message": "Slow."}, base.RateLimitedError, "Slow."),
    ({"error": {"message": "No.", "type": "BadRequestError"}}, base.BadRequestError, "No."),
    ({"error": {"code": "1301", "message": "No."}}, base.ContentRefusedError, "No."),
    ({"error": {"code": "1113", "message": "No."}}, base.AuthError, "No."),
    (
        {"error": {"status": "RESOURCE_EXHAUSTED", "message": "Slow."}},
        base.RateLimitedError,
        "Slow",
    ),
    ({"error": {"message": "Odd.", "code": "odd"}}, base.OverloadedError, "Odd."),
    ({"error": {"message": "Busy.", "code": 502, "metadata": {}}}, base.OverloadedError, "Busy."),
    ({"detail": [{"loc": ["body"], "msg": "Missing."}]}, base.OverloadedError, "Missing."),
    ({"base_resp": {"status_code": 1004, "status_msg": "No."}}, base.AuthError, "No."),
]


@pytest.mark.parametrize(("body", "kind", "told"), ERRORS)
@pytest.mark.parametrize("stream", ["never", "always"])
async def test_an_error_inside_a_success(
    body: Any, kind: type[CallError], told: str, stream: str
) -> None:
    raised = await failed(response(body), stream=stream)
    assert type(raised) is kind
    assert told in str(raised)


async def test_an_error_in_a_choice() -> None:
    choice = {"finish_reason": "error", "error": {"code": 429, "message": "Busy."}}
    body = completion() | {"choices": [choice | {"message": {"content": BET}}]}
    assert type(await failed(response(body))) is base.RateLimitedError
    streamed = chunks({"delta": {"content": BET}}, choice)
    assert type(await failed(streamed, stream="always")) is base.RateLimitedError


IMAGES = "image input is not supported - hint: you may need to provide the mmproj"
DAY = "Rate limit reached for gpt-4o on requests per day (RPD): Limit 200, Used 200."
TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
ONLY = "This model is only supported in v1/responses and not in v1/chat/completions."
FREE = "Rate limit exceeded: free-models-per-day."
METRIC = "Quota exceeded for metric: generate_content_free_tier_requests"
PER_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}


@pytest.mark.parametrize(
    ("status", "error", "kind", "hint"),
    [
        (500, {"message": IMAGES}, base.BadRequestError, "--modality text"),
        (404, {"message": "No endpoints found that support image input"}, None, "--modality text"),
        (400, {"message": "Error code: 400 - At most 0 image(s) may be given"}, None, "--modality"),
        (429, {"message": DAY, "code": "rate_limit_exceeded"}, base.QuotaExhaustedError, "resume"),
        (429, {"message": FREE}, base.QuotaExhaustedError, "resume"),
        (429, {"message": METRIC, "details": [PER_DAY]}, base.QuotaExhaustedError, "resume"),
        (400, {"message": TOKENS}, base.BadRequestError, "openai-api.token_limit=max_completion_"),
        (404, {"message": ONLY}, base.BadRequestError, "openai-api.api=responses"),
        (400, {"message": CONTEXT}, base.ContextExceededError, "--max-tokens"),
        (400, {"message": "max_tokens is too large: 65536."}, base.ContextExceededError, "--max-t"),
        (
            400,
            {"message": "Range of max_tokens should be [1, 8192]"},
            base.ContextExceededError,
            "--max-tokens",
        ),
        (403, {"message": "Your input was flagged."}, base.ContentRefusedError, ""),
    ],
)
async def test_permanent_faults_are_told_at_once_with_the_option_that_helps(
    status: int, error: dict[str, Any], kind: type[CallError] | None, hint: str
) -> None:
    raised = await failed(response({"error": error}, status))
    assert type(raised) is (kind or base.BadRequestError)
    assert not raised.retryable
    assert error["message"][:20] in str(raised)
    assert hint in str(raised)


@pytest.mark.parametrize(
    "text",
    [
        "Rate limit reached on requests per min (RPM): Limit 3. Try again in 20s.",
        "Quota exceeded for GenerateRequestsPerMinutePerProjectPerModel. Retry in 35s.",
        "You exceeded your current quota, please check your plan and billing details.",
        "maximum tokens per minute exceeded",
    ],
)
async def test_limits_by_the_minute_are_worth_waiting_for(text: str) -> None:
    assert type(await failed(response({"error": {"message": text}}, 429))) is base.RateLimitedError


async def test_the_field_that_limits_tokens_is_an_option() -> None:
    async with serving(response(completion())) as server:
        options = AdapterOptions(extra={"token_limit": "max_completion_tokens"})
        adapter = open_adapter(f"openai-api/{server.url}#m", options)
        await adapter.complete(kuhn_question())
        await adapter.close()
    assert server.bodies[0]["max_completion_tokens"] == 500
    assert "max_tokens" not in server.bodies[0]


@pytest.mark.parametrize("stream", ["never", "always"])
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_an_answer_among_the_reasoning_is_read_when_told(field: str, stream: str) -> None:
    said = {"content": None, field: BET}
    pieces = chunks({"delta": said}, {"finish_reason": "stop"})
    piece = pieces if stream == "always" else response(completion(**said))
    reply = await called(piece, stream=stream)
    assert (reply.text, reply.reasoning) == ("", BET)
    (hint,) = reply.hints
    assert "--model-option openai-api.answer_in_reasoning=true" in hint
    reply = await called(piece, stream=stream, answer_in_reasoning="true")
    assert (reply.text, reply.reasoning, reply.hints) == (BET, "", ())


async def test_reasoning_that_was_cut_off_is_no_answer() -> None:
    piece = response(completion("length", content=None, reasoning_content=BET))
    reply = await called(piece, answer_in_reasoning="true")
    assert (reply.text, reply.stop) == ("", "length")


THINKING = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "A king."}]},
    {"type": "text", "text": BET},
]


async def test_content_in_parts_whole_and_streamed() -> None:
    for piece, stream in (
        (response(completion(content=THINKING)), "never"),
        (chunks({"delta": {"content": THINKING}}, {"finish_reason": "stop"}), "always"),
        (
            chunks(*({"delta": {"content": [p]}} for p in THINKING), {"finish_reason": "stop"}),
            "always",
        ),
    ):
        reply = await called(piece, stream=stream)
        assert (reply.text, reply.reasoning) == (BET, "A king.")


ODD_BLOCKS = [
    b"retry: 3000\n\n",
    b"id: 1\n\n",
    b": ping\n\n",
    b"event: open\n\n",
    b"\xef\xbb\xbf\n\n",
    b"\r\n\r\n",
]


@pytest.mark.parametrize("block", ODD_BLOCKS)
async def test_a_stream_that_begins_with_a_block_without_data(block: bytes) -> None:
    body = completion() | {"choices": [{"delta": {"content": BET}, "finish_reason": "stop"}]}
    said = f"data: {json.dumps(body)}\n\n".encode()
    for piece in (event_stream(block, said), event_stream(block, said.replace(b"\n", b"\r\n"))):
        assert (await called(piece, stream="always")).text == BET
    async with serving(event_stream(block, *events_of_a_message())) as server:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ANTHROPIC_BASE_URL", server.url)
            adapter = open_adapter("anthropic/m", AdapterOptions(timeout=10))
        reply = await adapter.complete(base.Request(kuhn_question().messages, 30_000, 0))
        await adapter.close()
    assert reply.text == BET


def events_of_a_message() -> list[Any]:
    whole = message()
    return [
        {"type": "message_start", "message": whole | {"content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": whole["content"][0]},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    ]


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": -1.5, "completion_tokens": "x"}])
async def test_usage_that_makes_no_sense_is_not_reported(usage: object) -> None:
    assert (await called(response(completion() | {"usage": usage}))).usage == Usage()


ONE = '{"choices": [{"delta": {"content": "bet"}, "finish_reason": "stop"}]}'
OTHER = '{"choices": [{"index": 1, "delta": {"content": "pass"}}]}'


@pytest.mark.parametrize(
    "stream",
    [
        f"data: {ONE}",
        f"data: {ONE}\n\ndata:  [DONE]\n\n",
        f"data: {ONE[:12]}\ndata: {ONE[12:]}\n\n",
        f"data:{ONE}\r\rdata:[DONE]\r\r",
        f"data: {ONE.replace('delta', 'message')}\n\n",
        f"data: {OTHER}\n\ndata: {ONE}\n\n",
    ],
)
async def test_streams_as_servers_write_them(stream: str) -> None:
    assert (await called(event_stream(stream.encode()), stream="always")).text == "bet"


async def test_an_error_event_without_an_error_field() -> None:
    piece = event_stream(b'event: error\ndata: {"message": "Slow.", "code": "429"}\n\n')
    raised = await failed(piece, stream="always")
    assert type(raised) is base.RateLimitedError
    assert "Slow." in str(raised)


@pytest.mark.parametrize("reason", [{"a": 1}, ["stop"], 7, True])
async def test_a_reason_that_is_no_text_is_unknown(reason: Any) -> None:
    assert {type(end) for end in await in_both_ways(reason)} == {base.UnknownStopReasonError}


async def test_content_that_is_one_part() -> None:
    assert (await called(response(completion(content={"text": BET})))).text == BET
