"""What reaches a server of OpenAI's protocol, through the real SDK."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from canned import completion, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, Message, Request, Sampling, Text, open_adapter
from vsbench.adapters.base import BadRequestError
from vsbench.simulation import Simulation, SimulationSettings

OPTIONS = AdapterOptions(timeout=10, max_connections=4)
ANSWER = response(completion())


async def sent(model: str, request: Request) -> dict[str, Any]:
    """The body that arrives, of a call that is answered in one piece."""
    async with serving(ANSWER) as server:
        options = replace(OPTIONS, extra={"stream": "never"})
        adapter = open_adapter(f"openai-api/{server.url}#{model}", options)
        await adapter.complete(request)
        await adapter.close()
    (body,) = server.bodies
    return body


async def test_pictures_arrive_byte_for_byte_and_in_their_place() -> None:
    request = kuhn_question(sampling=Sampling(detail="high"))
    system, user = (await sent("gpt-4o", request))["messages"]
    assert system == {"role": "system", "content": request.messages[0].text}
    before, picture, after = user["content"]
    assert before["text"] + "\n\n" + after["text"] == request.messages[1].text
    assert picture["image_url"]["detail"] == "high"
    kind, _, data = picture["image_url"]["url"].partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == request.images[0].png


async def test_ordinary_models_get_every_option_that_they_take() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, reasoning_effort="low")
    body = await sent("gpt-4o", kuhn_question(7, sampling))
    del body["messages"]
    assert body == {
        "model": "gpt-4o",
        "max_tokens": 500,
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 7,
    }


async def test_reasoning_models_get_their_own_options() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, reasoning_effort="low")
    body = await sent("o3", kuhn_question(7, sampling))
    assert [message["role"] for message in body.pop("messages")] == ["developer", "user"]
    assert body == {
        "model": "o3",
        "max_completion_tokens": 500,
        "reasoning_effort": "low",
        "seed": 7,
    }


async def test_what_is_not_set_is_left_to_the_provider() -> None:
    body = await sent("some-model", kuhn_question(sampling=Sampling(temperature=None)))
    assert set(body) == {"model", "messages", "max_tokens", "seed"}


async def test_models_not_known_here_may_reason() -> None:
    body = await sent("some-model", kuhn_question(sampling=Sampling(reasoning_effort="high")))
    assert body["reasoning_effort"] == "high"
    assert body["temperature"] == 1.0


async def test_a_conversation_keeps_its_turns() -> None:
    turns = (Message("assistant", (Text("Hm."),)), Message("user", (Text('["pass"]'),)))
    request = Request((*kuhn_question().messages, *turns), max_tokens=1, seed=0)
    assert (await sent("gpt-4o", request))["messages"][2:] == [
        {"role": "assistant", "content": "Hm."},
        {"role": "user", "content": '["pass"]'},
    ]


@pytest.mark.parametrize(
    ("model", "max_tokens", "effort", "option", "streamed"),
    [
        ("gpt-4o", 500, None, "auto", False),
        ("gpt-4o", 500, None, "always", True),
        ("gpt-4o", 16_000, "high", "auto", True),
        ("some-model", 21_333, None, "auto", False),
        ("some-model", 21_334, None, "auto", True),
        ("some-model", 500, "low", "auto", True),
        ("o3", 500, None, "auto", True),
        ("o3", 30_000, None, "never", False),
    ],
)
async def test_replies_that_may_be_long_in_coming_are_streamed(
    model: str, max_tokens: int, effort: str | None, option: str, streamed: bool
) -> None:
    request = kuhn_question(sampling=Sampling(reasoning_effort=effort))
    body = await sent_either(model, replace(request, max_tokens=max_tokens), option)
    assert body.get("stream", False) is streamed
    assert ("stream_options" in body) is streamed


async def sent_either(model: str, request: Request, option: str) -> dict[str, Any]:
    """The body that arrives at a server that answers as it is asked."""
    with Simulation(SimulationSettings(policy="legal")) as simulated:
        url = simulated.base_url
        options = replace(OPTIONS, extra={"stream": option})
        adapter = open_adapter(f"openai-api/{url}#{model}", options)
        body = adapter.body(request)
        assert (await adapter.complete(request)).text
        await adapter.close()
    return body


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"VSBENCH_API_KEY": "other", "OPENAI_API_KEY": "usual"}, "other"),
        ({"OPENAI_API_KEY": "usual"}, "none"),
        ({}, "none"),
    ],
)
async def test_compatible_servers_get_their_own_key_or_none(
    variables: dict[str, str], shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    async with serving(ANSWER) as server:
        adapter = open_adapter(f"openai-api/{server.url}#m", OPTIONS)
        await adapter.complete(kuhn_question())
        await adapter.close()
    assert server.headers[0]["authorization"] == f"Bearer {shown}"


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8000/v1",
        "http://localhost:8000/v1#",
        "#model",
        "localhost:8000/v1#model",
        "ftp://localhost/v1#model",
        "http://#model",
        "http://local host/v1#model",
        "http://localhost:99999/v1#model",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(BadRequestError, match="http://host:port/v1"):
        open_adapter(f"openai-api/{address}", OPTIONS)
