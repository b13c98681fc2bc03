"""Contents of each game's prompts, read from real prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vsbench.evaluations.examples import example_question
from vsbench.evaluations.strategic_reasoning import PredictionQuestion
from vsbench.messages import Image, Message
from vsbench.players.questions import PerceptQuestion
from vsbench.printable import counted
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.reporting.formats import Table, env_title
from vsbench.settings import Evaluation, RunSettings
from vsbench_envs import registry
from vsbench_envs.registry import BENCHMARK

NO_FACTS = "none"


@dataclass(frozen=True)
class PromptContents:
    """Contents of a prompt of the image track, other than rules, role and choices."""

    env: str
    objective: str
    facts: tuple[tuple[str, str], ...]
    """Name and sentence of each fact about the state that the text gives."""
    pictures: int
    rest: str
    """The user message without facts and choices; the same in every game."""


def prompt_contents(
    env: str, evaluation: Evaluation = "decision", pack: PromptPack | None = None
) -> PromptContents:
    """The contents of an example prompt of a game."""
    question = example_question(env, evaluation)
    model_settings = resolve_model_settings(RunSettings())
    system, user = question.first(pack or PromptPack.shipped(None, [env]), model_settings)
    facts = [] if evaluation == "perception" else _facts(question, user)
    return PromptContents(
        env=env,
        objective=_section(system.text, "Objective"),
        facts=tuple(facts),
        pictures=sum(isinstance(part, Image) for part in user.parts),
        rest=_rest(user.text, [sentence for _, sentence in facts]),
    )


def prompt_contents_table(envs: Sequence[str] = BENCHMARK) -> Table:
    """The contents of prompts by game: objective, facts, pictures, and who predicts whom."""
    return Table(
        title="Contents of prompts, other than rules, role and legal actions",
        columns=("game", "objective", "facts in text", "pictures", "predictions", "perception"),
        rows=tuple(_row(env) for env in envs),
        label_columns=6,
    )


def _row(env: str) -> tuple[str, ...]:
    spec = registry.get(env).spec
    decision, perception = prompt_contents(env), prompt_contents(env, "perception")
    facts = "; ".join(name for name, _ in decision.facts) or NO_FACTS
    prediction = example_question(env, "reasoning")
    assert isinstance(prediction, PredictionQuestion)
    return (
        env_title(env),
        decision.objective,
        facts,
        str(decision.pictures),
        f"{prediction.seat_name} about {spec.roles[prediction.target]}",
        f"{len(registry.get(env).view.labels(prediction.percept))} elements, "
        f"{counted(perception.pictures, 'picture')}",
    )


def _facts(question: PerceptQuestion, user: Message) -> list[tuple[str, str]]:
    known = question.game.view.facts(question.percept)
    return [(name, sentence) for name, sentence in known.items() if sentence in user.text]


def _section(text: str, heading: str) -> str:
    return text.partition(f"# {heading}\n")[2].partition("\n#")[0].strip()


def _rest(text: str, sentences: Sequence[str]) -> str:
    for sentence in sentences:
        text = text.replace(sentence, "")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("[")]
    return "\n".join(lines)
