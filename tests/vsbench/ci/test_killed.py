"""``vsbench ci`` killed half-way and started again: the same verdict, and no call is paid twice."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from vsbench.ci.reports import CIReport, ModelReport
from vsbench.records.files import open_run
from vsbench.records.journal import Attempt
from vsbench.records.journals import JournalFiles
from vsbench.simulation.server import Simulation
from vsbench.simulation.settings import SimulationSettings

CONFIG: dict[str, Any] = {
    "models": {"assistant": "openai/gpt-4o"},
    "evals": ["decision"],
    "envs": ["coin_dilemma", "hanabi"],
    "modality": "text",
    "episodes": 10,
    "max_connections": 4,
    "max_cost": 100,
}


def begin(folder: Path, provider: Simulation) -> subprocess.Popen[str]:
    ours = {"OPENAI_BASE_URL": provider.base_url, "OPENAI_API_KEY": "any"}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "CI_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "vsbench", "ci", "--config", "ci.yml"],
        cwd=folder,
        env={**inherited, **ours},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(folder: Path, provider: Simulation) -> tuple[int, str]:
    process = begin(folder, provider)
    output, _ = process.communicate(timeout=300)
    return process.returncode, output


def project(folder: Path, baselines: Path | None = None, **keys: Any) -> Path:
    folder.mkdir()
    (folder / "ci.yml").write_text(json.dumps({**CONFIG, **keys}), encoding="utf-8")
    if baselines is not None:
        (folder / ".vsbench").mkdir()
        (folder / ".vsbench" / "baselines").symlink_to(baselines)
    return folder


def report(folder: Path) -> ModelReport:
    text = (folder / "vsbench-reports" / "comparison.json").read_bytes()
    (model,) = CIReport.model_validate_json(text).models
    return model


def journalled(folder: Path) -> set[str]:
    """The requests whose replies were recorded, by the provider's names."""
    return {
        line.request_id.rpartition("-")[0]
        for run in folder.glob(".vsbench/ci/*/assistant")
        for lines in JournalFiles(run, open_run(run)).values()
        for line in lines
        if isinstance(line, Attempt)
    }


@pytest.mark.slow
def test_a_model_that_is_worse_by_what_can_be_detected_is_rejected(tmp_path: Path) -> None:
    keys = {"envs": ["coin_dilemma", "hanabi", "monster_hunt"], "episodes": 16}
    with Simulation(SimulationSettings(policy="oracle")) as provider:
        before = project(tmp_path / "before", **keys)
        code, output = finish(before, provider)
        assert code == 0, output
    baselines = before / ".vsbench" / "baselines"
    with Simulation(SimulationSettings(policy="oracle=0.97,random=0.03")) as provider:
        code, output = finish(project(tmp_path / "after", baselines, **keys), provider)
    assert code == 1, output
    found = report(tmp_path / "after")
    assert found.comparison is not None
    (overall, *_) = found.comparison.scores("decision")
    assert overall.difference is not None
    # A random answer in thirty-three costs about as much as this comparison detects.
    ratio = -overall.difference.value / found.judgement.detectable["decision"]
    assert 0.7 < ratio < 1.5
    assert ("decision", "overall") in found.judgement.regressions


@pytest.mark.slow
@pytest.mark.parametrize("sequential", [False, True])
def test_killed_and_started_again(sequential: bool, tmp_path: Path) -> None:
    with Simulation(SimulationSettings(policy="oracle")) as provider:
        before = project(tmp_path / "before")
        code, output = finish(before, provider)
        assert code == 0, output
    baselines = before / ".vsbench" / "baselines"
    worse = SimulationSettings(policy="oracle=0.8,random=0.2", latency=0.01)
    keys = {"sequential": sequential, "update_baseline": False}
    with Simulation(worse) as provider:
        code, output = finish(project(tmp_path / "whole", baselines, **keys), provider)
        calls = provider.counts().finished_calls
    assert code == 1, output
    with Simulation(worse) as provider:
        killed = project(tmp_path / "killed", baselines, **keys)
        at_kills = []
        for share in (0.3, 0.6):
            process = begin(killed, provider)
            while provider.counts().finished_calls < share * calls:
                assert process.poll() is None
                time.sleep(0.02)
            process.kill()
            process.communicate()
            at_kills.append((journalled(killed), provider.counts().repeated))
        code, output = finish(killed, provider)
        counts = provider.counts()
    assert code == 1, output
    assert "continuing in" in output
    for recorded, repeated in at_kills:
        assert recorded
        assert {name: repeated.get(name, 1) for name in recorded} == {
            name: counts.repeated.get(name, 1) for name in recorded
        }
    # What was in progress at a kill is not recorded.
    assert calls <= counts.finished_calls <= calls + 2 * CONFIG["max_connections"]
    again, once = report(killed), report(tmp_path / "whole")
    assert again.judgement == once.judgement
    assert again.comparison is not None
    assert once.comparison is not None
    assert again.comparison.figures == once.comparison.figures
