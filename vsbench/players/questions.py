"""Questions"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from vsbench.answers.reading import Reading, parse_action
from vsbench.messages import Message, Text
from vsbench.prompts import PromptPack
from vsbench.prompts.context import game_facts
from vsbench.records.journal import Attempt
from vsbench.records.manifest import InForce, ModelSettings
from vsbench_envs import registry
from vsbench_envs.game import Game, Percept
from vsbench_envs.pictures import pngs
from vsbench_envs.seeding import derive, move_stream
from vsbench_prompts import SHARED, VERSION


@dataclass(frozen=True)
class Question(ABC):
    """Something put to a model."""

    env: str
    episode: int
    """Or the number of the sample."""
    run_seed: int
    step: int
    seat: int

    template: ClassVar[str]
    """What is asked for; a template has its name, and so has an answer's field."""
    purpose: ClassVar[str]
    """Sets its calls apart from those of other questions about the same moment."""

    @abstractmethod
    def first(self, pack: PromptPack, settings: ModelSettings) -> tuple[Message, ...]:
        """The messages that ask it."""

    @abstractmethod
    def read(self, text: str) -> Reading:
        """What a reply's text says."""

    @property
    @abstractmethod
    def variables(self) -> dict[str, Any]:
        """What templates are given of it, beside what every template is."""

    def call_seed(self, attempt: int) -> int:
        """Names one call; providers take 31 bits."""
        key = (self.run_seed, self.env, self.episode, self.step, self.seat, attempt, self.purpose)
        return derive(*key) % 2**31


@dataclass(frozen=True)
class PerceptQuestion(Question):
    """Something put to a model about what one seat perceives."""

    percept: Percept

    @property
    def game(self) -> Game[Any]:
        """The game that it is about."""
        return registry.get(self.env)

    def pictures(self) -> tuple[bytes, ...]:
        """What the seat sees, as PNGs, oldest first."""
        return pngs(self.env, self.percept)

    @property
    def seat_name(self) -> str:
        """What the seat that is asked is called."""
        return self.game.spec.roles[self.seat]

    def first(self, pack: PromptPack, settings: ModelSettings) -> tuple[Message, ...]:
        """The messages that the environment's template makes."""
        pictures = self.pictures() if settings.modality != "text" else ()
        return self.rendered(pack, settings, pictures)

    def rendered(
        self, pack: PromptPack, settings: ModelSettings, pictures: Sequence[bytes]
    ) -> tuple[Message, ...]:
        """The messages that the environment's template makes with these pictures."""
        spec = self.game.spec
        context = {
            "game": game_facts(spec),
            "seat": self.seat,
            "seat_name": self.seat_name,
            "persona": settings.persona if settings.persona in personas(spec.personas) else None,
            "style": settings.style,
            "shown": settings.modality != "text",
            "told": settings.modality != "image",
            "images": len(pictures),
            "facts": tuple(self.game.view.facts(self.percept).values()),
            "situation": self.game.view.describe(self.percept),
        }
        template = pack.template(spec.id, self.template)
        return pack.render(template, context | self.variables, pictures)


@dataclass(frozen=True)
class DecisionQuestion(PerceptQuestion):
    """A decision: which action does the seat take?"""

    legal: tuple[str, ...]

    template = "action"
    purpose = "call"

    def read(self, text: str) -> Reading:
        """The action that a reply names."""
        return parse_action(text, self.legal, self.game.spec.actions)

    @property
    def variables(self) -> dict[str, Any]:
        """The legal actions."""
        return {"legal": self.legal}

    @property
    def stand_in(self) -> str:
        """The seeded random legal move that replaces a decision which never came."""
        luck = move_stream(self.run_seed, self.env, self.episode, self.step, self.seat, "stand-in")
        return luck.choice(self.legal)


def judge(question: Question, text: str, stop: str) -> Reading:
    """What a reply amounts to. One that was refused or cut off is not read at all."""
    if stop == "refusal":
        return Reading("refused", None)
    if stop == "length":
        return Reading("truncated", None)
    return question.read(text)


def personas(titles: Sequence[str]) -> set[str]:
    """The templates' names of a game's personas."""
    return {title.replace(" ", "_") for title in titles}


RETRY = f"{SHARED}/{VERSION}/retry.j2"


class Conversation:
    """A question being asked, and asked again."""

    def __init__(
        self, pack: PromptPack, settings: ModelSettings, limits: InForce, question: Question
    ) -> None:
        self._pack = pack
        self._settings = settings
        self._limits = limits
        self._question = question
        self._used = 0
        self.messages = question.first(pack, settings)
        self.max_tokens = limits.max_tokens
        self.settled = False
        """Whether the question is asked no more."""

    def follow(self, attempt: Attempt) -> None:
        """Take in an answer."""
        outcome, feedback = attempt.outcome, self._settings.feedback
        if outcome == "truncated" and self.max_tokens < self._limits.max_tokens_limit:
            self.max_tokens = self._limits.max_tokens_limit
            return
        self._used += 1
        final = outcome == "ok" or (outcome == "illegal" and not feedback)
        self.settled = final or self._used == self._settings.attempts
        if feedback and outcome in ("illegal", "unparsable") and attempt.reply.strip():
            retry = retry_messages(self._pack, self._question, outcome, attempt.answer)
            said = Message("assistant", (Text(attempt.reply),))
            self.messages = (*self.messages, said, *retry)


def retry_messages(
    pack: PromptPack, question: Question, outcome: str, answer: str | None
) -> tuple[Message, ...]:
    """What is said after an answer that could not be used, where models are given feedback."""
    context = {"outcome": outcome, "answer": answer, "template": question.template}
    return pack.render(RETRY, context | question.variables)
