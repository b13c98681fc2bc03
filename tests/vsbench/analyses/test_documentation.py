"""docs/PAPER.md: every command in it runs as it is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from vsbench.cli import COMMANDS, cli

PAGE = (Path(__file__).parents[3] / "docs" / "PAPER.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)

SHORT = ["--episodes", "1", "--samples", "4"]
"""Replaces the protocol of the page."""

SECTIONS = {title: BLOCK.findall(text)[0].splitlines() for title, text in SECTION.findall(PAGE)}

PRINTED = {
    "Comparison with the published tables": "paper: humans",
    "Predictions by predicted player": "Chance levels that differ from the paper's",
    "Images against text": "sighted/greedy, image",
    "Test-time scaling": "effort high",
    "Social behaviours": "red player",
    "Personas": "common_welfare",
    "Three players": "green player",
    "Failure cases": "blunder",
    "A human study": "Human study: normalised returns (2 people, 2 episodes)",
}
"""Section -> part of the output of its commands."""


def executed(line: str) -> str:
    """The output of a command of the page, run in the working directory."""
    if line.startswith("yes "):
        program = line.replace("vsbench", f"{shlex.quote(sys.executable)} -m vsbench", 1)
        done = subprocess.run(
            ["sh", "-c", program], capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout
    program, *arguments = shlex.split(line)
    assert program == "vsbench"
    if "--protocol" in arguments:
        place = arguments.index("--protocol")
        arguments[place : place + 2] = SHORT
    result = CliRunner().invoke(cli, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0, (line, result.output, result.exception)
    return result.output


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.slow
def test_commands_run_as_they_stand(
    section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = "".join(map(executed, SECTIONS[section]))
    assert PRINTED[section] in printed
    for drawn in re.findall(r"--to (\S+\.png)", "\n".join(SECTIONS[section])):
        assert (tmp_path / drawn).stat().st_size > 10_000


def test_every_section_has_commands_that_are_tried() -> None:
    assert list(SECTIONS) == list(PRINTED)
    named = {
        line.partition("vsbench ")[2].split()[0] for lines in SECTIONS.values() for line in lines
    }
    assert named <= set(COMMANDS)


def test_links_lead_somewhere() -> None:
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in SECTIONS}
    assert set(re.findall(r"\]\(#(.+?)\)", PAGE)) == anchors
