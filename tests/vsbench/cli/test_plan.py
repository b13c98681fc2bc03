"""``vsbench plan``, and what estimates learn from on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vsbench.cli import cli
from vsbench.errors import UsageError

PLAN = ("plan", "--model", "gpt-4o", "--learn", "none")


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"COLUMNS": "80", "NO_COLOR": "1"})


def test_a_plan_is_shown_in_80_columns() -> None:
    done = call(*PLAN, "--half-width", "6")
    assert done.exit_code == 0, done.output
    assert "…" not in done.stdout
    lines = done.stdout.splitlines()
    assert max(map(len, (line for line in lines if "vsbench run" not in line))) <= 80
    for title in (
        "openai/gpt-4o, decision: the run as it is set up",
        "openai/gpt-4o, perception: the least for ±6 overall",
        "openai/gpt-4o, reasoning: the least for ±6 in each environment by itself",
    ):
        assert title in lines
    commands = [line.split() for line in lines if line.startswith("  vsbench run ")]
    assert [words[words.index("--eval") + 1] for words in commands] == [
        "decision",
        "reasoning",
        "perception",
    ]


def test_a_plan_is_told_to_machines(tmp_path: Path) -> None:
    done = call(*PLAN, "--detect", "9", "--unpaired", "--env", "hanabi", "--json")
    (told,) = map(json.loads, done.stdout.splitlines())
    assert (told["event"], told["model"], told["goal"]["detect"]) == ("plan", "openai/gpt-4o", 9)
    assert not told["goal"]["paired"]
    kinds = [(design["evaluation"], design["kind"]) for design in told["designs"]]
    assert kinds[:2] == [("decision", "protocol"), ("decision", "overall")]
    score = told["designs"][1]["scores"][0]
    assert score["detectable"] <= 9
    assert score["usage"][0]["cost"]["low"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--half-width", "5", "--budget", "9"), "give one goal"),
        (("--half-width", "-1"), "above 0"),
        (("--budget", "0.01"), "the least plan may take"),
        (("--half-width", "5", "--episodes", "pong=4"), "pong=4: the environments here are"),
    ],
)
def test_impossible_plans_are_refused(words: tuple[str, ...], told: str) -> None:
    done = call(*PLAN, *words)
    assert isinstance(done.exception, UsageError)
    assert told in str(done.exception)


@pytest.mark.parametrize(
    ("words", "planned"),
    [
        (("3",), ["3", "3"]),
        (("kuhn_poker=24",), ["10", "24"]),
        (("kuhn_poker=24", "kuhn_poker=36", "hanabi=4"), ["4", "36"]),
        (("5", "6"), ["6", "6"]),
    ],
)
def test_episodes_are_of_all_environments_or_of_each(
    words: tuple[str, ...], planned: list[str]
) -> None:
    given = [each for word in words for each in ("--episodes", word)]
    games = ("--env", "hanabi", "--env", "kuhn_poker", "--eval", "decision", "--learn", "none")
    done = call("run", "--model", "sighted/oracle", *games, "--dry-run", "--json", *given)
    (told,) = map(json.loads, done.stdout.splitlines())
    assert [str(line["planned"]) for line in told["of"]] == planned


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("5", "hanabi=6"), "one number for all environments, or ENV=N for each"),
        (("many",), "'many' is neither a number nor ENV=N"),
        (("hanabi=-1",), "is neither a number"),
    ],
)
def test_impossible_counts_are_named(words: tuple[str, ...], told: str) -> None:
    given = [each for word in words for each in ("--samples", word)]
    done = call("run", "--model", "sighted/oracle", "--dry-run", *given)
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_learning_is_about_estimates(tmp_path: Path) -> None:
    done = call("run", "--model", "sighted/oracle", "--learn", str(tmp_path))
    assert isinstance(done.exception, UsageError)
    assert "--dry-run" in str(done.exception)


def test_a_damaged_run_is_named_and_skipped(tmp_path: Path) -> None:
    game = ("--model", "sighted/random", "--env", "kuhn_poker", "--episodes", "12")
    run = call("run", *game, "--eval", "decision", "--out", str(tmp_path / "good"))
    assert run.exit_code == 0, run.output
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "run.json").write_text("{}")
    done = call("run", *game, "--dry-run", "--learn", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "nothing learnt from" in done.stderr
    assert "bad" in done.stderr
    (row,) = (line.split() for line in done.stdout.splitlines()[:6] if "Kuhn" in line)
    assert row[-1] == "1"
