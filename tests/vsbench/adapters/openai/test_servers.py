"""The table of servers: what each row makes of the same request."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from canned import completion, response, serving
from questions import kuhn_question, text_question
from vsbench.adapters import AdapterOptions, Sampling, base, open_adapter
from vsbench.adapters.openai.client import openai_api
from vsbench.adapters.openai.servers import ServerName, find_server, server_table

ROWS = {
    "openai": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "vllm": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "sglang": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "ollama": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "openrouter": {"max_tokens": 500, "seed": 7, "reasoning": {"effort": "low"}},
    "gemini": {"max_tokens": 500, "reasoning_effort": "low"},
    "xai": {"max_completion_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "dashscope": {"max_tokens": 500, "seed": 7, "enable_thinking": True},
    "zai": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "ark": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
    "other": {"max_tokens": 500, "seed": 7, "reasoning_effort": "low"},
}
WITHOUT_DETAIL = {"ollama", "gemini", "dashscope"}


def body(name: str, effort: str | None = "low", model: str = "mine") -> dict[str, Any]:
    options = AdapterOptions(extra={"server": name})
    adapter = openai_api(f"http://127.0.0.1:9/v1#{model}", options)
    asked = kuhn_question(7, Sampling(reasoning_effort=effort))
    return adapter.wire.body(asked, stream=False)


@pytest.mark.parametrize("name", ROWS)
def test_each_row_as_a_body(name: str) -> None:
    made = body(name)
    _, user = made.pop("messages")
    assert made == {"model": "mine", "temperature": 1.0} | ROWS[name]
    picture = user["content"][1]["image_url"]
    assert ("detail" in picture) is (name not in WITHOUT_DETAIL)


def test_the_option_knows_the_rows_and_the_test_as_well() -> None:
    assert set(get_args(ServerName)) == set(server_table().servers) == set(ROWS)


@pytest.mark.parametrize(
    ("name", "effort", "fields"),
    [
        ("openrouter", "2048", {"reasoning": {"max_tokens": 2048}}),
        ("dashscope", "2048", {"enable_thinking": True, "thinking_budget": 2048}),
        ("dashscope", "none", {"enable_thinking": False}),
        (
            "gemini",
            "2048",
            {"extra_body": {"google": {"thinking_config": {"thinking_budget": 2048}}}},
        ),
    ],
)
def test_efforts_in_the_server_s_own_words(name: str, effort: str, fields: dict[str, Any]) -> None:
    assert fields.items() <= body(name, effort).items()


@pytest.mark.parametrize("name", ROWS)
def test_without_an_effort_none_is_asked_for(name: str) -> None:
    words = {"reasoning_effort", "reasoning", "enable_thinking", "extra_body"}
    assert not words & body(name, None).keys()


@pytest.mark.parametrize("name", ROWS)
def test_streams_tell_their_usage(name: str) -> None:
    made = (
        server_table()
        .servers[name]
        .parameters(
            text_question("Go."), openai_api("http://h/v1#m", AdapterOptions()).traits, stream=True
        )
    )
    assert made["stream"] is True
    assert made["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://mine.openai.azure.com/openai/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini"),
        ("https://api.x.ai/v1", "xai"),
        ("https://eu-west-1.api.x.ai/v1", "xai"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://DashScope.aliyuncs.com:443/compatible-mode/v1", "dashscope"),
        ("https://api.z.ai/api/paas/v4", "zai"),
        ("https://ark.cn-beijing.volces.com/api/v3", "ark"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://localhost:8000/v1", "other"),
        ("https://notopenrouter.ai/v1", "other"),
    ],
)
def test_a_server_is_known_by_its_host(url: str, name: ServerName) -> None:
    assert find_server(url) is server_table().servers[name]


def test_the_option_comes_before_the_host() -> None:
    url = "http://localhost:11434/v1"
    assert find_server(url, "vllm") is server_table().servers["vllm"]


def test_a_server_that_is_none() -> None:
    with pytest.raises(base.BadRequestError, match="dashscope"):
        openai_api("http://h/v1#m", AdapterOptions(extra={"server": "vlm"}))


def test_dashscope_is_always_streamed() -> None:
    adapter = openai_api("https://dashscope.aliyuncs.com/v1#qvq", AdapterOptions())
    assert adapter.streams(text_question("Go."))
    never = AdapterOptions(extra={"stream": "never"})
    adapter = openai_api("https://dashscope.aliyuncs.com/v1#qvq", never)
    assert not adapter.streams(text_question("Go."))


async def test_thinking_in_the_text_is_taken_apart() -> None:
    answer = response(completion(content="<think>A king.</think>bet"))
    async with serving(answer) as at:
        adapter = open_adapter(f"openai-api/{at.url}#m", AdapterOptions(timeout=10))
        reply = await adapter.complete(replace(kuhn_question(), max_tokens=500))
        await adapter.close()
    assert (reply.text, reply.reasoning) == ("bet", "A king.")


async def test_google_s_errors_come_in_a_list() -> None:
    error = [{"error": {"code": 400, "message": "Unknown name", "status": "INVALID_ARGUMENT"}}]
    async with serving(response(error, 400)) as at:
        adapter = open_adapter(f"openai-api/{at.url}#m", AdapterOptions(timeout=10))
        with pytest.raises(base.BadRequestError, match="Unknown name"):
            await adapter.complete(kuhn_question())
        await adapter.close()
