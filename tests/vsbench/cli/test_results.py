"""``vsbench results`` of several runs, some of them damaged."""

import json
import shutil
from pathlib import Path

import pytest

import vsbench
from vsbench import cli


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "good"
    vsbench.run(
        models=["sighted/random"], envs=["kuhn_poker"], evals=["decision"], episodes=2, out=out
    )
    return out


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["vsbench", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def spoil_manifest(run: Path) -> None:
    (run / "run.json").write_text("{}", encoding="utf-8")


def spoil_journal(run: Path) -> None:
    (run / "journal/decision/kuhn_poker/0001.jsonl").write_text("nonsense\n", encoding="utf-8")


def spoil_game(run: Path) -> None:
    text = (run / "run.json").read_text(encoding="utf-8")
    (run / "run.json").write_text(text.replace("kuhn_poker", "kuhn_whist"), encoding="utf-8")


SPOILT = [spoil_manifest, spoil_journal, spoil_game]


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex"])
def test_a_damaged_run_hides_no_other(
    run: Path, tmp_path: Path, spoil, form: str, monkeypatch, capsys
) -> None:
    shutil.copytree(run, tmp_path / "a")
    spoil(shutil.copytree(run, tmp_path / "damaged"))
    assert call(monkeypatch, "results", str(tmp_path), "--format", form) == 1
    out, told = capsys.readouterr()
    assert ("Kuhn poker" in out) or ("kuhn_poker" in out)
    assert "damaged" in told
    if form == "json":
        assert len(json.loads(out)) == 1


@pytest.mark.parametrize("spoil", SPOILT)
def test_nothing_to_show_is_bad_input(
    run: Path, tmp_path: Path, spoil, monkeypatch, capsys
) -> None:
    spoil(shutil.copytree(run, tmp_path / "damaged"))
    assert call(monkeypatch, "results", str(tmp_path)) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert "damaged" in told


def test_a_run_named_twice_is_shown_once(run: Path, monkeypatch, capsys) -> None:
    assert call(monkeypatch, "results", str(run), str(run.parent), "--format", "json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_names_of_damaged_runs_stay_on_their_line(
    run: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    shutil.copytree(run, tmp_path / "a")
    spoil_manifest(shutil.copytree(run, tmp_path / "x\n  verification passed\x1b[1m"))
    assert call(monkeypatch, "results", str(tmp_path)) == 1
    told = capsys.readouterr().err
    assert "\n  verification passed" not in told
    assert "\x1b" not in told


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "latex"])
def test_a_run_stands_beside_the_paper(run: Path, form: str, monkeypatch, capsys) -> None:
    assert call(monkeypatch, "results", str(run), "--paper", "--format", form) == 0
    out = capsys.readouterr().out
    for told in ("paper: humans", "vsbench: random bot", "2 episodes instead of 1,200"):
        assert told in out
