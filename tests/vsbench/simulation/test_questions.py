"""Everything that the harness can ask, put to the simulated provider through the real SDKs."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import vsbench
from asked import pack, question, requested
from protocols import CHAT, MESSAGES, RESPONSES, Protocol
from vsbench.adapters import Request
from vsbench.answers.parsing import parse_elements
from vsbench.errors import Exit
from vsbench.players.questions import retry_messages
from vsbench.settings import Evaluation, Modality, Style
from vsbench.simulation import Simulation, SimulationSettings
from vsbench.verification.run import verify
from vsbench_envs import registry

each_wire = pytest.mark.parametrize(
    "protocol", [CHAT, RESPONSES, MESSAGES], ids=["chat", "responses", "messages"]
)
each_evaluation = pytest.mark.parametrize("evaluation", get_args(Evaluation))


@pytest.fixture(scope="module")
def server() -> Iterator[Simulation]:
    with Simulation(SimulationSettings(policy="blind")) as simulation:
        yield simulation


@each_wire
@each_evaluation
@pytest.mark.parametrize("env", registry.BENCHMARK)
async def test_a_blind_model_answers_validly(
    server: Simulation, env: str, evaluation: Evaluation, protocol: Protocol
) -> None:
    asked = question(registry.get(env).new(1), env, evaluation)
    adapter = protocol.open(server.base_url)
    for modality in get_args(Modality):
        for style in get_args(Style):
            request = requested(asked, modality, style)
            assert bool(request.images) == (modality != "text")
            reply = await adapter.complete(request)
            assert asked.read(reply.text).outcome == "ok"
            if evaluation == "perception":
                assert set(parse_elements(reply.text)) == set(asked.elements)
    await adapter.close()


@each_wire
@each_evaluation
@pytest.mark.parametrize("env", registry.BENCHMARK)
async def test_a_sighted_model_answers_validly_without_pictures(
    server: Simulation, env: str, evaluation: Evaluation, protocol: Protocol
) -> None:
    asked = question(registry.get(env).new(1), env, evaluation)
    adapter = protocol.open(server.base_url, "sighted/oracle")
    request = requested(asked, "text")
    assert asked.read((await adapter.complete(request)).text).outcome == "ok"
    retry = retry_messages(pack(), asked, "unparsable", None)
    again = Request((*request.messages, *retry), 500, 7)
    assert asked.read((await adapter.complete(again)).text).outcome == "ok"
    await adapter.close()


@pytest.mark.parametrize("model", ["sighted/oracle", "sighted/legal", "blind/oracle"])
@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_a_run_in_text_alone_completes(
    server: Simulation, model: str, wire: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "any")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.anthropic_url)
    named = f"anthropic/{model}" if wire == "anthropic" else f"openai-api/{server.base_url}#{model}"
    (report,) = vsbench.run(
        models=[named], envs=["kuhn_poker"], modality="text", episodes=6, samples=12,
        evals=["decision", "reasoning"], out=tmp_path / "run",
    )  # fmt: skip
    assert report.exit is Exit.COMPLETE, report.why
    (played,) = report.results.environments
    for seat in played.seats:
        assert seat.decisions["ok"] == sum(seat.decisions.values())
    assert [result.unusable for result in report.results.samples] == [{}]
    assert not verify(tmp_path / "run").findings
