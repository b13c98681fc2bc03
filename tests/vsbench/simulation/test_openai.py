"""OpenAI's two APIs as the simulated provider speaks them, met by the real SDK alone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from vsbench.simulation import Simulation, SimulationSettings

LEGAL = SimulationSettings(policy="legal")
SAID = '["left", "right"]'


@pytest.fixture(scope="module")
def legal() -> Iterator[Simulation]:
    """A server for tests that leave its counts alone."""
    with Simulation(LEGAL) as server:
        yield server


def opened(server: Simulation) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.base_url, api_key="-", max_retries=0)


def test_the_sdk_reads_a_response(legal: Simulation) -> None:
    with opened(legal) as client:
        answer = client.responses.create(model="o3", input=SAID, max_output_tokens=500)
    assert json.loads(answer.output_text)["action"] in ("left", "right")
    assert (answer.object, answer.status, answer.model) == ("response", "completed", "o3")
    assert answer.usage.input_tokens > 0
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_the_sdk_gathers_a_streamed_response(legal: Simulation) -> None:
    with opened(legal) as client, client.responses.stream(model="o3", input=SAID) as stream:
        events = list(stream)
        answer = stream.get_final_response()
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) > 1
    assert "".join(deltas) == answer.output_text
    assert json.loads(answer.output_text)["action"] in ("left", "right")
    assert answer.usage.input_tokens > 0


def test_the_sdk_gathers_a_streamed_completion(legal: Simulation) -> None:
    messages = [{"role": "user", "content": SAID}]
    with (
        opened(legal) as client,
        client.chat.completions.stream(model="m", messages=messages) as stream,
    ):
        kinds = [event.type for event in stream]
        completion = stream.get_final_completion()
    assert kinds.count("content.delta") > 1
    (choice,) = completion.choices
    assert json.loads(choice.message.content)["action"] in ("left", "right")
    assert choice.finish_reason == "stop"
    assert completion.usage.total_tokens > 0


def test_both_apis_give_the_same_answers() -> None:
    with Simulation(SimulationSettings(policy="legal")) as server, opened(server) as client:
        chat = client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": SAID}]
        )
        response = client.responses.create(model="m", input=SAID)
        counts = server.counts()
    # What is picked goes by the body; what is billed does not.
    assert chat.usage.prompt_tokens == response.usage.input_tokens
    assert counts.finished_calls == 2


PICTURE = {"type": "input_image", "image_url": "data:image/png;base64,%%%", "detail": "auto"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": 7}, "model must be"),
        ({"input": []}, "input a text or a list"),
        ({"input": ["hm"]}, "not a Responses request"),
        ({"input": [{"role": "tool", "content": "hm"}]}, "unknown role 'tool'"),
        ({"input": [{"role": "user", "content": [{"type": "audio"}]}]}, "neither text nor"),
        ({"input": [{"role": "user", "content": [PICTURE]}]}, "not base64"),
        ({"max_output_tokens": "many"}, "not a Responses request"),
        ({"seed": 7}, "Unknown parameter: 'seed'"),
        ({"messages": []}, "Unknown parameter: 'messages'"),
    ],
)
def test_bodies_that_are_no_request(
    changes: dict[str, Any], message: str, legal: Simulation
) -> None:
    with opened(legal) as client, pytest.raises(openai.BadRequestError) as caught:
        client.post("/responses", cast_to=object, body={"model": "m", "input": SAID} | changes)
    assert message in str(caught.value)


def test_instructions_are_a_system_message(legal: Simulation) -> None:
    with opened(legal) as client:
        asked = client.responses.create(model="m", input=SAID, instructions="Go left.")
        bare = client.responses.create(model="m", input=SAID)
    assert asked.usage.input_tokens > bare.usage.input_tokens


def chat(client: openai.OpenAI, said: str) -> Iterator[Any]:
    messages = [{"role": "user", "content": said}]
    return client.chat.completions.create(model="m", messages=messages, stream=True)


def response(client: openai.OpenAI, said: str) -> Iterator[Any]:
    return client.responses.create(model="m", input=said, stream=True)


@pytest.mark.parametrize("begin", [chat, response])
@pytest.mark.parametrize("fault", ["server_error", "overloaded", "dropped", "stalled", "garbled"])
@pytest.mark.slow
def test_every_second_stream_fails_midway(
    begin: Callable[[openai.OpenAI, str], Iterator[Any]], fault: str
) -> None:
    settings = SimulationSettings(policy="legal", rates={fault: 1.0}, stall=0.1)
    lots, arrived = 12, []
    with Simulation(settings) as server, opened(server) as client:
        for lot in range(lots):
            seen = 0
            try:
                for event in begin(client, f"Lot {lot}: {SAID}"):
                    seen += event.type != "error" if hasattr(event, "type") else 1
            except (openai.OpenAIError, ValueError):
                pass
            arrived.append(seen)
        counts = server.counts()
    assert set(arrived) <= {0, 3}
    assert 2 <= arrived.count(3) <= lots - 2
    assert (counts.failed_calls, counts.finished_calls) == (lots, 0)
