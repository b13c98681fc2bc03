"""Renders each planned game's prompts once, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from vsbench.evaluations.perception import PerceptionQuestion
from vsbench.evaluations.published import TEMPLATE
from vsbench.evaluations.strategic_reasoning import PredictionQuestion
from vsbench.messages import Message
from vsbench.players.conversation import RETRY, retry_messages
from vsbench.players.questions import DecisionQuestion, PerceptQuestion
from vsbench.prompts import PromptError, PromptPack, is_known
from vsbench.records.manifest import ModelSettings
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.game import Game
from vsbench_envs.seeding import stream
from vsbench_prompts import VERSION

OUTCOMES = (("illegal", "castle"), ("unparsable", None))
"""Answers after which a model is asked again."""

PARTS: dict[Evaluation, tuple[str, ...]] = {
    "decision": ("_rules",),
    "reasoning": ("_rules",),
    "perception": ("_rules", "_elements"),
}
"""Templates of a game's own that the shared ones include."""


def rehearse(
    pack: PromptPack, planned: Collection[tuple[str, Evaluation]], asking: ModelSettings
) -> None:
    """Check that a pack can ask what is planned of each environment, from its first and last seat.

    Raises:
        PromptError: a template is missing or does not render.
    """
    known = is_known(pack)
    for env, evaluation in planned:
        for part in PARTS[evaluation]:
            name = f"{env}/{VERSION}/{part}.j2"
            if name not in pack.templates:
                raise PromptError(
                    f"there is no prompt template {name}: {env} needs prompts of its own, in a "
                    "package that Game.prompts names or in a folder given by --prompts"
                )
        # Known packs are tested with each release, but for games of other packages.
        if not known or registry.get(env).prompts:
            for question in _questions(registry.get(env), evaluation):
                _rehearse(pack, asking, question)
    if not known and any(evaluation == "reasoning" for _, evaluation in planned):
        _rehearse_published(pack, asking)


def _questions(game: Game[Any], evaluation: Evaluation) -> Iterator[PerceptQuestion]:
    """The first moment of an episode as a question, from the first seat and from the last."""
    state = game.new(stream(game.spec.id, "rehearsal").getrandbits(32))
    legal = game.spec.labels(state.legal_actions(state.acting[0]))
    for seat in sorted({0, game.spec.seats - 1}):
        percept = state.percept(seat)
        if evaluation == "decision":
            yield DecisionQuestion(game.spec.id, 0, 0, 0, seat, percept, legal)
        elif evaluation == "reasoning":
            target = (seat + 1) % game.spec.seats
            yield PredictionQuestion(game.spec.id, 0, 0, 0, seat, percept, target, legal)
        else:
            elements = tuple(game.view.labels(percept))
            yield PerceptionQuestion(game.spec.id, 0, 0, 0, seat, percept, elements)


def _rehearse(pack: PromptPack, asking: ModelSettings, question: PerceptQuestion) -> None:
    _check(pack.template(question.env, question.template), question.first(pack, asking))
    for outcome, answer in OUTCOMES if asking.feedback else ():
        _check(RETRY, retry_messages(pack, question, outcome, answer))


def _rehearse_published(pack: PromptPack, asking: ModelSettings) -> None:
    row = {"system": "rules", "observation": "state", "action": "question"}
    _check(TEMPLATE, pack.render(TEMPLATE, {**row, "style": asking.style, "images": 1}, (b"",)))


def _check(template: str, messages: tuple[Message, ...]) -> None:
    if not any(message.role == "user" and message.parts for message in messages):
        raise PromptError(f"prompt template {template}: it says nothing to the model as the user")
