"""The example game: installed by pip from a package of its own, and used like ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/nim"


def install(source: Path, folder: Path) -> Path:
    """Let pip install a package into a folder, without an index."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    alone = ["--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir"]
    subprocess.run([*pip, *alone, "--target", folder, source], check=True)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source") / "nim"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    return install(source, tmp_path_factory.mktemp("site"))


def vsbench(site: Path, *words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(site), "COLUMNS": "140"}
    command = [sys.executable, "-m", "vsbench", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=cwd, check=False
    )


@pytest.mark.slow
def test_models_play_it_in_all_evaluations(site: Path, tmp_path: Path) -> None:
    def run(*words: object) -> str:
        done = vsbench(site, *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "nim" in run("envs")
    assert "Bouton" in run("envs", "nim")
    assert "takes the last stone" in run("prompts", "show", "nim", "--to", "pictures")
    run("dataset", "build", "--env", "nim", "--samples", 24, "--out", "sets")
    assert "no findings" in run("dataset", "check", "sets/nim.jsonl")
    evaluations = [part for e in ("decision", "reasoning", "perception") for part in ("--eval", e)]
    run(
        *("run", "--model", "sighted/oracle", "--env", "nim", *evaluations, "--episodes", 6),
        *("--samples", 12, "--dataset", "sets", "--out", "run"),
    )
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert results["complete"]
    assert results["overall"]["decision"]["mean"] > 0
    assert results["overall"]["perception"]["mean"] == 100
    assert "nim: game played instead of none" not in results["standing"]["differences"]
    assert any("nim" in told for told in results["standing"]["differences"])
    # Its prompts are installed, so that they are nobody's whom one had to trust.
    assert "verification passed" in run("replay", "run", "--dataset", "sets")
    run("replay", "run", "--html", "nim/0", "--to", "page.html")
    text = run("run", "--model", "blind/oracle", "--env", "nim", "--modality", "text",
               "--eval", "decision", "--episodes", 2, "--out", "text")  # fmt: skip
    assert "Nim" in text
    run("tournament", "--player", "sighted/oracle", "--player", "bot/greedy", "--env", "nim",
        "--episodes", 2, "--out", "games")  # fmt: skip


@pytest.mark.slow
def test_it_passes_pettingzoos_own_tests(site: Path, tmp_path: Path) -> None:
    program = """
from pettingzoo.test import api_test
from vsbench_envs.pettingzoo import make
api_test(make("nim"), num_cycles=50)
"""
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "words", "told"),
    [
        (
            "__init__.py", '    prompts="vsbench_nim.prompts",\n', "",
            ("run", "--model", "sighted/oracle", "--eval", "decision"),
            "there is no prompt template nim/v1/_rules.j2",
        ),
        (
            "__init__.py", "vsbench_nim.prompts", "vsbench_nim.words",
            ("run", "--model", "sighted/oracle", "--eval", "decision"),
            "nim names a package for its prompts that is not there: vsbench_nim.words",
        ),
        (
            "prompts/nim/v1/_rules.j2", "- Three", "{{ heaps }} Three",
            ("run", "--model", "sighted/oracle", "--eval", "decision"),
            "nim/v1/_rules.j2:1: 'heaps' is undefined",
        ),
        (
            "__init__.py", "    recipe=RECIPE,\n", "",
            ("dataset", "build", "--samples", "4"),
            "there is no recipe for nim",
        ),
    ],
    ids=["no prompts", "a wrong package", "a broken template", "no recipe"],
)  # fmt: skip
@pytest.mark.slow
def test_what_is_missing_is_said_before_anything_is_written(
    tmp_path: Path, file: str, old: str, new: str, words: tuple[str, ...], told: str
) -> None:
    source = tmp_path / "nim"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    path = source / "vsbench_nim" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    site = install(source, tmp_path / "site")
    done = vsbench(site, *words, "--env", "nim", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert not (tmp_path / "out").exists()
