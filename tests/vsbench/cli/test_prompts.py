"""``vsbench prompts``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from vsbench.cli import prompts
from vsbench.errors import UsageError
from vsbench.evaluations.examples import example_question
from vsbench_envs import get, registry
from vsbench_envs.canvas import decode


def eject(folder: Path) -> str:
    result = CliRunner().invoke(prompts.command, ["eject", str(folder)], catch_exceptions=False)
    return result.output


def test_eject_beside_a_run(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/run.json").write_text("{}")
    assert "templates written" in eject(tmp_path / "mine")


def test_eject_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "kuhn_poker").write_text("a file where a folder is needed")
    with pytest.raises(UsageError, match="cannot be written"):
        eject(tmp_path)


def show(*arguments: str) -> str:
    told = CliRunner().invoke(prompts.command, ["show", *arguments], catch_exceptions=False)
    assert told.exit_code == 0
    return told.output


def test_a_prompt_is_shown_as_a_model_gets_it(tmp_path: Path) -> None:
    told = show("coin_dilemma", "--persona", "self_interest", "--step", "9", "--to", str(tmp_path))
    assert "Maximise your own score" in told
    assert "Your strategy" in told
    (picture,) = tmp_path.glob("*.png")
    assert picture.name in told
    seen = get("coin_dilemma").view.read([decode(picture.read_bytes())])
    assert seen == example_question("coin_dilemma", "decision", step=9).percept


@pytest.mark.parametrize("evaluation", ["decision", "reasoning", "perception"])
@pytest.mark.parametrize("env", registry.BENCHMARK)
def test_every_question_of_every_game_can_be_shown(
    env: str, evaluation: str, tmp_path: Path
) -> None:
    told = show(env, "--eval", evaluation, "--to", str(tmp_path))
    assert get(env).spec.title in told
    key = {"decision": "action", "reasoning": "prediction", "perception": "elements"}[evaluation]
    assert f'{{"{key}"' in told
    assert list(tmp_path.glob("*.png"))


def test_predictions_of_pong_are_asked_from_the_left_paddle(tmp_path: Path) -> None:
    told = show("atari_pong", "--eval", "reasoning", "--to", str(tmp_path))
    assert "You are the left paddle." in told
    assert "Which of them does the right paddle take next?" in told


def test_what_cannot_be_shown_is_said() -> None:
    runner = CliRunner()
    for arguments, problem in (
        (["kuhn_poker", "--persona", "careful"], "has no persona careful"),
        (["kuhn_poker", "--seat", "7"], "seats 0 to 1, not 7"),
        (["kuhn_poker", "--step", "14"], "no seat is asked at or after step 14 of this episode"),
        (["kuhn_poker", "--seat", "1", "--step", "9"], "seat 1 is not asked at or after step 9"),
        (["kuhn_poker", "--eval", "perception", "--modality", "text"], "perception needs pictures"),
    ):
        told = runner.invoke(prompts.command, ["show", *arguments])
        assert isinstance(told.exception, UsageError)
        assert problem in str(told.exception)
