"""Prompts are rendered once before anything is written, so that no run fails by them later."""

from __future__ import annotations

from pathlib import Path

import pytest

import vsbench
from vsbench.prompts import PromptError

SHARED = "_shared/v1"
PERCEPTION = "kuhn_poker/v1/perception.j2"


def overlay(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "text", "evaluation", "problem"),
    [
        (
            "kuhn_poker/v1/action.j2",
            "{{ role('user') }}move{% if seat %}\n{{ target }}{% endif %}",
            "decision",
            "action.j2:2: 'target' is undefined",
        ),
        ("kuhn_poker/v1/action.j2", "{{ role('user') }}{{ image(9) }}", "decision", "no image 9"),
        (PERCEPTION, "{{ role('user') }}{{ legal }}", "perception", "'legal' is undefined"),
        (
            "kuhn_poker/v1/prediction.j2",
            "{{ role('system') }}x",
            "reasoning",
            "renders no user message",
        ),
        (f"{SHARED}/retry.j2", "{{ role('user') }}{{ answer.x }}", "decision", "retry.j2"),
        (
            f"{SHARED}/retry.j2",
            "{{ role('user') }}again{% if outcome == 'unparsable' %}{{ role('you') }}{% endif %}",
            "perception",
            "no role 'you'",
        ),
        (f"{SHARED}/published.j2", "{{ role('user') }}{{ legal }}", "reasoning", "'legal'"),
    ],
)
def test_a_prompt_that_fails_stops_a_run_before_it_writes(
    tmp_path: Path, name: str, text: str, evaluation: str, problem: str
) -> None:
    out = tmp_path / "run"
    settings = {
        "models": ["sighted/random"],
        "envs": ["kuhn_poker"],
        "evals": [evaluation],
        "protocol": "vsbench-1-quick",
        "feedback": True,
        "prompts": overlay(tmp_path / "mine", name, text),
        "out": out,
    }
    with pytest.raises(PromptError, match=problem):
        vsbench.run(**settings)
    assert not out.exists()


def test_it_stops_a_tournament_too(tmp_path: Path) -> None:
    prompts = overlay(tmp_path / "mine", f"{SHARED}/retry.j2", "{{ role('user') }}{{ target }}")
    with pytest.raises(PromptError, match=r"retry\.j2"):
        vsbench.tournament(
            ["sighted/random", "bot/oracle"],
            envs=["kuhn_poker"],
            prompts=prompts,
            feedback=True,
            out=tmp_path / "games",
        )
    assert not (tmp_path / "games").exists()


def test_templates_of_what_is_not_asked_do_not_matter(tmp_path: Path) -> None:
    prompts = overlay(tmp_path / "mine", PERCEPTION, "{{ role('user') }}{{ image(9) }}")
    (report,) = vsbench.run(
        models=["sighted/random"],
        envs=["kuhn_poker"],
        evals=["decision"],
        episodes=2,
        prompts=prompts,
        out=tmp_path / "run",
    )
    assert "decision" in report.results.overall
