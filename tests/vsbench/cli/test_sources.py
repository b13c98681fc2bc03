"""Commands that read runs take bundles and links in place of directories."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import vsbench
from vsbench.cli import cli
from vsbench.records.bundle import pack


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    vsbench.run(models="sighted/random", envs="coin_dilemma", evals="decision", episodes=1, out=out)
    pack(out, out.parent / "run.vsb")
    return out


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments])


def test_results_of_a_bundle_are_those_of_its_directory(run: Path) -> None:
    of_bundle = call("results", run.with_suffix(".vsb"), "--format", "json")
    assert of_bundle.exit_code == 0, of_bundle.output
    assert of_bundle.output == call("results", run, "--format", "json").output


def test_a_bundle_is_verified(run: Path) -> None:
    bundle = run.with_suffix(".vsb")
    done = call("replay", bundle)
    assert done.exit_code == 0
    assert done.output.startswith(f"{bundle}: 1 episodes and samples; verified")


def test_a_page_of_a_bundle_goes_where_it_is_told_to(run: Path, tmp_path: Path) -> None:
    bundle = run.with_suffix(".vsb")
    untold = call("replay", bundle, "--html", "coin_dilemma/0")
    assert "name the file with --to" in str(untold.exception)
    told = call("replay", bundle, "--html", "coin_dilemma/0", "--to", tmp_path / "page.html")
    assert told.exit_code == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_failures_of_a_bundle_name_the_command_that_shows_them(run: Path) -> None:
    bundle = run.with_suffix(".vsb")
    done = call("failures", bundle, "--kind", "blunder")
    assert done.exit_code == 0
    assert (
        f"vsbench replay {bundle} --html coin_dilemma/0 --to coin_dilemma-0000.html" in done.output
    )
    assert "/tmp/vsbench-" not in done.output
    pages = call("failures", bundle, "--pages")
    assert "leave out --pages" in str(pages.exception)


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    for command in ("results", "replay", "failures"):
        assert "nothing.vsb is not a directory" in str(call(command, "nothing.vsb").exception)
