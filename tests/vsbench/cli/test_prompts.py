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


def test_eject_beside_a_run(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/run.json").write_text("{}")
    assert "templates written" in eject(tmp_path / "mine")


def test_eject_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "kuhn_poker").write_text("a file where a folder is needed")
    with pytest.raises(UsageError, match="cannot be written"):
        eject(tmp_path)
