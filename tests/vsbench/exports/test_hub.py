"""Runs as folders for a dataset hub, and as bundles."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import vsbench
from vsbench.cli import cli
from vsbench.datasets.hub import HubCard
from vsbench.records.bundle import unpack

pq = pytest.importorskip("pyarrow.parquet", reason="the data extra brings it")


def exported(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["export", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr + str(done.exception or "")


@pytest.fixture
def hub(run: Path, tmp_path: Path) -> Path:
    code, _, shown = exported(run, "--hub", tmp_path / "hub", "--license", "cc-by-4.0")
    assert code == 0
    assert f"hf upload USER/NAME {tmp_path / 'hub'} . --repo-type dataset" in shown
    return tmp_path / "hub"


def test_a_folder_has_a_card_tables_and_the_run_as_a_bundle(run: Path, hub: Path) -> None:
    files = {path.relative_to(hub).as_posix() for path in hub.rglob("*") if path.is_file()}
    tables = {f"data/{name}.parquet" for name in ("runs", "figures", "episodes", "decisions")}
    # There are no samples in the run, and a hub cannot show an empty table.
    assert files == {"README.md", "runs/run.vsb", *tables}
    assert pq.read_metadata(hub / "data/episodes.parquet").num_rows == 4
    unpack(hub / "runs/run.vsb", hub / "unpacked")
    assert vsbench.results(hub / "unpacked") == vsbench.results(run)


def test_the_card_names_licence_parts_figures_and_citation(run: Path, hub: Path) -> None:
    _, front, body = (hub / "README.md").read_text().split("---\n", 2)
    assert 'license: "cc-by-4.0"' in front
    named = re.findall(r"config_name: (\w+)\n.*\n.*\n    path: (.*)", front)
    assert named == [
        (name, f"data/{name}.parquet") for name in ("runs", "figures", "episodes", "decisions")
    ]
    (results,) = vsbench.results(run)
    overall = results.overall["decision"]
    assert overall is not None
    assert f"{overall.mean:.1f} [{overall.low:.1f}, {overall.high:.1f}]" in body
    assert "2506.02387" in body


def test_markup_in_names_stays_text(run: Path, tmp_path: Path) -> None:
    card = HubCard(title='a "title": [x]\n---', configs={}, body="")
    assert card.text.splitlines()[1] == r'pretty_name: "a \"title\": [x]\n---"'
    odd = tmp_path / "a|b <img>"
    shutil.copytree(run, odd)
    assert exported(odd, "--hub", tmp_path / "hub")[0] == 0
    assert r"| a\|b \<img\> | openai/wobbly |" in (tmp_path / "hub/README.md").read_text()
    assert (tmp_path / "hub/runs/a-b--img.vsb").exists()


def test_existing_files_are_kept_unless_forced(run: Path, hub: Path) -> None:
    before = (hub / "README.md").read_bytes()
    (hub / "mine.txt").write_text("mine")
    code, _, shown = exported(run, "--hub", hub)
    assert code != 0
    assert "README.md already exists" in shown
    code, _, shown = exported(run, "--hub", hub, "--force")
    assert code == 0
    assert "--license ID adds one" in shown
    assert (hub / "README.md").read_bytes() != before
    assert (hub / "mine.txt").read_text() == "mine"
    assert not list(hub.glob(".vsbench-*"))


def test_a_run_becomes_a_bundle(run: Path, tmp_path: Path) -> None:
    code, written, _ = exported(run, "--bundle", tmp_path / "a.vsb")
    assert (code, written) == (0, f"{tmp_path / 'a.vsb'}\n")
    assert "already exists" in exported(run, "--bundle", tmp_path / "a.vsb")[2]
    assert exported(tmp_path / "a.vsb", "--bundle", tmp_path / "b.vsb")[0] == 0
    assert (tmp_path / "a.vsb").read_bytes() == (tmp_path / "b.vsb").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "give --to DIR, --bundle FILE.vsb or --hub DIR"),
        (("--bundle", "a.zip"), "the name of a bundle ends in .vsb"),
        (("--bundle", "RUN/a.vsb"), "inside the run directory"),
        (("--to", "x", "--license", "mit"), "--license is of the folder that --hub writes"),
    ],
)
def test_bad_input_is_named(
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    problem: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, shown = exported(run, *(text.replace("RUN", str(run)) for text in arguments))
    assert code != 0
    assert problem in shown
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_hub_library_loads_the_folder(
    run: Path, hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    datasets = pytest.importorskip("datasets")
    from huggingface_hub import DatasetCard

    names = datasets.get_dataset_config_names(str(hub))
    assert set(names) == {path.stem for path in hub.glob("data/*")}
    for name in names:
        loaded = datasets.load_dataset(
            str(hub), name, split="test", cache_dir=str(tmp_path / "cache")
        )
        assert loaded.num_rows == len(vsbench.frame(run, name))
    card = DatasetCard.load(hub / "README.md")
    assert card.data.license == "cc-by-4.0"
