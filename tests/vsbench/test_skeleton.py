"""``vsbench envs new``: a package that works at once, and says what is to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plugins import ROOT, install, python, vsbench
from vsbench.errors import UsageError
from vsbench.skeleton import write_skeleton


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages") / "connect_four"
    write_skeleton("connect_four", folder)
    return folder


@pytest.fixture(scope="module")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(package, tmp_path_factory.mktemp("site"))


def test_every_name_is_replaced(package: Path) -> None:
    files = {path.relative_to(package).as_posix() for path in package.rglob("*.*")}
    assert files >= {
        "pyproject.toml",
        "README.md",
        "tests/test_connect_four.py",
        "vsbench_connect_four/rules.py",
        "vsbench_connect_four/py.typed",
        "vsbench_connect_four/prompts/__init__.py",
    }
    texts = [path.read_text() for path in package.rglob("*.*") if path.is_file()]
    assert not [text for text in texts if "my_game" in text.lower() or "My game" in text]
    assert any('title="Connect four"' in text for text in texts)
    assert any("class ConnectFourState" in text for text in texts)


def test_the_suite_names_what_is_to_do(site: Path, tmp_path: Path) -> None:
    done = vsbench(site, "envs", "check", "connect_four", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "0 failed" in done.stdout
    rows = {line.strip() for line in done.stdout.splitlines()}
    for stage in ("rules", "pettingzoo"):
        assert [row for row in rows if row.startswith(f"{stage} ")]
        assert all(" ok" in row for row in rows if row.startswith(f"{stage} "))
    for part in ("View._read_text", "oracle", "Game.recipe", "_rules.j2", "vsbench anchors --env"):
        assert [row for row in rows if "to do" in row and part in row], part


def test_its_own_tests_expect_what_is_to_do(package: Path, site: Path) -> None:
    done = python(site, "-m", "pytest", "-q", "-rx", "-p", "no:cacheprovider", cwd=package)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
    assert "xfailed" in done.stdout
    assert "to do: write View._read_text" in done.stdout


def test_it_is_typed_and_formatted(package: Path) -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache")]
    done = subprocess.run(
        [*mypy, "--config-file", str(ROOT / "pyproject.toml"), "-p", "vsbench_connect_four"],
        capture_output=True, text=True, cwd=package, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    ruff = [sys.executable, "-m", "ruff"]
    for words in (
        ["check", "--select", "E,F,I,UP,B,D1", "--ignore", "D107"],
        ["format", "--check"],
    ):
        done = subprocess.run(
            [*ruff, *words, "--isolated", "--line-length", "100", "."],
            capture_output=True, text=True, cwd=package, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_a_run_says_that_it_lacks_prompts_before_anything_is_written(
    site: Path, tmp_path: Path
) -> None:
    run = ("run", "--model", "blind/random", "--env", "connect_four", "--eval", "decision")
    done = vsbench(site, *run, "--out", "out", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "there is no prompt template connect_four/v1/_rules.j2" in done.stderr
    assert not (tmp_path / "out").exists()
    shown = vsbench(site, "prompts", "show", "connect_four", cwd=tmp_path)
    assert shown.returncode == 2, shown.stderr
    assert "there is no prompt template connect_four/v1/_rules.j2" in shown.stderr
    # The package's own folder, beside which authors work, has the name of the game.
    (tmp_path / "connect_four").mkdir()
    described = vsbench(site, "dataset", "show", "connect_four", cwd=tmp_path)
    assert "build one with: vsbench dataset build --env connect_four" in described.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hanabi", "is taken"),
        ("check", "is taken"),
        ("Nim", "lower-case letters"),
        ("2048", "lower-case letters"),
        ("tic-tac-toe", "lower-case letters"),
        ("class", "lower-case letters"),
        ("a__b", "lower-case letters"),
        ("x" * 101, "lower-case letters"),
    ],
)
def test_names_are_checked(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        write_skeleton(name, tmp_path / "package")
    assert not (tmp_path / "package").exists()


def test_an_existing_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(UsageError, match="here exists; name another folder"):
        write_skeleton("connect_four", tmp_path / "here")
    with pytest.raises(UsageError, match="create it first"):
        write_skeleton("connect_four", tmp_path / "there" / "package")
    assert not list((tmp_path / "here").iterdir())
