"""Adapters of other packages: installed by pip, found by entry point, used like ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vsbench.records.journals import read_journal

EXAMPLE = Path(__file__).parents[2] / "example_plugin"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example package."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    alone = ["--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir"]
    source = tmp_path_factory.mktemp("source")
    for file in EXAMPLE.iterdir():
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    subprocess.run([*pip, *alone, "--target", folder, source], check=True)
    return folder


def vsbench(*words: object, paths: list[Path]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "COLUMNS": "120"}
    command = [sys.executable, "-m", "vsbench", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def a_package(folder: Path, name: str, provider: str, maker: str = "nothing:here") -> Path:
    """An installed package that brings a provider, as far as its metadata."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[vsbench.adapters]\n{provider} = {maker}\n")
    return folder


def test_an_installed_adapter_plays(site: Path, tmp_path: Path) -> None:
    run = ["run", "--model", "parrot/polly", "--env", "kuhn_poker", "--episodes", 2]
    decision = ["--eval", "decision", "--model-option", "parrot.place=1"]
    done = vsbench(*run, *decision, "--out", tmp_path / "run", paths=[site])
    assert done.returncode == 0, done.stderr
    records = [
        record
        for path in (tmp_path / "run/journal").rglob("*.jsonl")
        for record in read_journal(path)
    ]
    assert {r.answer for r in records if r.type == "attempt"} == {"bet"}
    assert {r.served_model for r in records if r.type == "attempt"} == {"polly"}
    wrong = vsbench(*run, "--model-option", "parrot.spot=1", "--out", tmp_path / "no", paths=[site])
    assert wrong.returncode == 2
    assert "there is no option parrot.spot. Known: parrot.place." in wrong.stderr


def test_it_is_listed_with_its_package(site: Path) -> None:
    listed = vsbench("models", paths=[site])
    assert listed.returncode == 0, listed.stderr
    assert "parrot/..." in listed.stdout
    assert "vsbench-parrot" in listed.stdout


def test_packages_that_bring_the_same_name_are_both_named(site: Path, tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "other-birds", "parrot")
    run = ["run", "--model", "parrot/polly", "--out", tmp_path / "run"]
    done = vsbench(*run, paths=[site, other])
    assert done.returncode == 2
    assert "'parrot' comes from several packages" in done.stderr
    assert "vsbench-parrot" in done.stderr
    assert "other-birds" in done.stderr
    ours = vsbench("models", paths=[site, other])
    assert ours.returncode == 0
    assert "vsbench-parrot and other-birds" in ours.stdout


def test_a_package_that_is_broken_is_named(tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "lame-birds", "finch")
    done = vsbench("run", "--model", "finch/a", "--out", tmp_path / "run", paths=[other])
    assert done.returncode == 2
    assert "'finch' of lame-birds cannot be used: No module named 'nothing'" in done.stderr


def test_an_adapter_that_lacks_something_is_named(tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "old-birds", "finch", "old_birds:make")
    (other / "old_birds.py").write_text("def make(name, options): return object()")
    done = vsbench("run", "--model", "finch/a", "--out", tmp_path / "run", paths=[other])
    assert done.returncode == 2
    assert "finch/a: its adapter lacks 'complete'" in done.stderr


def test_nobody_takes_the_place_of_ours(tmp_path: Path) -> None:
    other = a_package(tmp_path / "other", "not-openai", "openai")
    done = vsbench("run", "--model", "gpt-4o", "--out", tmp_path / "run", paths=[other])
    assert done.returncode == 2
    assert "vsbench and not-openai" in done.stderr
