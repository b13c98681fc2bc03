"""Shells complete commands, options and values."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import vsbench
from vsbench.cli import COMMANDS, cli
from vsbench.cli.shells import split
from vsbench.cli.values import VALUES
from vsbench.protocols import protocol_names
from vsbench_envs import registry


def completed(*words: str) -> list[str]:
    """The values offered for the last word."""
    *args, incomplete = words
    found = ShellComplete(cli, {}, "vsbench", "_X").get_completions(args, incomplete)
    return [str(item.value) for item in found]


def test_commands_are_offered_with_their_summaries() -> None:
    assert completed("") == list(COMMANDS)
    assert completed("re") == ["results", "replay"]
    assert "--log-level" in completed("--")
    assert completed("dataset", "b") == ["build"]


def test_environments_are_offered_and_those_of_other_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert completed("run", "--env", "") == registry.names()
    assert completed("run", "--env", "ku") == ["kuhn_poker"]
    for words in (("envs",), ("envs", "check"), ("prompts", "show"), ("play",)):
        assert completed(*words, "coin") == ["coin_dilemma", "coin_dilemma_3p"]
    assert completed("dataset", "show", "kuhn") == ["kuhn_poker"]
    monkeypatch.setattr(registry, "names", lambda: ["kuhn_poker", "chomp"])
    assert completed("run", "--env", "ch") == ["chomp"]


def test_a_broken_package_leaves_completion_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[str]:
        raise ImportError("a broken package")

    monkeypatch.setattr(registry, "names", broken)
    assert completed("run", "--env", "ku") == []
    assert "--env" in completed("run", "--e")


def test_seats_are_offered_with_the_bots_of_the_game_and_models() -> None:
    seat = ("run", "--env", "breakthrough", "--seat")
    assert completed(*seat, "") == ["0=", "1="]
    assert completed("run", "--env", "hanabi_3p", "--seat", "") == ["0=", "1=", "2="]
    bots = registry.get("breakthrough").bots
    assert set(completed(*seat, "1=")) >= {f"1={bot}" for bot in bots}
    assert completed(*seat, "1=orac") == ["1=oracle"]
    assert "1=openai/gpt-4o" in completed(*seat, "1=openai/gpt-4")
    assert completed(*seat, "1=alphabeta:") == [
        f"1=alphabeta:{option}=" for option in bots["alphabeta"].parameters
    ]


def test_models_are_offered_by_full_and_bare_names() -> None:
    assert "openai/gpt-4o" in completed("run", "--model", "openai/gpt-4")
    assert "gpt-4o" in completed("run", "--model", "gpt-4")
    assert completed("run", "--model", "sighted/o") == ["sighted/oracle"]
    assert "bot/oracle" in completed("tournament", "--player", "bot/")
    assert "bot/oracle" not in completed("run", "--model", "")


def test_choices_protocols_and_options_of_models_are_offered() -> None:
    assert completed("run", "--protocol", "") == list(protocol_names())
    assert completed("protocols", "vsbench-1-") == ["vsbench-1-quick"]
    assert completed("run", "--eval", "p") == ["perception"]
    assert completed("run", "--persona", "care") == ["careful"]
    assert completed("run", "--model-option", "hf.batch_s") == ["hf.batch_size="]
    assert completed("export", "--table", "e") == ["episodes"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with runs in it."""
    path = tmp_path_factory.mktemp("working")
    for name in ("runs/20260101-a", "runs/20260102-b", "mine"):
        settings = {"envs": "kuhn_poker", "evals": "decision", "episodes": 2}
        vsbench.run(models="sighted/random", out=path / name, **settings)
    (path / "empty").mkdir()
    return path


def test_runs_are_offered_the_latest_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert completed("results", "") == ["mine", "runs/20260102-b", "runs/20260101-a"]
    assert completed("run", "--resume", "runs/20260101") == ["runs/20260101-a"]
    assert completed("export", "mine", "runs/") == ["runs/20260102-b", "runs/20260101-a"]
    assert completed("results", f"{folder}/m") == [f"{folder}/mine"]


def test_without_a_run_files_are_offered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "empty")
    for *args, typed in (("results", "../x"), ("run", "--dataset", "se")):
        (item,) = ShellComplete(cli, {}, "vsbench", "_X").get_completions(args, typed)
        assert (item.value, item.type) == (typed, "file")


def test_episodes_of_the_run_are_offered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert completed("replay", "mine", "--html", "") == ["kuhn_poker/0", "kuhn_poker/1"]


def test_values_are_of_parameters_that_exist() -> None:
    known: set[str] = set()
    context = click.Context(cli)

    def collect(command: click.Command, path: str) -> None:
        for parameter in command.params:
            known.update((str(parameter.name), f"{path} {parameter.name}".strip()))
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                if (found := command.get_command(context, name)) is not None:
                    collect(found, f"{path} {name}".strip())

    collect(cli, "")
    assert not VALUES.keys() - known


def test_a_line_is_split_like_a_shell_does() -> None:
    assert split("vsbench run --seat 1=a:b=2") == ["vsbench", "run", "--seat", "1=a:b=2"]
    assert split("vsbench results 'my ru") == ["vsbench", "results", "my ru"]
    assert split(r"vsbench results my\ run") == ["vsbench", "results", "my run"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_printed(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("there is no bash")
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert f"_VSBENCH_COMPLETE={shell}_complete" in done.output


LINES = {
    "vsbench resu": ["results"],
    "vsbench run --env kuh": ["kuhn_poker"],
    "vsbench run --env=kuh": ["kuhn_poker"],
    "vsbench run --env kuhn_poker --seat 1=ora": ["oracle"],
    "vsbench run --env kuhn_poker --seat=1=ora": ["oracle"],
    "vsbench run --env breakthrough --seat 1=alphabeta:dep": ["depth="],
    "vsbench run --persona care": ["careful"],
    "vsbench results runs/2026010": ["runs/20260102-b", "runs/20260101-a"],
}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.slow
def test_bash_completes_lines(folder: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LINES": "\n".join(LINES),
    }
    script = r"""
        eval "$(vsbench completion bash)"
        compopt() { :; }  # Works only while the shell itself completes.
        mapfile -t lines <<< "$LINES"
        for line in "${lines[@]}"; do
            COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
            _vsbench_completion vsbench
            echo "${COMPREPLY[*]}"
        done
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    found = [line.split() for line in done.stdout.splitlines()]
    assert dict(zip(LINES, found, strict=True)) == LINES


def test_options_are_completed_without_what_plays() -> None:
    """Half a second is long for a press of a key."""
    heavy = {"numpy", "pettingzoo", "scipy", "jinja2", "openai", "pytest", "vsbench.runner.runs"}
    program = f"import sys, vsbench.cli.run; print({heavy} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
