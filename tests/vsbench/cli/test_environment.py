"""Warnings about environment variables that no option reads."""

import pytest

from vsbench import cli


def told(monkeypatch, capsys, *arguments: str, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["vsbench", *arguments])
    with pytest.raises(SystemExit):
        cli.main()
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("VSBENCH_EPISODE", "VSBENCH_EPISODES"),
        ("VSBENCH_MAXCOST", "VSBENCH_MAX_COST"),
        ("VSBENCH_APIKEY", "VSBENCH_API_KEY"),
        ("VSBENCH_FROM_RUNS", "VSBENCH_FROM_RUN"),
    ],
)
def test_a_variable_that_nothing_reads_is_named(monkeypatch, capsys, name: str, near: str) -> None:
    warning = told(monkeypatch, capsys, "prompts", "list", **{name: "3"})
    assert f"{name} is set, but no option reads it; did you mean {near}?" in warning


def test_what_is_like_none_gets_no_hint(monkeypatch, capsys) -> None:
    warning = told(monkeypatch, capsys, "prompts", "list", VSBENCH_QWXYZ="3")
    assert warning == "vsbench: warning: VSBENCH_QWXYZ is set, but no option reads it\n"


@pytest.mark.parametrize(
    "name", ["VSBENCH_EPISODES", "VSBENCH_PORT", "VSBENCH_OVERWRITE", "VSBENCH_API_KEY"]
)
def test_variables_of_any_command_are_fine(monkeypatch, capsys, name: str) -> None:
    assert told(monkeypatch, capsys, "prompts", "list", **{name: "1"}) == ""
