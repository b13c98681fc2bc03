"""Answers as models give them, with what a person reads in them, and two figures about ours.

The corpus is ``tests/vsbench/answers/corpus``: a file for each habit, a line for each answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vsbench.answers.parsing import ParsedAnswer, parse_action
from vsbench_envs import registry

CORPUS = Path(__file__).parents[1] / "vsbench" / "answers" / "corpus"


@dataclass(frozen=True)
class Answer:
    """A model's answer."""

    habit: str
    game: str
    text: str
    right: ParsedAnswer
    """The verdict by the rule in ``docs/ANSWERS.md``."""
    person: str | None
    """The action that a person reads in it; None if there is none."""
    legal: tuple[str, ...]
    actions: tuple[str, ...]

    @property
    def read(self) -> ParsedAnswer:
        """The verdict of ``parse_action``."""
        return parse_action(self.text, self.legal, self.actions)

    @property
    def named(self) -> str | None:
        """The action of the game that is read in it, legal or not."""
        answer = self.read.answer
        return answer if answer in self.actions else None

    @property
    def ghost(self) -> bool:
        """Whether an action is read that the model did not declare."""
        return self.named is not None and self.named != self.person

    @property
    def lost(self) -> bool:
        """Whether a person reads an action and we do not."""
        return self.person is not None and self.named is None


def load() -> list[Answer]:
    """All answers."""
    games = json.loads((CORPUS / "games.json").read_text(encoding="utf-8"))
    answers = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            game = games[told["game"]]
            actions = registry.get(game["env"]).spec.actions
            right = ParsedAnswer(told["outcome"], told.get("answer"))
            answers.append(
                Answer(
                    habit=path.stem,
                    game=told["game"],
                    text=told["text"],
                    right=right,
                    person=told.get("person", right.answer if right.answer in actions else None),
                    legal=tuple(game["legal"]),
                    actions=actions,
                )
            )
    return answers


def table(answers: Iterable[Answer]) -> str:
    """The figures by habit, as Markdown."""
    rows: dict[str, list[int]] = {}
    for answer in answers:
        for name in (answer.habit, "all"):
            row = rows.setdefault(name, [0, 0, 0, 0])
            row[0] += 1
            row[1] += answer.read.outcome == "ok"
            row[2] += answer.ghost
            row[3] += answer.lost
    rows["all"] = rows.pop("all")
    lines = [f"| {name} | {' | '.join(map(str, row))} |" for name, row in rows.items()]
    head = "| habit | answers | read | ghost moves | lost |\n|---|---|---|---|---|\n"
    return head + "\n".join(lines)


if __name__ == "__main__":
    print(table(load()))
    print("\nLost, with what a person reads:")
    for answer in load():
        if answer.lost:
            print(f"  {answer.person:14} {answer.text!r}")
