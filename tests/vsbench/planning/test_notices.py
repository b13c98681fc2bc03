"""Settings that change nothing say so, and so do environments that are left out."""

import logging
from typing import Any

import pytest

import vsbench
from vsbench.errors import UsageError
from vsbench.planning.notices import notices
from vsbench.players.seats import player_id
from vsbench.runner import runs, tournaments
from vsbench.settings import run_settings
from vsbench_envs import registry
from vsbench_envs.errors import MissingExtraError

KUHN: dict[str, Any] = {"envs": ("kuhn_poker",), "episodes": 1, "samples": 1}


def told(model: str = "gpt-4o", **settings: Any) -> str:
    checked = run_settings(models=(model,), **KUHN | settings)
    return "\n".join(notices(runs.plan(checked), checked))


WITHOUT_EFFECT = {
    "a persona in Kuhn poker": ({"persona": "self_interest"}, "--persona has no effect"),
    "more samples than there are": (
        {"samples": 5_000},
        "exceeds the 400 samples of kuhn_poker",
    ),
    "samples of no evaluation": ({"evals": ("decision",)}, "--samples has no effect"),
    "episodes of no evaluation": ({"evals": ("reasoning",)}, "--episodes has no effect"),
    "seats of no evaluation": (
        {"evals": ("reasoning",), "episodes": None, "seats": {1: "random"}},
        "--seat has no effect",
    ),
    "detail without pictures": ({"modality": "text", "detail": "low"}, "--detail has no effect"),
    "detail at a server that takes none": (
        {"model": "openai-api/http://localhost:11434/v1#m", "detail": "low"},
        "--detail has no effect on openai-api/",
    ),
    "detail of transformers": ({"model": "hf/some/model", "detail": "low"}, "--detail has no"),
    "temperature of no language model": (
        {"model": "sighted/oracle", "temperature": 0.5},
        "--temperature has no effect on sighted/oracle",
    ),
    "a limit of money where nothing costs": (
        {"model": "sighted/oracle", "max_cost": 1.0},
        "--max-cost has no effect",
    ),
    "how models are asked where none plays": (
        {"model": "bot/oracle", "style": "cot"},
        "--style has no effect: no model takes part",
    ),
    "a cache where no model plays": (
        {"model": "bot/oracle", "cache": "x.sqlite"},
        "--cache has no effect: no model takes part",
    ),
}


@pytest.mark.parametrize("case", WITHOUT_EFFECT)
def test_a_setting_without_effect_is_told(case: str) -> None:
    settings, notice = WITHOUT_EFFECT[case]
    assert notice in told(**settings)


EFFECTIVE = {
    "nothing set": {},
    "a persona where there is one": {"envs": ("coin_dilemma",), "persona": "self_interest"},
    "as many samples as there are": {"samples": 400},
    "detail at OpenAI": {"detail": "low"},
    "a price that is known": {"max_cost": 1.0},
    "a seat that is played": {"seats": {1: "random"}},
}


@pytest.mark.parametrize("case", EFFECTIVE)
def test_a_setting_with_effect_is_not(case: str) -> None:
    assert told(**EFFECTIVE[case]) == ""


@pytest.fixture
def no_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a base install, where only Pong's emulator is missing of the games."""

    def missing(env: str) -> MissingExtraError | None:
        return MissingExtraError("pip install 'vsbench[atari]'") if env == "atari_pong" else None

    monkeypatch.setattr(registry, "missing_extra", missing)


def test_environments_that_are_not_installed_are_left_out(no_emulator, caplog, tmp_path) -> None:
    """Nobody named them: the others are played, and it is said which are not."""
    settings = run_settings(models=("bot/random",), evals=("decision",), episodes=1)
    (manifest,) = runs.plan(settings)
    assert {plan.env for plan in manifest.environments} == {*registry.BENCHMARK} - {"atari_pong"}
    assert "skipping atari_pong: pip install 'vsbench[atari]'" in notices([manifest], settings)
    with caplog.at_level(logging.WARNING):
        vsbench.run(models=["bot/random"], evals=["decision"], episodes=1, out=tmp_path / "run")
    assert any("skipping atari_pong" in line for line in caplog.messages)


def test_tournaments_leave_them_out_too(no_emulator) -> None:
    settings = run_settings(models=("bot/random", "bot/oracle"), episodes=1)
    assert tournaments.plan(settings).games
    manifests = [*tournaments.plan(settings).pairings.values()]
    assert any("atari_pong" in line for line in notices(manifests, settings))


def test_one_that_is_named_and_not_installed_is_refused(no_emulator) -> None:
    with pytest.raises(MissingExtraError, match=r"vsbench\[atari\]"):
        runs.plan(run_settings(models=("bot/random",), envs=("atari_pong", "kuhn_poker")))


@pytest.mark.parametrize("name", ["random", "oracle", "mcts:simulations=10"])
def test_a_bot_by_its_bare_name_gets_a_hint(name: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean bot/{name}"):
        player_id(name)
