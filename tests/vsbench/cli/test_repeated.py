"""Repeated options: duplicates count once, or are refused before anything is written."""

from pathlib import Path

import pytest

import vsbench
from vsbench import cli
from vsbench.errors import UsageError
from vsbench.runner import runs
from vsbench.settings import run_settings

KUHN = ("--env", "kuhn_poker", "--episodes", "2")


def call(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["vsbench", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_environments_and_evaluations_count_once(tmp_path: Path, monkeypatch, capsys) -> None:
    code = call(
        monkeypatch, "run", "--model", "sighted/random", *KUHN, "--env", "kuhn_poker",
        "--eval", "decision", "--eval", "decision", "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert code == 0
    (results,) = vsbench.results(tmp_path / "run")
    assert [env.planned for env in results.environments] == [2]
    assert call(monkeypatch, "run", "--resume", str(tmp_path / "run")) == 0
    assert call(monkeypatch, "replay", str(tmp_path / "run")) == 0


@pytest.mark.parametrize("again", ["gpt-4o", "openai/gpt-4o"])
def test_a_model_twice_is_refused_however_it_is_written(again: str) -> None:
    with pytest.raises(UsageError, match="duplicate model openai/gpt-4o"):
        runs.plan(run_settings(models=("gpt-4o", again), envs=("kuhn_poker",)))


def test_settings_in_python_count_once_too() -> None:
    settings = run_settings(
        models=("sighted/random",),
        envs=["kuhn_poker", "hanabi", "kuhn_poker"],
        evals=["reasoning", "decision", "reasoning"],
    )
    assert settings.envs == ("kuhn_poker", "hanabi")
    assert settings.evals == ("reasoning", "decision")


REFUSED = {
    "a seat": ("run", "--model", "sighted/random", "--seat", "1=random", "--seat", "01=oracle"),
    "an option": ("run", "--model", "gpt-4o", "--model-option", "openai.api=chat",
                  "--model-option", "openai.api=responses"),
    "a fault": ("simulate", "--fault", "overloaded=0.1", "--fault", "overloaded=0.2"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_two_values_for_one_thing_are_refused(
    case: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, *REFUSED[case]) == 2
    assert "given twice" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_every_repeatable_option_and_argument_looks_for_doubles() -> None:
    """So that new ones cannot forget to."""
    context = cli.click.Context(cli.cli)
    seen = set()
    pending = [(name, cli.cli.get_command(context, name)) for name in cli.COMMANDS]
    while pending:
        path, command = pending.pop()
        assert command is not None
        if isinstance(command, cli.click.Group):
            pending += [(f"{path} {name}", inner) for name, inner in command.commands.items()]
        for parameter in command.params:
            if getattr(parameter, "multiple", False) or parameter.nargs == -1:
                # Models are compared by their full ids, when the run is planned.
                assert parameter.callback is not None or parameter.name == "models", path
                seen.add(f"{path} {parameter.name}")
    assert {"run envs", "dataset build runs", "results sources"} <= seen


def test_a_folder_of_runs_and_a_run_in_it_are_read_once(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    run = tmp_path / "runs/one"
    vsbench.run(models=["sighted/random"], envs=["kuhn_poker"], evals=["decision"], episodes=12,
                out=run)  # fmt: skip
    sets = {}
    for name, given in {"once": (run,), "twice": (run, run / ".", tmp_path / "runs")}.items():
        options = [part for path in given for part in ("--from-run", str(path))]
        assert call(monkeypatch, "dataset", "build", *options, "--out", str(tmp_path / name)) == 0
        sets[name] = (tmp_path / name / "kuhn_poker.jsonl").read_bytes()
    assert sets["once"] == sets["twice"]
