"""Keys stay where they are: whatever a provider answers, nothing that is kept or shown has them."""

import asyncio
import io
import logging
from pathlib import Path

import pytest

import vsbench
from canned import Canned, completion, message, response, serving
from vsbench.records.journals import read_journal
from vsbench.reporting.displays import JsonEvents, PlainProgress
from vsbench.runner.observer import RunReport

CANARY = "sk-canary-0123456789abcdef"
ECHO = f"Incorrect API key provided: {CANARY}"

ANSWERS = {
    "a reply": None,
    "an echo": None,
    "not let in": response({"error": {"message": ECHO, "type": "auth"}}, 401),
    "a bad request": response({"error": {"message": ECHO, "type": "invalid_request_error"}}, 400),
    "a failure": response({"error": {"message": ECHO}}, 500),
    "a limit": response({"error": {"message": ECHO}}, 429, {"x-echo": CANARY}),
    "a page": response(f"<html>{ECHO}</html>".encode(), 503),
    "no JSON": response(ECHO.encode()),
    "no HTTP": f"{CANARY}\r\n\r\n".encode(),
}

REPLIES = {"OPENAI": response(completion()), "ANTHROPIC": response(message())}

SAID = f'{{"action": "bet"}} by {CANARY}'
THOUGHT = {"type": "thinking", "thinking": ECHO, "signature": "-"}
ECHOES = {
    "OPENAI": response(
        completion(content=SAID, reasoning_content=ECHO) | {"model": CANARY, "id": CANARY},
        headers={"x-request-id": CANARY},
    ),
    "ANTHROPIC": response(
        message("end_turn", THOUGHT, {"type": "text", "text": SAID}) | {"model": CANARY},
        headers={"request-id": CANARY},
    ),
}
"""Replies that hold the key wherever one can."""

ANSWERED = ("a reply", "an echo")
MODELS = {"OPENAI": "openai/gpt-4o", "ANTHROPIC": "anthropic/claude-opus-5-5"}


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize("case", ANSWERS)
def test_a_key_is_neither_kept_nor_shown(
    case: str,
    provider: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    out, shown = tmp_path / "run", io.StringIO()
    monkeypatch.setenv(f"{provider}_API_KEY", CANARY)

    async def play() -> tuple[Canned, RunReport]:
        canned = (ECHOES if case == "an echo" else REPLIES)[provider]
        async with serving(ANSWERS[case] or canned) as server:
            monkeypatch.setenv(f"{provider}_BASE_URL", server.url)
            (report,) = await vsbench.arun(
                models=[MODELS[provider]],
                envs=["kuhn_poker"],
                evals=["decision"],
                episodes=1,
                patience=0.1,
                out=out,
                cache=tmp_path / "replies",
                observer=JsonEvents(shown) if case in ANSWERED else PlainProgress(shown),
            )
        return server, report

    server, report = asyncio.run(play())
    sent = [value for headers in server.headers for value in headers.values()]
    assert any(CANARY in value for value in sent)
    lines = [line for path in out.glob("journal/*/*/*.jsonl") for line in read_journal(path)]
    assert any(line.type == ("attempt" if case in ANSWERED else "fault") for line in lines)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    told = shown.getvalue() + repr(report) + "".join(capfd.readouterr()) + caplog.text
    assert b"canary" not in kept
    assert "canary" not in told
