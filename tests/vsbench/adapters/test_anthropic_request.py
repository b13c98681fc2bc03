"""What reaches a server of Anthropic's protocol, through the real SDK."""

import base64
from dataclasses import replace
from typing import Any

import anthropic as sdk
import pytest

from canned import Canned, message, response, serving
from protocols import PROTOCOLS
from questions import kuhn_question, text_question
from vsbench.adapters import Image, Message, Request, Sampling, Text
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.http.endpoint import STREAMED_ABOVE
from vsbench.models import traits_of

OLD, NEW = "claude-haiku-4-5-20251001", "claude-opus-5-5"
CURRENT, SAMPLING = "2026-10-21", "2023-06-01"
"""Versions of the API."""


async def asked(model: str, request: Request) -> Canned:
    """The server, with what arrived there."""
    async with serving(response(message())) as server:
        adapter = PROTOCOLS["anthropic"].open(server.url, model)
        await adapter.complete(request)
        await adapter.close()
    return server


async def sent(model: str, request: Request) -> dict[str, Any]:
    """The body that arrives."""
    (body,) = (await asked(model, request)).bodies
    return body


def wanting(max_tokens: int = 500, **sampling: Any) -> Request:
    return replace(kuhn_question(sampling=Sampling(**sampling)), max_tokens=max_tokens)


async def test_pictures_arrive_byte_for_byte_and_in_their_place() -> None:
    request = kuhn_question()
    (turn,) = (await sent(NEW, request))["messages"]
    assert turn["role"] == "user"
    before, picture, after = turn["content"]
    assert before == {"type": "text", "text": request.messages[1].parts[0].text}
    assert after == {"type": "text", "text": request.messages[1].parts[2].text}
    data = picture["source"].pop("data")
    assert picture == {"type": "image", "source": {"type": "base64", "media_type": "image/png"}}
    assert base64.b64decode(data) == request.images[0].png


async def test_the_system_message_is_to_be_cached() -> None:
    request = kuhn_question()
    body = await sent(NEW, request)
    (block,) = body["system"]
    assert block == {
        "type": "text",
        "text": request.messages[0].text,
        "cache_control": {"type": "ephemeral"},
    }
    assert "cache_control" not in str(body["messages"])


async def test_of_several_system_messages_the_end_is_marked() -> None:
    first, second = (Message("system", (Text(text),)) for text in ("Be.", "Be good."))
    request = replace(kuhn_question(), messages=(first, second, kuhn_question().messages[1]))
    blocks = (await sent(NEW, request))["system"]
    assert [block["text"] for block in blocks] == ["Be.", "Be good."]
    assert ["cache_control" in block for block in blocks] == [False, True]


async def test_without_a_system_message_there_is_none() -> None:
    assert set(await sent(OLD, text_question("Hm?"))) == {"model", "messages", "max_tokens"}


async def test_pictures_in_system_messages_are_refused() -> None:
    request = Request((Message("system", (Image(b"png"),)),), max_tokens=1, seed=0)
    with pytest.raises(BadRequestError, match="no pictures in system messages"):
        await sent(NEW, request)


async def test_a_conversation_keeps_its_turns() -> None:
    turns = (Message("assistant", (Text("Hm."),)), Message("user", (Text('["pass"]'),)))
    request = Request((*kuhn_question().messages, *turns), max_tokens=1, seed=0)
    assert (await sent(NEW, request))["messages"][1:] == [
        {"role": "assistant", "content": [{"type": "text", "text": "Hm."}]},
        {"role": "user", "content": [{"type": "text", "text": '["pass"]'}]},
    ]


async def test_blank_texts_which_the_api_rejects_are_left_out() -> None:
    turns = (
        Message("system", (Text(" "),)),
        Message("user", (Text("\n"), Text("Go."), Text(""))),
        Message("assistant", (Text(""),)),
    )
    body = await sent(NEW, Request(turns, max_tokens=1, seed=0))
    assert "system" not in body
    assert body["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Go."}]}]


@pytest.mark.parametrize("model", [OLD, NEW, "claude-opus-7", "some-model"])
async def test_the_usual_temperature_is_what_every_model_has(model: str) -> None:
    for temperature in (1.0, None):
        server = await asked(model, wanting(temperature=temperature))
        assert set(server.bodies[0]) - {"thinking"} == {"model", "max_tokens", "system", "messages"}
        assert server.headers[0]["anthropic-version"] == CURRENT


@pytest.mark.parametrize("model", [OLD, "claude-sonnet-4-6", "some-model"])
async def test_models_that_sample_are_told_how_in_the_version_that_takes_it(model: str) -> None:
    server = await asked(model, wanting(temperature=0.0, top_p=0.9))
    assert server.bodies[0]["temperature"] == 0.0
    assert server.bodies[0]["top_p"] == 0.9
    assert server.headers[0]["anthropic-version"] == SAMPLING


@pytest.mark.parametrize(
    ("model", "effort"),
    [(NEW, None), ("claude-opus-4-7", None), (OLD, "low"), ("claude-opus-4-6", "high")],
)
async def test_models_that_think_or_never_sample_are_not_told(
    model: str, effort: str | None
) -> None:
    request = wanting(8000, temperature=0.0, top_p=0.9, reasoning_effort=effort)
    server = await asked(model, request)
    assert not {"temperature", "top_p"} & set(server.bodies[0])
    assert server.headers[0]["anthropic-version"] == CURRENT


@pytest.mark.parametrize("effort", ["low", "medium", "high", "xhigh", "max"])
@pytest.mark.parametrize("model", [NEW, "claude-sonnet-4-6", "claude-opus-7"])
async def test_current_models_take_an_effort_by_name(model: str, effort: str) -> None:
    body = await sent(model, wanting(reasoning_effort=effort))
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert body["output_config"] == {"effort": effort}


@pytest.mark.parametrize(
    ("effort", "most", "budget"),
    [
        ("low", 8192, 1638),
        ("medium", 8192, 4096),
        ("high", 8192, 6553),
        ("high", 16384, 13107),
        ("low", 2000, 1024),
    ],
)
async def test_older_models_think_within_a_share_of_the_tokens(
    effort: str, most: int, budget: int
) -> None:
    body = await sent(OLD, wanting(most, reasoning_effort=effort))
    assert body["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert body["max_tokens"] == most
    assert "output_config" not in body


@pytest.mark.parametrize("model", [OLD, NEW])
async def test_a_number_is_a_budget(model: str) -> None:
    body = await sent(model, wanting(8192, reasoning_effort="2048"))
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2048}


async def test_an_effort_that_cannot_be_told_in_tokens() -> None:
    with pytest.raises(BadRequestError, match="low, medium, high, none, or a number"):
        await sent(OLD, wanting(reasoning_effort="utmost"))


@pytest.mark.parametrize(
    ("model", "kind"),
    [(OLD, "disabled"), ("claude-haiku-5-5", "disabled"), ("claude-sonnet-5-5", "between_tools")],
)
async def test_not_to_think(model: str, kind: str) -> None:
    body = await sent(model, wanting(temperature=1.0, reasoning_effort="none"))
    assert body["thinking"] == {"type": kind}


@pytest.mark.parametrize(
    ("model", "adaptive", "samples", "most"),
    [
        ("claude-fable-5-2", True, False, 128_000),
        ("claude-opus-5-5", True, False, 128_000),
        ("claude-sonnet-5-5", True, False, 128_000),
        ("claude-haiku-5-5", True, False, 128_000),
        ("claude-opus-5", True, False, 128_000),
        ("claude-sonnet-5", True, False, 128_000),
        ("claude-opus-4-8", True, False, 128_000),
        ("claude-opus-4-7", True, False, 128_000),
        ("claude-opus-4-6", True, True, 128_000),
        ("claude-sonnet-4-6", True, True, 64_000),
        ("claude-haiku-4-5", False, True, 64_000),
        ("claude-opus-4-5-20251101", False, True, 64_000),
        ("claude-sonnet-6", True, True, None),
        ("glm-5v", True, True, None),
    ],
)
def test_families(model: str, adaptive: bool, samples: bool, most: int | None) -> None:
    found = traits_of(model)
    assert (found.effort == "name", found.samples) == (adaptive, samples)
    assert found.max_output == most


async def test_streams_begin_where_the_sdk_demands_them() -> None:
    async with sdk.AsyncAnthropic(api_key="-", base_url="http://127.0.0.1:9") as client:
        create = client.messages.create
        ask = {"model": NEW, "messages": [{"role": "user", "content": "Go."}]}
        with pytest.raises(ValueError, match="Streaming is required"):
            await create(max_tokens=STREAMED_ABOVE + 1, **ask)
        with pytest.raises(sdk.APIConnectionError):
            await client.with_options(max_retries=0).messages.create(
                max_tokens=STREAMED_ABOVE, **ask
            )
    assert "stream" not in await sent(NEW, wanting(STREAMED_ABOVE))


async def test_the_address_may_end_in_the_version_or_not() -> None:
    async with serving(response(message())) as server:
        for url in (server.url, server.url + "/", server.url.removesuffix("/v1")):
            adapter = PROTOCOLS["anthropic"].open(url)
            await adapter.complete(kuhn_question())
            await adapter.close()
    assert server.paths == ["/v1/messages"] * 3
