"""How the switch of a model's thinking is thrown: what reaches servers through the real SDKs."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from canned import answer_response, completion, message, response, serving
from protocols import PROTOCOLS
from questions import kuhn_question, text_question
from vsbench.adapters import AdapterOptions, Sampling, open_adapter
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.openai.client import openai, openai_api
from vsbench.adapters.openai.servers import ServerName
from vsbench.adapters.thinking import can_switch_thinking, takes_thinking_budget, thinking_warnings

ADAPTIVE = {"thinking": {"type": "adaptive", "display": "summarized"}}
DISABLED = {"thinking": {"type": "disabled"}}


def within(budget: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


async def sent_to_anthropic(model: str, sampling: Sampling, most: int = 8000) -> dict[str, Any]:
    """What the body says beside the question."""
    async with serving(response(message())) as server:
        adapter = PROTOCOLS["anthropic"].open(server.url, model)
        request = replace(text_question("Go."), max_tokens=most, sampling=sampling)
        await adapter.complete(request)
        await adapter.close()
    (body,) = server.bodies
    assert body.pop("max_tokens") == most
    return {name: body[name] for name in set(body) - {"model", "messages"}}


@pytest.mark.parametrize(
    ("model", "on", "off"),
    [
        ("claude-opus-4-6", ADAPTIVE, DISABLED),
        ("claude-opus-4-8", ADAPTIVE, DISABLED),
        ("claude-opus-5", ADAPTIVE, DISABLED),
        ("claude-haiku-5-5", ADAPTIVE, DISABLED),
        ("claude-sonnet-5-5", ADAPTIVE, {"thinking": {"type": "between_tools"}}),
        ("claude-3-7-sonnet-20250219", within(4000), DISABLED),
        ("claude-sonnet-4-20250514", within(4000), DISABLED),
        ("claude-haiku-4-5", within(4000), DISABLED),
        ("claude-sonnet-7", ADAPTIVE, DISABLED),
        # Always and never.
        ("claude-opus-5-5", ADAPTIVE, ADAPTIVE),
        ("claude-fable-5-1", ADAPTIVE, ADAPTIVE),
        ("claude-3-5-haiku-20241022", {}, {}),
    ],
)
async def test_claude_is_switched(model: str, on: dict, off: dict) -> None:
    assert await sent_to_anthropic(model, Sampling(thinking=True)) == on
    assert await sent_to_anthropic(model, Sampling(thinking=False)) == off
    left = on if on == off else {}
    assert await sent_to_anthropic(model, Sampling()) == left


@pytest.mark.parametrize(
    ("budget", "most", "told"),
    [
        (16_384, 20_000, 16_384),
        (16_384, 16_384, 16_383),
        (16_384, 8_000, 7_999),
        (500, 8_000, 1_024),
        (None, 8_000, 4_000),
        (None, 1_025, 1_024),
    ],
)
async def test_a_budget_leaves_room_for_an_answer(budget: int | None, most: int, told: int) -> None:
    wanted = Sampling(thinking=True, thinking_tokens=budget)
    assert await sent_to_anthropic("claude-haiku-4-5", wanted, most) == within(told)


async def test_without_room_to_think_nothing_is_asked() -> None:
    with pytest.raises(BadRequestError, match="no room to think in 1,024 tokens"):
        await sent_to_anthropic("claude-haiku-4-5", Sampling(thinking=True), 1024)


@pytest.mark.parametrize("thinking", [True, False, None])
async def test_an_effort_counts_more_than_the_switch(thinking: bool | None) -> None:
    wanted = Sampling(thinking=thinking, thinking_tokens=5000, reasoning_effort="low")
    assert await sent_to_anthropic("claude-haiku-4-5", wanted) == within(1600)
    named = await sent_to_anthropic("claude-opus-4-8", wanted)
    assert named == ADAPTIVE | {"output_config": {"effort": "low"}}
    none = replace(wanted, reasoning_effort="none")
    assert await sent_to_anthropic("claude-haiku-4-5", none) == DISABLED
    assert at_openai("gpt-5.1", wanted)["reasoning"] == {"effort": "low"}
    assert at_openai("gpt-5.1", wanted, api="chat")["reasoning_effort"] == "low"
    assert fields(await sent_to("vllm", "mine", wanted)) == {"reasoning_effort": "low"}


@pytest.mark.parametrize(("thinking", "samples"), [(True, False), (False, True), (None, True)])
async def test_claude_samples_only_while_it_does_not_think(
    thinking: bool | None, samples: bool
) -> None:
    for model in ("claude-opus-4-6", "claude-haiku-4-5"):
        body = await sent_to_anthropic(model, Sampling(temperature=0.5, thinking=thinking))
        assert ("temperature" in body) is samples
    never = await sent_to_anthropic("claude-3-5-haiku", Sampling(0.5, thinking=thinking))
    assert never == {"temperature": 0.5}


async def sent_to(server: ServerName, model: str, sampling: Sampling) -> dict[str, Any]:
    """The body that arrives at a kind of server."""
    async with serving(response(completion())) as served:
        options = AdapterOptions(timeout=10, extra={"server": server, "stream": "never"})
        adapter = open_adapter(f"openai-api/{served.url}#{model}", options)
        await adapter.complete(kuhn_question(sampling=sampling))
        await adapter.close()
    (body,) = served.bodies
    return body


def fields(body: dict[str, Any]) -> dict[str, Any]:
    """What a body says of thinking."""
    usual = {"model", "messages", "temperature", "seed", "max_tokens", "max_completion_tokens"}
    return {name: value for name, value in body.items() if name not in usual}


def templates(on: bool) -> dict[str, Any]:
    return {"chat_template_kwargs": {"enable_thinking": on, "thinking": on}}


def google(budget: int) -> dict[str, Any]:
    return {"extra_body": {"google": {"thinking_config": {"thinking_budget": budget}}}}


EFFORT = ({"reasoning_effort": "medium"}, {"reasoning_effort": "none"})
TYPE = ({"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}})

SWITCHES: dict[ServerName, tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]] = {
    "openai": (*EFFORT, None),
    "vllm": (templates(True), templates(False), None),
    "sglang": (templates(True), templates(False), None),
    "ollama": (*EFFORT, None),
    "openrouter": (
        {"reasoning": {"enabled": True}},
        {"reasoning": {"enabled": False}},
        {"reasoning": {"max_tokens": 2048}},
    ),
    "gemini": (google(-1), google(0), google(2048)),
    "xai": (*EFFORT, None),
    "dashscope": (
        {"enable_thinking": True},
        {"enable_thinking": False},
        {"enable_thinking": True, "thinking_budget": 2048},
    ),
    "zai": (*TYPE, None),
    "ark": (*TYPE, None),
    "other": ({}, {}, None),
}
"""Server -> what it is told for on and off, and for on within 2048 tokens where it takes that."""


def test_every_server_has_its_switch_here() -> None:
    assert set(SWITCHES) == set(get_args(ServerName))


@pytest.mark.parametrize("name", SWITCHES)
async def test_servers_are_told_in_their_own_words(name: ServerName) -> None:
    on, off, budgeted = SWITCHES[name]

    async def told(model: str, thinking: bool | None, budget: int | None) -> dict[str, Any]:
        wanted = Sampling(thinking=thinking, thinking_tokens=budget)
        return fields(await sent_to(name, model, wanted))

    # A switch, and models that take a budget.
    assert await told("qwen3.5-plus", True, None) == on
    assert await told("qwen3.5-plus", True, 2048) == (budgeted or on)
    assert await told("qwen3.5-plus", False, 2048) == off
    assert await told("qwen3.5-plus", None, 2048) == {}
    # A switch, without a budget; and what a person knows of models that the table does not.
    for model in ("glm-4.5v", "mine"):
        assert await told(model, True, 2048) == on
        assert await told(model, False, None) == off
        assert await told(model, None, None) == {}
    # Always: within a budget, or not; never.
    for thinking in (True, False, None):
        assert await told("qwen3-vl-8b-thinking", thinking, 2048) == (budgeted or {})
        assert await told("qwen3-vl-8b-thinking", thinking, None) == {}
        assert await told("qvq-max", thinking, 2048) == {}
        assert await told("qwen3-vl-8b-instruct", thinking, 2048) == {}


def at_openai(model: str, sampling: Sampling, **extra: str) -> dict[str, Any]:
    adapter = openai(model, AdapterOptions(extra=extra))
    return adapter.body(kuhn_question(sampling=sampling))


@pytest.mark.parametrize(
    ("model", "on", "off"),
    [
        ("gpt-5.1", "medium", "none"),
        ("gpt-5.4-mini", "medium", "none"),
        ("gpt-6-sol", "medium", "none"),
        ("gpt-5-mini", None, None),
        ("o3", None, None),
        ("gpt-5.3-codex", None, None),
        ("gpt-6-astra", None, None),
        ("gpt-4.1", None, None),
    ],
)
@pytest.mark.parametrize("url", [None, "https://proxy.example/v1"])
def test_openai_s_models_are_told_an_effort(
    model: str, on: str | None, off: str | None, url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
    for thinking, effort in ((True, on), (False, off), (None, None)):
        wanted = Sampling(thinking=thinking, thinking_tokens=16_384)
        chat = at_openai(model, wanted, api="chat")
        assert chat.get("reasoning_effort") == effort
        asked = at_openai(model, wanted, api="responses")
        assert asked.get("reasoning") == ({"effort": effort} if effort else None)


async def test_responses_reach_the_server_with_an_effort() -> None:
    async with serving(response(answer_response())) as server:
        options = AdapterOptions(timeout=10, extra={"api": "responses", "stream": "never"})
        for model in ("gpt-5.1", "mine"):
            adapter = open_adapter(f"openai-api/{server.url}#{model}", options)
            await adapter.complete(kuhn_question(sampling=Sampling(thinking=True)))
            await adapter.close()
    known, other = server.bodies
    assert known["reasoning"] == {"effort": "medium"}
    assert "reasoning" not in other


@pytest.mark.parametrize(
    ("model", "sampling", "streamed"),
    [
        ("gpt-5.1", Sampling(), True),
        ("gpt-5.1", Sampling(thinking=True), True),
        ("gpt-5.1", Sampling(thinking=False), False),
        ("gpt-5.1", Sampling(reasoning_effort="none"), False),
        ("gpt-5.1", Sampling(thinking=False, reasoning_effort="low"), True),
        ("o3", Sampling(thinking=False), True),
        ("o3", Sampling(reasoning_effort="none"), True),
        ("mine", Sampling(thinking=True), True),
        ("mine", Sampling(), False),
        ("gpt-4.1", Sampling(thinking=True), False),
    ],
)
def test_only_thinking_takes_long(model: str, sampling: Sampling, streamed: bool) -> None:
    adapter = openai_api(f"http://127.0.0.1:9/v1#{model}", AdapterOptions())
    assert adapter.streams(kuhn_question(sampling=sampling)) is streamed


ELSEWHERE = "openai-api/http://127.0.0.1:8000/v1#"
VLLM = {"openai-api.server": "vllm"}
RESPONSES = {"openai-api.api": "responses", "openai.api": "responses"}


@pytest.mark.parametrize(
    ("model", "options", "switch", "budget"),
    [
        ("openai/gpt-5.1", {}, True, False),
        ("openai/gpt-5.1", RESPONSES, True, False),
        ("anthropic/claude-opus-4-8", {}, True, False),
        ("anthropic/claude-haiku-4-5", {}, True, True),
        ("hf/Qwen/Qwen3.5-9B", {}, True, False),
        (f"{ELSEWHERE}Qwen/Qwen3.5-9B", {}, False, False),
        (f"{ELSEWHERE}Qwen/Qwen3.5-9B", VLLM, True, False),
        (f"{ELSEWHERE}Qwen/Qwen3.5-9B", VLLM | RESPONSES, False, False),
        (f"{ELSEWHERE}gpt-5.1", RESPONSES, True, False),
        ("openai-api/https://openrouter.ai/api/v1#google/gemini-2.5-flash", {}, True, True),
        ("openai-api/https://openrouter.ai/api/v1#z-ai/glm-4.5v", {}, True, False),
        ("openai-api/https://dashscope.aliyuncs.com/v1#qwen3-vl-plus", {}, True, True),
        ("openai-api/https://api.z.ai/api/paas/v4#glm-4.5v", {}, True, False),
        ("openai-api/https://ark.cn-beijing.volces.com/api/v3#doubao-seed-1-6", {}, True, False),
    ],
)
def test_what_servers_can_be_told(model: str, options: dict, switch: bool, budget: bool) -> None:
    assert can_switch_thinking(model, options) is switch
    assert takes_thinking_budget(model, options) is budget


@pytest.mark.parametrize(
    ("model", "wished", "budget", "part"),
    [
        (f"{ELSEWHERE}qwen3.5", False, False, "openai-api.server=NAME"),
        (f"{ELSEWHERE}mine", True, False, "openai-api.server=NAME"),
        (f"{ELSEWHERE}mine", False, False, None),
        (f"{ELSEWHERE}qwen3-vl-8b-instruct", True, True, None),
        (f"{ELSEWHERE}qvq-72b", True, False, None),
        (f"{ELSEWHERE}qvq-72b", False, True, "takes no thinking budget"),
        ("anthropic/claude-opus-5-5", False, True, "takes no thinking budget"),
        ("anthropic/claude-opus-5-5", True, False, None),
        ("anthropic/claude-haiku-4-5", True, True, None),
        ("openai/gpt-5.1", True, True, "takes no thinking budget"),
    ],
)
def test_what_is_not_told_is_said_beforehand(
    model: str, wished: bool, budget: bool, part: str | None
) -> None:
    found = list(thinking_warnings(model, switch_set=wished, budget_set=budget))
    assert len(found) == (part is not None)
    for warning in found:
        assert model in warning
        assert str(part) in warning
    if part and "server" in part:
        assert not list(thinking_warnings(model, switch_set=wished, options=VLLM))
