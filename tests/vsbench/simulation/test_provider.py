"""The simulated provider as the real SDKs and our adapters meet it, over loopback."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import openai
import pytest

from protocols import PROTOCOLS, Protocol, each_protocol
from questions import kuhn_question, text_question
from vsbench.adapters import Adapter, AdapterOptions, CallError, Reply, Request, base, open_adapter
from vsbench.simulation import FAULTS, Simulation, SimulationSettings
from vsbench_envs.errors import UnknownNameError
from waiting import wait_until

LEGAL = SimulationSettings(policy="legal")


@pytest.fixture(scope="module")
def legal() -> Iterator[Simulation]:
    """A server for tests that leave its counts alone."""
    with Simulation(LEGAL) as server:
        yield server


@asynccontextmanager
async def opened(
    server: Simulation,
    model: str = "gpt-4o",
    seconds: float = 10.0,
    protocol: Protocol = PROTOCOLS["openai"],
) -> AsyncIterator[Adapter]:
    adapter = protocol.open(server.base_url, model, AdapterOptions(timeout=seconds))
    yield adapter
    await adapter.close()


def lot(number: int) -> Request:
    """A question that no other number asks, in a protocol with seeds or without."""
    return text_question(f'Lot {number}: ["left", "right"]', number)


async def outcome(adapter: Adapter, request: Request) -> Reply | CallError:
    try:
        return await adapter.complete(request)
    except CallError as error:
        return error


@each_protocol
async def test_the_sighted_oracle_plays_behind_any_name(protocol: Protocol) -> None:
    requests = [protocol.asked(kuhn_question(seed)) for seed in range(12)]
    model = open_adapter("sighted/oracle")
    expected = [(await model.complete(request)).text for request in requests]
    with Simulation() as server:
        for name in ("gpt-4o", "sighted/oracle"):
            async with opened(server, name, protocol=protocol) as adapter:
                replies = [await adapter.complete(request) for request in requests]
            assert [reply.text for reply in replies] == expected
            assert {reply.served_model for reply in replies} == {name}
        assert all(reply.usage.input > 400 for reply in replies)
        counts = server.counts()
    assert counts.calls == counts.finished_calls == 24
    assert counts.input_tokens == 2 * sum(reply.usage.input for reply in replies)


@each_protocol
async def test_the_model_s_name_picks_its_policy(protocol: Protocol) -> None:
    with Simulation(LEGAL) as server:
        async with opened(server, "sighted/greedy", protocol=protocol) as adapter:
            seeds = [(await adapter.complete(kuhn_question(seed))).text for seed in range(6)]
        assert len(set(seeds)) == 2
        for name in ("sighted/oracel", "blind/oracel"):
            async with opened(server, name, protocol=protocol) as adapter:
                with pytest.raises(base.BadRequestError, match="Did you mean 'oracle'"):
                    await adapter.complete(kuhn_question())
        assert server.counts().rejected_calls == 2


@each_protocol
async def test_a_question_without_actions_is_rejected(protocol: Protocol) -> None:
    with Simulation() as server:
        async with opened(server, protocol=protocol) as adapter:
            with pytest.raises(base.BadRequestError, match="no actions to choose from"):
                await adapter.complete(protocol.asked(text_question("pass or bet?")))


async def test_legal_answers_come_from_the_list_by_the_seed(legal: Simulation) -> None:
    async with opened(legal) as adapter:
        asked = [text_question('["left", "right"]', seed) for seed in range(20)]
        first = [(await adapter.complete(request)).text for request in asked]
        again = [(await adapter.complete(request)).text for request in asked]
    assert first == again
    assert {json.loads(text)["action"] for text in first} == {"left", "right"}


@each_protocol
async def test_legal_answers_repeat_with_their_question(
    protocol: Protocol, legal: Simulation
) -> None:
    async with opened(legal, protocol=protocol) as adapter:
        asked = [protocol.asked(lot(number)) for number in range(20)]
        first = [(await adapter.complete(request)).text for request in asked]
        again = [(await adapter.complete(request)).text for request in asked]
    assert first == again
    assert {json.loads(text)["action"] for text in first} == {"left", "right"}


@each_protocol
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("rate_limited", base.RateLimitedError),
        ("rate_limited_unadvised", base.RateLimitedError),
        ("server_error", base.OverloadedError),
        ("bad_gateway", base.OverloadedError),
        ("unavailable", base.OverloadedError),
        ("overloaded", base.OverloadedError),
        ("dropped", base.ConnectionLostError),
        ("stalled", base.CallTimeoutError),
        ("garbled", base.ConnectionLostError),
    ],
)
async def test_faults_of_the_infrastructure(
    protocol: Protocol, fault: str, kind: type[CallError]
) -> None:
    settings = SimulationSettings(policy="legal", rates={fault: 1.0}, retry_after=0.25)
    seconds = 2.0 if fault == "stalled" else 10.0
    with Simulation(settings) as server:
        async with opened(server, seconds=seconds, protocol=protocol) as adapter:
            calls = (outcome(adapter, protocol.asked(lot(number))) for number in range(8))
            errors = await asyncio.gather(*calls)
        counts = server.counts()
    assert {type(error) for error in errors} == {kind}
    advised = {error.retry_after for error in errors if isinstance(error, CallError)}
    assert advised == ({0.25} if FAULTS[fault].advised else {None})
    assert counts.faults == {fault: 8}
    assert (counts.calls, counts.failed_calls, counts.finished_calls) == (8, 8, 0)


@each_protocol
@pytest.mark.parametrize(
    ("fault", "stop", "text"),
    [
        ("cut_off", "length", '{"act'),
        ("empty", "stop", ""),
        ("refused", "refusal", "I cannot help with that."),
        ("filtered", "refusal", ""),
        ("malformed", "stop", '{"action": '),
        ("illegal", "stop", '{"action": "vanish"}'),
    ],
)
async def test_faults_of_answers(protocol: Protocol, fault: str, stop: str, text: str) -> None:
    settings = SimulationSettings(policy="legal", rates={fault: 1.0})
    with Simulation(settings) as server:
        async with opened(server, protocol=protocol) as adapter:
            reply = await adapter.complete(protocol.asked(text_question('["bet", "fly"]')))
        counts = server.counts()
    assert (reply.stop, reply.text) == (stop, text)
    assert reply.usage.output == (protocol.max_tokens if fault == "cut_off" else 5)
    assert counts.faults == {fault: 1}
    assert (counts.failed_calls, counts.finished_calls) == (0, 1)


def test_every_fault_is_tried_above() -> None:
    tried = [*test_faults_of_the_infrastructure.pytestmark, *test_faults_of_answers.pytestmark]
    cases = [case for mark in tried if "fault" in mark.args[0] for case in mark.args[1]]
    assert {case[0] for case in cases} == FAULTS.keys()


@each_protocol
async def test_faults_do_not_depend_on_the_order_of_calls(protocol: Protocol) -> None:
    settings = SimulationSettings(
        policy="legal", faults=0.8, rates={"stalled": 0.0}, latency=0.005, jitter=0.005
    )
    requests = [protocol.asked(lot(number)) for number in range(40)]

    def told(result: Reply | CallError) -> tuple[str, ...]:
        if isinstance(result, Reply):
            return result.stop, result.text
        return result.kind, str(result)

    with Simulation(settings) as server:
        async with opened(server, protocol=protocol) as adapter:
            one_by_one = [told(await outcome(adapter, request)) for request in requests]
    with Simulation(settings) as server:
        async with opened(server, protocol=protocol) as adapter:
            backwards = (outcome(adapter, request) for request in reversed(requests))
            at_once = [told(result) for result in await asyncio.gather(*backwards)]
    assert one_by_one == at_once[::-1]
    assert len({kind for kind, _ in one_by_one}) >= 5


async def test_who_comes_above_capacity_is_turned_away() -> None:
    settings = SimulationSettings(policy="legal", latency=0.2, capacity=3)
    with Simulation(settings) as server:
        async with opened(server) as adapter:
            ends = await asyncio.gather(*(outcome(adapter, lot(n)) for n in range(5)))
            again = await outcome(adapter, lot(9))
        counts = server.counts()
    assert [type(end) for end in (*ends, again)].count(Reply) == 4
    assert [type(end) for end in ends].count(base.RateLimitedError) == 2
    assert counts.faults == {"rate_limited_unadvised": 2}
    assert counts.failed_calls == 2


@each_protocol
async def test_retries_get_through_and_nothing_is_paid_twice(protocol: Protocol) -> None:
    settings = SimulationSettings(policy="legal", faults=0.5, rates={"stalled": 0.0})
    with Simulation(settings) as server:
        async with opened(server, protocol=protocol) as adapter:
            for number in range(20):
                request = protocol.asked(lot(number))
                while isinstance(await outcome(adapter, request), CallError):
                    continue
        counts = server.counts()
    assert counts.finished_calls == counts.distinct_finished_requests == 20
    assert counts.failed_calls > 0
    assert counts.calls == counts.finished_calls + counts.failed_calls
    assert counts.repeated == {}


@each_protocol
async def test_a_call_paid_twice_shows(protocol: Protocol) -> None:
    with Simulation(LEGAL) as server:
        async with opened(server, protocol=protocol) as adapter:
            asked = [protocol.asked(lot(number)) for number in (1, 2, 1)]
            ids = [(await adapter.complete(request)).request_id for request in asked]
        counts = server.counts()
    name = ids[0].removesuffix("-1")
    assert ids[2] == f"{name}-2"
    assert counts.repeated == {name: 2}
    assert (counts.finished_calls, counts.distinct_finished_requests) == (3, 2)


@each_protocol
@pytest.mark.slow
async def test_a_call_that_nobody_waits_for_is_not_finished(protocol: Protocol) -> None:
    with Simulation(SimulationSettings(policy="legal", latency=1.0)) as server:
        async with opened(server, seconds=0.5, protocol=protocol) as adapter:
            with pytest.raises(base.CallTimeoutError):
                await adapter.complete(protocol.asked(kuhn_question()))
        wait_until(lambda: server.counts().abandoned_calls + server.counts().finished_calls)
        counts = server.counts()
    assert (counts.abandoned_calls, counts.finished_calls) == (1, 0)


async def test_latency_is_each_call_s_own() -> None:
    settings = SimulationSettings(policy="legal", latency=0.3, jitter=0.1)
    with Simulation(settings) as server:
        async with opened(server) as adapter:
            await outcome(adapter, kuhn_question(100))

            async def timed(seed: int) -> float:
                started = time.monotonic()
                await adapter.complete(kuhn_question(seed))
                return time.monotonic() - started

            started = time.monotonic()
            waits = await asyncio.gather(*(timed(seed) for seed in range(20)))
            whole = time.monotonic() - started
    assert min(waits) >= 0.2
    assert max(waits) - min(waits) > 0.05
    assert whole < 20 * 0.2


@contextmanager
def refused(server: Simulation, status: int):
    with (
        openai.OpenAI(base_url=server.base_url, api_key="-", max_retries=0) as client,
        pytest.raises(openai.APIStatusError) as caught,
    ):
        yield client
    assert caught.value.status_code == status
    assert caught.value.body


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"messages": [{"role": "tool", "content": "hm"}]},
        {"messages": [{"role": "user", "content": [{"type": "audio"}]}]},
        {"messages": [{"role": "user", "content": ["hm"]}]},
        {"messages": ["hm"]},
        {"max_tokens": "many"},
        {"model": 7},
    ],
)
def test_bodies_that_are_no_request(changes: dict, legal: Simulation) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": '["a"]'}]} | changes
    with refused(legal, 400) as client:
        client.post("/chat/completions", cast_to=object, body=body)


@pytest.mark.parametrize("url", ["http://host/a.png", "data:image/png;base64,%%%"])
def test_pictures_that_are_none(url: str, legal: Simulation) -> None:
    content = [{"type": "image_url", "image_url": {"url": url}}]
    with refused(legal, 400) as client:
        messages = [{"role": "user", "content": content}]
        client.chat.completions.create(model="m", messages=messages)


@each_protocol
async def test_the_key_is_checked_where_one_is_set(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulation(SimulationSettings(policy="legal", key="open-sesame")) as server:
        monkeypatch.setenv(protocol.key, "open-sesame")
        async with opened(server, protocol=protocol) as adapter:
            assert (await adapter.complete(protocol.asked(kuhn_question()))).text
        monkeypatch.setenv(protocol.key, "wrong")
        async with opened(server, protocol=protocol) as adapter:
            with pytest.raises(base.AuthError):
                await adapter.complete(protocol.asked(kuhn_question()))
        counts = server.counts()
        with refused(server, 401) as client:
            client.models.list()
    assert (counts.calls, counts.unauthorised_calls, counts.finished_calls) == (2, 1, 1)


def test_models_are_listed(legal: Simulation) -> None:
    with openai.OpenAI(base_url=legal.base_url, api_key="-") as client:
        names = {model.id for model in client.models.list()}
    assert {"sighted/oracle", "sighted/random", "sighted/legal", "blind/oracle"} <= names


def test_a_policy_that_is_none() -> None:
    with pytest.raises(UnknownNameError, match="oracle"):
        Simulation(SimulationSettings(policy="oracel")).__enter__()
