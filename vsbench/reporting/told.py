"""What models are told and shown in each game, read off real prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vsbench.evaluations.examples import specimen
from vsbench.evaluations.strategic_reasoning import PredictionQuestion
from vsbench.messages import Image, Message
from vsbench.players.questions import PerceptQuestion
from vsbench.prompts import PromptPack
from vsbench.protocols import resolve_model_settings
from vsbench.reporting.figures import title
from vsbench.reporting.formats import Table
from vsbench.settings import Evaluation, RunSettings
from vsbench_envs import registry
from vsbench_envs.registry import BENCHMARK

NOTHING = "nothing of the state"


@dataclass(frozen=True)
class Told:
    """What a prompt of the image track holds beside rules, role and choices."""

    env: str
    objective: str
    facts: tuple[tuple[str, str], ...]
    """What is told of the state in words: name and sentence."""
    pictures: int
    rest: str
    """The user's message without facts and lists of choices: the same words in every game."""


def told(env: str, evaluation: Evaluation = "decision", pack: PromptPack | None = None) -> Told:
    """Read off a real prompt what it tells and shows."""
    question = specimen(env, evaluation)
    model_settings = resolve_model_settings(RunSettings())
    system, user = question.first(pack or PromptPack.shipped(None, [env]), model_settings)
    facts = [] if evaluation == "perception" else _facts(question, user)
    return Told(
        env=env,
        objective=_section(system.text, "Objective"),
        facts=tuple(facts),
        pictures=sum(isinstance(part, Image) for part in user.parts),
        rest=_rest(user.text, [sentence for _, sentence in facts]),
    )


def told_table(envs: Sequence[str] = BENCHMARK) -> Table:
    """A row for each game: objective, what is told and shown, and who predicts whom."""
    return Table(
        title="Beside rules, role and legal actions, models are told and shown",
        columns=("game", "objective", "told in words", "pictures", "predictions", "perception"),
        rows=tuple(_row(env) for env in envs),
        names=6,
    )


def _row(env: str) -> tuple[str, ...]:
    spec = registry.get(env).spec
    decision, perception = told(env), told(env, "perception")
    names = "; ".join(name for name, _ in decision.facts) or NOTHING
    prediction = specimen(env, "reasoning")
    assert isinstance(prediction, PredictionQuestion)
    return (
        title(env),
        decision.objective,
        names,
        str(decision.pictures),
        f"{prediction.seat_name} about {spec.roles[prediction.target]}",
        f"{len(registry.get(env).view.labels(prediction.percept))} elements, "
        f"{perception.pictures} picture{'s' if perception.pictures > 1 else ''}",
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
