"""Commands that write folders keep out of run directories."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from vsbench.cli import dataset, prompts
from vsbench.errors import UsageError

COMMANDS: dict[str, tuple[click.Command, list[str]]] = {
    "prompts eject": (prompts.command, ["eject"]),
    "dataset build": (dataset.command, ["build", "--env", "kuhn_poker", "--out"]),
    "dataset export": (dataset.command, ["export", "kuhn_poker", "--to"]),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("record", ["run.json", "tournament.json"])
@pytest.mark.parametrize("inside", ["", "prompts", "a/b/c"])
def test_nothing_is_written_into_records(
    tmp_path: Path, command: str, record: str, inside: str
) -> None:
    (tmp_path / record).write_text("{}")
    group, arguments = COMMANDS[command]
    with pytest.raises(UsageError, match=f"is inside the {record.removesuffix('.json')} directory"):
        CliRunner().invoke(group, [*arguments, str(tmp_path / inside)], catch_exceptions=False)
    assert [path.name for path in tmp_path.iterdir()] == [record]
