"""``vsbench prompts``: where templates may be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from vsbench.cli import prompts
from vsbench.errors import UsageError


def eject(folder: Path) -> str:
    result = CliRunner().invoke(prompts.command, ["eject", str(folder)], catch_exceptions=False)
    return result.output


@pytest.mark.parametrize("record", ["run.json", "tournament.json"])
@pytest.mark.parametrize("inside", ["", "prompts", "a/b/c"])
def test_eject_keeps_out_of_records(tmp_path: Path, record: str, inside: str) -> None:
    (tmp_path / record).write_text("{}")
    with pytest.raises(UsageError, match=f"belongs to the {record.removesuffix('.json')} in"):
        eject(tmp_path / inside)
    assert [path.name for path in tmp_path.iterdir()] == [record]


def test_eject_beside_a_run(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/run.json").write_text("{}")
    assert "templates written" in eject(tmp_path / "mine")


def test_eject_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "kuhn_poker").write_text("a file where a folder is needed")
    with pytest.raises(UsageError, match="cannot be written"):
        eject(tmp_path)
