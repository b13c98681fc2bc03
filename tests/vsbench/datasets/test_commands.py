"""``vsbench dataset`` as people use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vsbench.cli import cli
from vsbench.datasets.samples import Dataset, load
from vsbench.errors import UsageError
from vsbench_envs.errors import UnknownNameError


def vsbench(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cli, ["dataset", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_sets_are_built_described_exported_and_checked(tmp_path: Path) -> None:
    built = vsbench("build", "--env", "kuhn_poker", "--samples", 20, "--seed", 5, "--out", tmp_path)
    path = tmp_path / "kuhn_poker.jsonl"
    assert f"{path}: 20 samples" in built.output
    assert "random guess: 50.0 %" in built.output
    assert len(load(path).samples) == 20

    shown = vsbench("show", path)
    assert "bot/equilibrium:alpha=1/6" in shown.output
    card = json.loads(vsbench("show", path, "--json", "--quick").output)
    assert (card["seed"], card["samples"], card["random_guess"]) == (5, 20, 0.5)

    exported = vsbench("export", path, "--to", tmp_path / "hub")
    assert exported.output == f"{tmp_path}/hub/data/kuhn_poker.parquet: 20 rows\n"

    published = vsbench("show", tmp_path / "hub/data/kuhn_poker.parquet", "--json")
    found = json.loads(published.output)
    assert (found["env"], found["samples"], found["random_guess"]) == ("kuhn_poker", 20, 0.5)
    assert found["answers"] == card["actions"]
    assert "20 rows, 20 pictures" in vsbench("show", found["path"]).output

    both = vsbench("check", path, tmp_path / "hub/data/kuhn_poker.parquet")
    assert both.output.count(": no findings") == 2
    assert both.exit_code == 0


def test_sets_are_taken_from_runs(run: Path, tmp_path: Path) -> None:
    built = vsbench("build", "--from-run", run, "--env", "coin_dilemma", "--out", tmp_path)
    assert "coin_dilemma.jsonl: 400 samples of 12 episodes" in built.output
    assert [path.name for path in tmp_path.iterdir()] == ["coin_dilemma.jsonl"]


def test_findings_are_listed(poker: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "poker.jsonl"
    path.write_bytes(poker.content.replace(b'"answers":["bet"]', b'"answers":["bett"]', 1))
    checked = vsbench("check", path)
    assert checked.exit_code == 1
    assert "2 findings" in checked.output
    assert "'bett' is not among" in checked.output


def test_bad_input_is_named(tmp_path: Path) -> None:
    for arguments, error, problem in [
        (("show", "kuhn"), UnknownNameError, "Did you mean 'kuhn_poker'"),
        (("show", "nowhere.jsonl"), UsageError, "nowhere.jsonl cannot be read"),
        (
            ("show", "coin_dilemma_3p"),
            UsageError,
            "no data set ships for coin_dilemma_3p; build one with: vsbench dataset build",
        ),
        (("check", "nowhere.jsonl"), UsageError, "nowhere.jsonl cannot be read"),
        (("check", "nowhere.parquet"), UsageError, "nowhere.parquet cannot be read"),
        (("build", "--env", "chess"), UnknownNameError, "chess"),
        (("build", "--from-run", tmp_path / "none"), UsageError, "is not a directory"),
    ]:
        with pytest.raises(error, match=problem):
            vsbench(*arguments)
    assert vsbench("build", "--samples", "0").exit_code == 2
