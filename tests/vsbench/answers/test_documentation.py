"""The rule's page tells the truth."""

import json
import re
from pathlib import Path

import pytest

import answer_corpus
from vsbench.answers import limits, short_forms
from vsbench.answers.parsing import parse_action
from vsbench_envs import registry

PAGE = (Path(__file__).parents[3] / "docs" / "ANSWERS.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\w+) \| `(.+)` \| (\w+) \| (?:`?(.*?)`? )?\|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)
GAMES = json.loads((answer_corpus.CORPUS / "games.json").read_text(encoding="utf-8"))


def test_every_row_of_the_table_is_run() -> None:
    written = [line for line in PAGE.splitlines() if re.match(r"\| (?!game)\w", line)]
    assert len(ROWS) == len(written) > 40


@pytest.mark.parametrize(("game", "reply", "outcome", "answer"), ROWS)
def test_the_table_holds(game: str, reply: str, outcome: str, answer: str) -> None:
    actions = registry.get(GAMES[game]["env"]).spec.actions
    reading = parse_action(reply.replace("⏎", "\n"), GAMES[game]["legal"], actions)
    assert (reading.outcome, reading.answer) == (outcome, answer or None)


def test_the_limits_are_those_of_the_code() -> None:
    for limit in (
        limits.MAX_REPLY,
        limits.HEAD,
        limits.MAX_VALUES,
        limits.MAX_DEPTH,
        short_forms.WINDOW,
    ):
        assert f"{limit:,}" in PAGE
    assert f"kept to {limits.MAX_NAMED} characters" in PAGE
