"""OpenAI's Responses: what reaches the server, and what is read in its answers, by the real SDK."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from canned import Canned, answer_response, event_stream, response, serving
from questions import kuhn_question
from vsbench.adapters import (
    AdapterOptions,
    CallError,
    Message,
    Reply,
    Request,
    Sampling,
    Text,
    Usage,
    base,
    open_adapter,
)
from vsbench.adapters.openai.client import openai

WHOLE = {"api": "responses", "stream": "never"}
STREAMED = {"api": "responses", "stream": "always"}


async def called(
    piece: bytes, request: Request | None = None, model: str = "o3", **extra: str
) -> tuple[Reply, Canned]:
    """The reply to the one call that a server answers like this, and the server."""
    options = AdapterOptions(timeout=10, extra=WHOLE | extra)
    async with serving(piece) as server:
        adapter = open_adapter(f"openai-api/{server.url}#{model}", options)
        try:
            return await adapter.complete(request or kuhn_question()), server
        finally:
            await adapter.close()


async def read(body: Mapping[str, Any]) -> Reply:
    return (await called(response(body)))[0]


async def failed(piece: bytes, **extra: str) -> CallError:
    with pytest.raises(CallError) as caught:
        await called(piece, **extra)
    return caught.value


async def sent(request: Request, model: str = "o3", **extra: str) -> dict[str, Any]:
    _, server = await called(response(answer_response()), request, model, **extra)
    assert server.paths == ["/v1/responses"]
    (body,) = server.bodies
    return body


async def test_pictures_arrive_byte_for_byte_and_in_their_place() -> None:
    request = kuhn_question(sampling=Sampling(detail="high"))
    system, user = (await sent(request))["input"]
    assert system == {"role": "developer", "content": request.messages[0].text}
    before, picture, after = user["content"]
    assert before["type"] == after["type"] == "input_text"
    assert before["text"] + "\n\n" + after["text"] == request.messages[1].text
    kind, _, data = picture.pop("image_url").partition(",")
    assert picture == {"type": "input_image", "detail": "high"}
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == request.images[0].png


async def test_reasoning_models_get_their_effort_and_nothing_is_kept() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, reasoning_effort="low")
    body = await sent(kuhn_question(7, sampling), summary="auto")
    del body["input"]
    assert body == {
        "model": "o3",
        "max_output_tokens": 500,
        "reasoning": {"effort": "low", "summary": "auto"},
        "store": False,
    }


async def test_other_models_get_their_sampling() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, reasoning_effort="low")
    body = await sent(kuhn_question(7, sampling), "gpt-4o")
    assert (body["temperature"], body["top_p"]) == (0.5, 0.9)
    assert "reasoning" not in body
    assert "seed" not in body


async def test_a_conversation_keeps_its_turns() -> None:
    turns = (Message("assistant", (Text("Hm."),)), Message("user", (Text('["pass"]'),)))
    request = Request((*kuhn_question().messages, *turns), max_tokens=16, seed=0)
    assert (await sent(request))["input"][2:] == [
        {"role": "assistant", "content": "Hm."},
        {"role": "user", "content": '["pass"]'},
    ]


@pytest.mark.parametrize(
    ("model", "url", "api", "path"),
    [
        ("o3", None, None, "/responses"),
        ("gpt-5.1", None, None, "/responses"),
        ("gpt-4o", None, None, "/chat/completions"),
        ("gpt-4o", None, "responses", "/responses"),
        ("o3", None, "chat", "/chat/completions"),
        ("o3", "https://proxy.example/v1", None, "/chat/completions"),
    ],
)
def test_which_api_is_used(
    model: str, url: str | None, api: str | None, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
    adapter = openai(model, AdapterOptions(extra={"api": api} if api else {}))
    assert adapter.wire.path == path


@pytest.mark.parametrize("extra", [{"api": "legacy"}, {"apis": "chat"}, {"server": "vllm"}])
def test_an_option_that_is_none(extra: Mapping[str, str]) -> None:
    with pytest.raises(base.BadRequestError, match=r"openai\.api"):
        openai("o3", AdapterOptions(extra=extra))


def said(text: str) -> dict[str, Any]:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


def declined(text: str) -> dict[str, Any]:
    return {"type": "message", "content": [{"type": "refusal", "refusal": text}]}


def thought(*texts: str, field: str = "summary") -> dict[str, Any]:
    return {"type": "reasoning", field: [{"type": "summary_text", "text": t} for t in texts]}


def incomplete(reason: str) -> dict[str, Any]:
    return {"status": "incomplete", "incomplete_details": {"reason": reason}}


@pytest.mark.parametrize(
    ("output", "more", "stop", "text"),
    [
        ([said("bet")], {}, "stop", "bet"),
        ([thought(), said("be"), said("t")], {}, "stop", "bet"),
        ([thought()], incomplete("max_output_tokens"), "length", ""),
        ([said('{"act')], incomplete("max_output_tokens"), "length", '{"act'),
        ([said("be")], incomplete("content_filter"), "refusal", "be"),
        ([declined("I won't.")], {}, "refusal", "I won't."),
        ([{"type": "tool_call"}, said("bet"), None, {}], {}, "stop", "bet"),
    ],
)
async def test_how_answers_end(
    output: list[Any], more: dict[str, Any], stop: str, text: str
) -> None:
    reply = await read(answer_response(*output, **more))
    assert (reply.stop, reply.text) == (stop, text)


@pytest.mark.parametrize("field", ["summary", "content"])
async def test_visible_thinking(field: str) -> None:
    reply = await read(answer_response(thought("A king", "beats all.", field=field), said("bet")))
    assert reply.reasoning == "A king\n\nbeats all."


async def test_usage_tells_reasoning_and_both_ways_of_caching() -> None:
    body = answer_response()
    body["usage"] |= {
        "input_tokens_details": {"cached_tokens": 800, "cache_write_tokens": 64},
        "output_tokens_details": {"reasoning_tokens": 3},
    }
    assert (await read(body)).usage == Usage(900, 7, reasoning=3, cached=800, cache_written=64)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", base.OverloadedError),
        ("rate_limit_exceeded", base.RateLimitedError),
        ("invalid_prompt", base.ContentRefusedError),
        ("bio_policy", base.ContentRefusedError),
        ("invalid_image", base.BadRequestError),
        ("image_too_large", base.BadRequestError),
        ("insufficient_quota", base.AuthError),
        ("something_new", base.OverloadedError),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_failed_response_is_its_error(
    streamed: bool, code: str, kind: type[CallError]
) -> None:
    error = {"code": code, "message": "Because of this."}
    body = answer_response(status="failed", output=[], error=error)
    if streamed:
        piece = event_stream({"type": "response.failed", "response": body})
        raised = await failed(piece, **STREAMED)
    else:
        raised = await failed(response(body))
    assert type(raised) is kind
    assert "Because of this." in str(raised)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("queued", base.UnfinishedReplyError),
        ("in_progress", base.UnfinishedReplyError),
        ("cancelled", base.UnfinishedReplyError),
        (None, base.ConnectionLostError),
    ],
)
async def test_a_response_that_is_no_answer(status: str | None, kind: type[CallError]) -> None:
    body = answer_response(said("bet"), status=status)
    assert type(await failed(response(body))) is kind


BEGUN = {"type": "response.created", "response": {"status": "in_progress", "output": []}}
ITEM = {"type": "response.output_item.done", "output_index": 1, "item": said("bet")}
THOUGHT = {"type": "response.output_item.done", "output_index": 0, "item": thought("Hm.")}


async def test_a_stream_whose_end_leaves_out_what_it_told() -> None:
    ended = {"type": "response.completed", "response": answer_response() | {"output": []}}
    reply, _ = await called(event_stream(BEGUN, THOUGHT, ITEM, ended), **STREAMED)
    assert (reply.text, reply.reasoning) == ("bet", "Hm.")
    assert reply.usage == Usage(900, 7)


async def test_a_stream_without_its_end_is_a_broken_connection() -> None:
    raised = await failed(event_stream(BEGUN, THOUGHT, ITEM), **STREAMED)
    assert type(raised) is base.ConnectionLostError


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down."},
        {"type": "error", "error": {"code": "rate_limit_exceeded", "message": "Slow down."}},
        {"type": "error", "error": {"type": "requests", "message": "Slow down."}},
    ],
)
async def test_an_error_in_a_stream_is_that_error(event: dict[str, Any]) -> None:
    raised = await failed(event_stream(BEGUN, event), **STREAMED)
    assert type(raised) is base.RateLimitedError
    assert "Slow down." in str(raised)


async def test_who_may_not_stream_is_told_the_way_out() -> None:
    error = {"message": "Your organization must be verified.", "param": "stream", "code": "x"}
    raised = await failed(response({"error": error}, 400), **STREAMED)
    assert type(raised) is base.BadRequestError
    assert "stream=never" in str(raised)


async def test_long_requests_are_streamed() -> None:
    request = replace(kuhn_question(), max_tokens=30_000)
    events = event_stream({"type": "response.completed", "response": answer_response()})
    reply, server = await called(events, request, "gpt-4o", stream="auto")
    assert reply.text == '{"action": "bet"}'
    assert server.bodies[0]["stream"] is True
