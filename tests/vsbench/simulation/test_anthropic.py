"""Anthropic's protocol as the simulated provider speaks it, met by the real SDK alone."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest

from vsbench.simulation import Simulation, SimulationSettings

LEGAL = SimulationSettings(policy="legal")
ASK = {
    "model": "claude-opus-5-5",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": '["left", "right"]'}],
}


@pytest.fixture(scope="module")
def legal() -> Iterator[Simulation]:
    """A server for tests that leave its counts alone."""
    with Simulation(LEGAL) as server:
        yield server


def opened(server: Simulation, **more: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(
        base_url=server.anthropic_url, max_retries=0, **{"api_key": "-"} | more
    )


def test_the_sdk_reads_an_answer(legal: Simulation) -> None:
    with opened(legal) as client:
        message = client.messages.create(**ASK)
    assert json.loads(message.content[0].text)["action"] in ("left", "right")
    assert (message.type, message.role, message.stop_reason) == ("message", "assistant", "end_turn")
    assert message.model == "claude-opus-5-5"
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0


def test_the_sdk_gathers_a_stream(legal: Simulation) -> None:
    with opened(legal) as client, client.messages.stream(**ASK) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()
    assert len(pieces) > 1
    assert "".join(pieces) == message.content[0].text
    assert json.loads(message.content[0].text)["action"] in ("left", "right")
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 1


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_spoiled_is_billed_in_full(stream: bool) -> None:
    with (
        Simulation(SimulationSettings(policy="legal", rates={"cut_off": 1.0})) as server,
        opened(server) as client,
    ):
        if stream:
            with client.messages.stream(**ASK) as events:
                message = events.get_final_message()
        else:
            message = client.messages.create(**ASK)
        counts = server.counts()
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == counts.output_tokens == 500


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_the_key_may_come_in_either_header(header: str) -> None:
    shown = {"authorization": "Bearer open-sesame", "x-api-key": "open-sesame"}[header]
    with Simulation(SimulationSettings(policy="legal", key="open-sesame")) as server:
        url = server.anthropic_url + "/v1/messages"
        assert httpx2.post(url, json=ASK, headers={header: shown}).status_code == 200
        assert httpx2.post(url, json=ASK, headers={header: "wrong"}).status_code == 401


PICTURE = {"type": "base64", "media_type": "image/png", "data": "%%%"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": 7}, "model must be"),
        ({"messages": []}, "messages a list"),
        ({"messages": ["hm"]}, "not a Messages request"),
        ({"messages": [{"role": "tool", "content": "hm"}]}, "unknown role 'tool'"),
        ({"messages": [{"role": "user", "content": [{"type": "audio"}]}]}, "neither text nor"),
        ({"messages": [{"role": "user", "content": " "}]}, "non-whitespace"),
        ({"messages": [{"role": "user", "content": 7}]}, "not a Messages request"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": PICTURE}]}]},
            "not base64",
        ),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": None}, "max_tokens"),
        ({"seed": 7}, "seed: Extra inputs"),
        ({"thinking": {"type": "enabled", "budget_tokens": 100}}, "1024 or more"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, "must be greater than"),
        ({"thinking": {"type": "enabled"}}, "not a Messages request"),
    ],
)
def test_bodies_that_are_no_request(
    changes: dict[str, Any], message: str, legal: Simulation
) -> None:
    with opened(legal) as client, pytest.raises(anthropic.BadRequestError) as caught:
        client.post("/v1/messages", cast_to=object, body=ASK | changes)
    assert caught.value.type == "invalid_request_error"
    assert message in str(caught.value.api_message)


def test_a_body_that_is_no_json(legal: Simulation) -> None:
    answer = httpx2.post(legal.anthropic_url + "/v1/messages", content=b"{")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("rate_limited", "rate_limit_error"),
        ("server_error", "api_error"),
        ("bad_gateway", "api_error"),
        ("overloaded", "overloaded_error"),
    ],
)
def test_errors_have_the_sdk_s_types(fault: str, kind: str) -> None:
    with (
        Simulation(SimulationSettings(policy="legal", rates={fault: 1.0})) as server,
        opened(server) as client,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        client.messages.create(**ASK)
    assert caught.value.type == kind


def streamed(client: anthropic.Anthropic, lot: int) -> tuple[int, Exception | None]:
    """How many events of a stream arrived, and what ended it before its end."""
    messages = [{"role": "user", "content": f'Lot {lot}: ["left", "right"]'}]
    arrived = 0
    try:
        for _ in client.messages.create(**ASK | {"messages": messages}, stream=True):
            arrived += 1
    except (anthropic.AnthropicError, httpx2.HTTPError, ValueError) as error:
        return arrived, error
    return arrived, None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("server_error", anthropic.APIStatusError),
        ("overloaded", anthropic.APIStatusError),
        ("dropped", httpx2.RemoteProtocolError),
        ("stalled", httpx2.RemoteProtocolError),
        ("garbled", json.JSONDecodeError),
    ],
)
def test_every_second_stream_fails_midway(fault: str, kind: type[Exception]) -> None:
    settings = SimulationSettings(policy="legal", rates={fault: 1.0}, stall=0.1)
    lots = 12
    with Simulation(settings) as server, opened(server) as client:
        ends = [streamed(client, lot) for lot in range(lots)]
        counts = server.counts()
    midway = [error for arrived, error in ends if arrived == 3]
    assert {type(error) for error in midway} <= {kind, *kind.__subclasses__()}
    assert 2 <= len(midway) <= lots - 2
    assert len(midway) + sum(arrived == 0 for arrived, _ in ends) == lots
    assert (counts.failed_calls, counts.finished_calls) == (lots, 0)
    assert counts.faults == {fault: lots}


def test_rate_limits_are_told_before_a_stream_begins() -> None:
    with (
        Simulation(SimulationSettings(policy="legal", rates={"rate_limited": 1.0})) as server,
        opened(server) as client,
    ):
        failures = [streamed(client, lot) for lot in range(8)]
    assert {arrived for arrived, _ in failures} == {0}
    assert {type(error) for _, error in failures} == {anthropic.RateLimitError}
