"""Where the official providers' keys and addresses come from."""

import pytest

from canned import completion, message, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, open_adapter
from vsbench.adapters.base import AuthError, BadRequestError

OPTIONS = AdapterOptions(timeout=10, max_connections=4)

each_provider = pytest.mark.parametrize(
    ("model", "prefix", "answer"),
    [
        ("gpt-4o", "OPENAI", response(completion())),
        ("claude-opus-5-5", "ANTHROPIC", response(message())),
    ],
    ids=["openai", "anthropic"],
)


@each_provider
async def test_key_and_base_url_come_from_the_environment(
    model: str, prefix: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{prefix}_API_KEY", "sk-mine\n")
    async with serving(answer) as server:
        monkeypatch.setenv(f"{prefix}_BASE_URL", server.url)
        adapter = open_adapter(model, OPTIONS)
        reply = await adapter.complete(kuhn_question())
        await adapter.close()
    assert reply.text == '{"action": "bet"}'
    assert server.headers[0]["authorization"] == "Bearer sk-mine"


@each_provider
@pytest.mark.parametrize("key", ["", "  \n"])
def test_a_missing_key_is_named(
    model: str, prefix: str, answer: bytes, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{prefix}_API_KEY", key)
    with pytest.raises(AuthError, match=f"set {prefix}_API_KEY"):
        open_adapter(model, OPTIONS)


@each_provider
@pytest.mark.parametrize("key", ["sk-secrét", "sk-sec\nret"])
def test_a_key_that_cannot_be_sent_is_named_but_not_shown(
    model: str, prefix: str, answer: bytes, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{prefix}_API_KEY", key)
    with pytest.raises(AuthError, match=f"{prefix}_API_KEY") as caught:
        open_adapter(model, OPTIONS)
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("host", ["user:sk-canary@host", "sk-canary@host", "host?key=canary"])
def test_a_secret_in_an_address_is_refused_and_not_repeated(host: str) -> None:
    with pytest.raises(BadRequestError, match="environment variables") as caught:
        open_adapter(f"openai-api/http://{host}#m", OPTIONS)
    assert "canary" not in str(caught.value)


@each_provider
def test_an_address_that_is_none(
    model: str, prefix: str, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{prefix}_BASE_URL", "localhost:8000")
    with pytest.raises(BadRequestError, match="localhost:8000"):
        open_adapter(model, OPTIONS)
