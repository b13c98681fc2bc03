"""Estimates learn from earlier runs of the model, and from nothing else."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import vsbench
from vsbench import UsageError
from vsbench.estimates.usage import Estimator, RunEstimate
from vsbench.runner.runs import plan

SETTINGS: dict[str, Any] = {
    "models": "sighted/greedy",
    "envs": ("hanabi", "kuhn_poker"),
    "episodes": 12,
    "samples": 4,
}


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("learning")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run."""
    folder = tmp_path_factory.mktemp("earlier")
    vsbench.run(out=folder / "first", **SETTINGS)
    return folder


def estimate(learn: Path | bool, **more: Any) -> RunEstimate:
    (found,) = vsbench.estimate(learn=learn, **SETTINGS | more).values()
    return found


def runs_learnt_from(learn: Path | bool, **more: Any) -> set[int]:
    return {line.runs for line in estimate(learn, **more).lines}


def test_a_repeated_run_takes_what_was_learnt(folder: Path, tmp_path: Path) -> None:
    learnt = estimate(folder)
    (again,) = vsbench.run(out=tmp_path / "again", seed=1, **SETTINGS)
    used = again.results.usage
    assert {line.runs for line in learnt.lines} == {1}
    for found, taken in (
        (learnt.calls, used.replies),
        (learnt.input, used.input),
        (learnt.output, used.output),
    ):
        assert found.middle == pytest.approx(taken, rel=0.15)
        assert found.low <= taken <= found.high
    before = estimate(False)
    assert learnt.calls.high - learnt.calls.low < before.calls.high - before.calls.low


def test_what_was_learnt_scales_with_the_plan(folder: Path) -> None:
    one, four = estimate(folder), estimate(folder, episodes=48, samples=16)
    assert four.input.middle == pytest.approx(4 * one.input.middle, rel=0.02)


@pytest.mark.parametrize(
    "more",
    [
        {"models": "sighted/oracle"},
        {"modality": "both"},
        {"style": "cot"},
        {"feedback": True},
        {"reasoning_effort": "low"},
        {"envs": ("coin_dilemma",)},
    ],
)
def test_other_conditions_teach_nothing(folder: Path, more: dict[str, Any]) -> None:
    assert runs_learnt_from(folder, **more) == {0}


def test_other_players_teach_nothing_about_games(folder: Path) -> None:
    found = estimate(folder, envs=("hanabi",), seats={1: "random"})
    assert {line.evaluation: line.runs for line in found.lines} == {
        "decision": 0,
        "reasoning": 1,
        "perception": 1,
    }


def test_runs_are_found_where_new_ones_go(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert runs_learnt_from(True) == {0}
    assert runs_learnt_from(True, out=folder / "next") == {1}
    shutil.copytree(folder, tmp_path / "runs")
    assert runs_learnt_from(True) == {1}
    assert runs_learnt_from(False) == {0}
    assert runs_learnt_from(folder / "first") == {1}


def test_pairings_of_tournaments_teach_too(tmp_path: Path) -> None:
    game: dict[str, Any] = {"envs": "kuhn_poker", "episodes": 12}
    vsbench.tournament(["sighted/greedy", "bot/random"], out=tmp_path / "t", **game)
    (found,) = vsbench.estimate(
        models="sighted/greedy", evals="decision", seats={1: "random"}, learn=tmp_path, **game
    ).values()
    assert [line.runs for line in found.lines] == [1]


def test_a_stopped_run_teaches_what_it_played(tmp_path: Path) -> None:
    game: dict[str, Any] = {"models": "sighted/greedy", "envs": "hanabi", "evals": "decision"}
    (report,) = vsbench.run(out=tmp_path / "run", max_tokens_total=400_000, **game)
    (played,) = report.results.environments
    assert 0 < played.finished < played.planned
    assert played.unfinished is None
    used = sum(seat.usage.replies for seat in played.seats)
    (found,) = vsbench.estimate(learn=tmp_path, **game).values()
    (line,) = found.lines
    assert line.calls.middle == pytest.approx(used / played.finished * 10)
    assert line.input.low / line.calls.low == pytest.approx(report.results.usage.input / used)


def test_a_named_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run"):
        estimate(tmp_path)
    with pytest.raises(UsageError, match="no run"):
        estimate(tmp_path / "missing")


def damage(run: Path, how: str) -> None:
    results, manifest = run / "results.json", run / "run.json"
    content = json.loads(results.read_text())
    match how:
        case "no results":
            results.unlink()
        case "cut":
            results.write_text(results.read_text()[:1000])
        case "nonsense":
            manifest.write_text("[" * 100_000)
        case "fifo":
            results.unlink()
            os.mkfifo(results)
        case "another's":
            results.write_text(json.dumps(content | {"model": "sighted/oracle"}))
        case "negative":
            for env in content["environments"]:
                for seat in env["seats"]:
                    seat["usage"]["replies"] = -5
            for part in content["samples"]:
                part["usage"]["output"] = -1
            results.write_text(json.dumps(content))
        case "infinite":
            text = json.dumps(content)
            results.write_text(text.replace('"latency": ', '"latency": 1e999, "x": '))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("no results", False),
        ("cut", True),
        ("nonsense", True),
        ("fifo", True),
        ("another's", True),
        ("negative", False),
        ("infinite", True),
    ],
)
def test_damaged_runs_are_skipped(folder: Path, tmp_path: Path, how: str, told: bool) -> None:
    shutil.copytree(folder, tmp_path / "runs")
    shutil.copytree(folder / "first", tmp_path / "runs" / "second")
    (tmp_path / "runs" / "of others").mkdir()
    damage(tmp_path / "runs" / "second", how)
    settings = vsbench.RunSettings(**SETTINGS)
    estimator = Estimator.of(settings, tmp_path / "runs")
    (manifest,) = plan(settings)
    assert {line.runs for line in estimator.run(manifest).lines} == {1}
    assert len(estimator.experience.notices) == told
    if told:
        assert "second" in estimator.experience.notices[0]
