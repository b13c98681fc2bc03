"""Keys, base URLs, proxies and other variables of the environment."""

from typing import Any

import pytest

from canned import completion, message, response, serving
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, base, open_adapter
from vsbench.adapters.base import AuthError, BadRequestError, CallError

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


PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
MODELS = ["openai/gpt-4o", "openai-api/https://host.example/v1#m", "anthropic/claude-opus-5-5"]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ALL_PROXY", "socks5://me:hunter2hunter2@127.0.0.1:9", "pip install socksio"),
        ("HTTPS_PROXY", "gopher://127.0.0.1:9", "gopher"),
        ("SSL_CERT_FILE", "/nonexistent", "/nonexistent"),
    ],
)
def test_what_keeps_a_client_from_being_made_is_named(
    model: str, variable: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadRequestError) as caught:
        open_adapter(model)
    shown = str(caught.value)
    assert f"{variable}=" in shown
    assert told in shown
    assert "hunter2" not in shown


async def asked(model: str) -> CallError:
    adapter = open_adapter(model, AdapterOptions(timeout=10))
    with pytest.raises(CallError) as caught:
        await adapter.complete(kuhn_question())
    await adapter.close()
    return caught.value


@pytest.mark.parametrize("status", [403, 502, 503])
async def test_a_proxy_in_the_way_of_this_machine_is_named(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = response(b"<html>Blocked</html>", status, {"content-type": "text/html"})
    async with serving(page) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("http://", "http://me:secret12@"))
        shown = str(await asked("openai-api/http://localhost:9/v1#m"))
    assert "set NO_PROXY=localhost" in shown
    assert proxy.url.removesuffix("/v1").removeprefix("http://") in shown
    assert "secret12" not in shown
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert "proxy" not in str(await asked("openai-api/http://localhost:9/v1#m"))


async def test_a_proxy_that_is_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    raised = await asked("openai-api/http://host.example/v1#m")
    assert type(raised) is base.ConnectionLostError
    assert "calls go through the proxy http://127.0.0.1:9" in str(raised)


OWN = {
    "OPENAI_ORG_ID": "org-mine",
    "OPENAI_PROJECT_ID": "proj-mine",
    "OPENAI_CUSTOM_HEADERS": "X-Gateway: gateway-secret\nAuthorization: Bearer other-secret",
}


async def headers_of_a_call(model: str) -> dict[str, str]:
    async with serving(response(completion())) as server:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENAI_BASE_URL", server.url)
            adapter = open_adapter(model.format(url=server.url), AdapterOptions(timeout=10))
        await adapter.complete(kuhn_question())
        await adapter.close()
    return server.headers[0]


async def test_what_is_openai_s_own_goes_to_no_other_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)
    headers = await headers_of_a_call("openai-api/{url}#m")
    assert not [value for value in headers.values() if "mine" in value or "secret" in value]
    assert headers["authorization"] == "Bearer none"


async def test_what_is_openai_s_own_goes_where_openai_s_base_url_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)
    headers: dict[str, Any] = await headers_of_a_call("openai/gpt-4o")
    assert headers["openai-organization"] == "org-mine"
    assert headers["x-gateway"] == "gateway-secret"
