"""Output paths: missing folders, links and records are refused before anything is written."""

import shutil
from pathlib import Path

import pytest

import vsbench
from vsbench import cli
from vsbench.errors import UsageError


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    vsbench.run(
        models=["sighted/random"], envs=["kuhn_poker"], evals=["decision"], episodes=1, out=out
    )
    return out


def commands(run: Path, nowhere: Path) -> dict[str, tuple[str, ...]]:
    model = ("run", "--model", "sighted/random", "--env", "kuhn_poker", "--episodes", "1")
    return {
        "gif": ("replay", str(run), "--gif", "kuhn_poker/0", "--to", f"{nowhere}/x.gif"),
        "html": ("replay", str(run), "--html", "kuhn_poker/0", "--to", f"{nowhere}/x.html"),
        "build": ("dataset", "build", "--env", "kuhn_poker", "--out", f"{nowhere}/sets"),
        "export": ("dataset", "export", "kuhn_poker", "--to", f"{nowhere}/hub"),
        "anchors": ("anchors", "--env", "kuhn_poker", "--episodes", "4", "--write",
                    f"{nowhere}/anchors.json"),
        "eject": ("prompts", "eject", f"{nowhere}/pack"),
        "cache": (*model, "--cache", f"{nowhere}/replies.sqlite"),
        "picture": ("envs", "kuhn_poker", "--picture", f"{nowhere}/x.png"),
    }  # fmt: skip


@pytest.mark.parametrize("case", commands(Path(), Path()))
def test_a_mistyped_folder_is_told_and_not_made(
    case: str, run: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    nowhere = tmp_path / "no/such/folder"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["vsbench", *commands(run, nowhere)[case]])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert str(nowhere) in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


USELESS = {
    "replay --to": ("replay", "RUN", "--to", "x.gif"),
    "envs --picture": ("envs", "--picture", "x.png"),
    "run --resume --dry-run": ("run", "--resume", "RUN", "--dry-run"),
    "play --resume --seed": ("play", "--resume", "RUN", "--seed", "3"),
}


@pytest.mark.parametrize("case", USELESS)
def test_options_that_would_change_nothing_are_refused(
    case: str, run: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [str(run) if part == "RUN" else part for part in USELESS[case]]
    monkeypatch.setattr("sys.argv", ["vsbench", *given])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert case.split()[-1] in capsys.readouterr().err


def test_the_run_s_own_folder_of_replays_is_made(run: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["vsbench", "replay", str(run), "--html", "kuhn_poker/0"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert (run / "replays/kuhn_poker-0000.html").exists()


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("run.json", "does not end in ."),
        ("results.json", "does not end in ."),
        ("journal/decision/kuhn_poker/0000.jsonl", "does not end in ."),
        ("new", "choose a folder of its own"),
    ],
)
@pytest.mark.parametrize("kind", ["html", "gif"])
def test_pages_do_not_replace_records(
    run: Path, tmp_path: Path, monkeypatch, capsys, kind: str, place: str, problem: str
) -> None:
    own = Path(shutil.copytree(run, tmp_path / "run"))
    before = {path: path.read_bytes() for path in own.rglob("*.json*")}
    target = own / (place if "." in place else f"{place}.{kind}")
    words = ("replay", str(own), f"--{kind}", "kuhn_poker/0", "--to", str(target))
    monkeypatch.setattr("sys.argv", ["vsbench", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert problem in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in own.rglob("*.json*")}


@pytest.mark.parametrize("settings", [{"out": "journal/sub"}, {"cache": "replies.sqlite"}])
def test_runs_are_not_written_into_runs(run: Path, settings: dict[str, str]) -> None:
    inside = {name: run / place for name, place in settings.items()}
    before = sorted(run.rglob("*"))
    with pytest.raises(UsageError, match="choose a folder of its own"):
        vsbench.run(models=["sighted/random"], envs=["kuhn_poker"], episodes=1, **inside)
    assert sorted(run.rglob("*")) == before


@pytest.mark.parametrize("number", ["9" * 5000, "٠", "-1", ""])
def test_an_episode_that_is_no_number_is_told(run: Path, monkeypatch, capsys, number: str) -> None:
    words = ["vsbench", "replay", str(run), "--html", f"kuhn_poker/{number}"]
    monkeypatch.setattr("sys.argv", words)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "this run has no episode" in capsys.readouterr().err


@pytest.mark.parametrize("link", ["replays", "replays/kuhn_poker-0000.html"])
def test_a_stranger_s_link_does_not_say_where_we_write(
    run: Path, tmp_path: Path, monkeypatch, capsys, link: str
) -> None:
    stranger = Path(shutil.copytree(run, tmp_path / "run"))
    shutil.rmtree(stranger / "replays", ignore_errors=True)
    victim = tmp_path / "victim"
    victim.mkdir() if link == "replays" else victim.write_text("precious")
    (stranger / link).parent.mkdir(exist_ok=True)
    (stranger / link).symlink_to(victim)
    monkeypatch.setattr("sys.argv", ["vsbench", "replay", str(stranger), "--html", "kuhn_poker/0"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "link" in capsys.readouterr().err
    assert victim.is_dir() or victim.read_text() == "precious"
