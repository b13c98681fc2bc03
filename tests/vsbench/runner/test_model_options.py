"""Providers' own options: to whom they go, and that a run keeps those it began with."""

from pathlib import Path

import pytest

import vsbench
from vsbench.adapters.base import AdapterOptions
from vsbench.errors import UsageError
from vsbench.records.files import open_run
from vsbench.runner import pool
from written import MODEL, WrittenModel

PLAN = {"envs": ["kuhn_poker"], "evals": ["decision"], "episodes": 1}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What each model that is opened was told."""
    told: dict[str, dict[str, str]] = {}

    def open_adapter(name: str, options: AdapterOptions) -> WrittenModel:
        told[name] = dict(options.extra)
        return WrittenModel()

    monkeypatch.setattr(pool, "open_adapter", open_adapter)
    return told


def test_options_go_to_their_own_provider(opened: dict, tmp_path: Path) -> None:
    models = ["openai/gpt-4o", MODEL]
    options = {"openai.api": "chat", "openai-api.server": "vllm"}
    vsbench.run(models=models, **PLAN, model_options=options, out=tmp_path)
    assert opened == {"openai/gpt-4o": {"api": "chat"}, MODEL: {"server": "vllm"}}
    recorded = {open_run(path).model: open_run(path).model_options for path in tmp_path.iterdir()}
    assert recorded == {
        "openai/gpt-4o": {"openai.api": "chat"},
        MODEL: {"openai-api.server": "vllm"},
    }


def test_an_option_that_is_nobody_s_is_refused(opened: dict, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"hf\.dtype: no model .* here: openai-api"):
        vsbench.run(models=[MODEL], **PLAN, model_options={"hf.dtype": "x"}, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_resumed_run_keeps_its_options(opened: dict, tmp_path: Path) -> None:
    vsbench.run(
        models=[MODEL],
        **PLAN,
        model_options={"openai-api.server": "vllm"},
        max_tokens_total=1,
        out=tmp_path / "run",
    )
    opened.clear()
    vsbench.resume(tmp_path / "run")
    assert opened == {MODEL: {"server": "vllm"}}
