"""Questions to models: how they are asked and asked again, and how replies are read.

The messages of a question are a function of the replies so far; see :class:`Conversation`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from vsbench.answers.parsing import ParsedAnswer, parse_action
from vsbench.messages import Message, Text
from vsbench.prompts import PromptPack
from vsbench.prompts.rendering import game_facts
from vsbench.records.journal import Attempt
from vsbench.records.manifest import InForce, ModelSettings
from vsbench_envs import registry
from vsbench_envs.game import Game, Percept, State
from vsbench_envs.pictures import pngs
from vsbench_envs.seeding import derive, move_stream
from vsbench_prompts import SHARED

RETRY = "retry"


@dataclass(frozen=True)
class Question(ABC):
    """A question to a model."""

    env: str
    number: int
    """Of the episode or sample."""
    run_seed: int
    step: int
    seat: int

    template: ClassVar[str]
    """Names the template, and the field of an answer."""
    purpose: ClassVar[str]
    """Names the random stream of its calls, apart from other questions at the same step."""

    @abstractmethod
    def first(self, pack: PromptPack, settings: ModelSettings) -> tuple[Message, ...]:
        """Render the messages of the first attempt."""

    @abstractmethod
    def read(self, text: str) -> ParsedAnswer:
        """Parse a reply's text."""

    @property
    @abstractmethod
    def variables(self) -> dict[str, Any]:
        """Template variables of this kind of question."""

    def call_seed(self, attempt: int) -> int:
        """The seed of a call, of 31 bits as providers expect."""
        key = (self.run_seed, self.env, self.number, self.step, self.seat, attempt, self.purpose)
        return derive(*key) % 2**31


@dataclass(frozen=True)
class PerceptQuestion(Question):
    """A question about what a seat perceives."""

    percept: Percept

    @property
    def game(self) -> Game[Any]:
        """The game."""
        return registry.get(self.env)

    def pictures(self) -> tuple[bytes, ...]:
        """The percept as PNGs, oldest first."""
        return pngs(self.env, self.percept)

    @property
    def seat_name(self) -> str:
        """The role of the asked seat."""
        return self.game.spec.roles[self.seat]

    def first(self, pack: PromptPack, settings: ModelSettings) -> tuple[Message, ...]:
        """Render the messages of the first attempt."""
        pictures = self.pictures() if settings.modality != "text" else ()
        return self.render(pack, settings, pictures)

    def render(
        self, pack: PromptPack, settings: ModelSettings, pictures: Sequence[bytes]
    ) -> tuple[Message, ...]:
        """Render the environment's template with these pictures."""
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
    """Ask which action the seat takes."""

    legal: tuple[str, ...]

    template = "action"
    purpose = "call"

    @classmethod
    def at(
        cls, env: str, state: State[Any], seat: int, *, number: int = 0, run_seed: int = 0
    ) -> DecisionQuestion:
        """The question to an acting seat in a state."""
        return cls(
            env=env,
            number=number,
            run_seed=run_seed,
            step=state.step,
            seat=seat,
            percept=state.percept(seat),
            legal=registry.get(env).spec.labels(state.legal_actions(seat)),
        )

    def read(self, text: str) -> ParsedAnswer:
        """Parse the action that a reply names."""
        return parse_action(text, self.legal, self.game.spec.actions)

    @property
    def variables(self) -> dict[str, Any]:
        """The legal actions."""
        return {"legal": self.legal}

    @property
    def stand_in(self) -> str:
        """The seeded random legal move that is played if no attempt yields one."""
        rng = move_stream(self.run_seed, self.env, self.number, self.step, self.seat, "stand-in")
        return rng.choice(self.legal)


class Conversation:
    """The messages about a question, attempt by attempt.

    An answer that was cut off uses up no attempt: the token limit is raised, and the question asked
    again. An answer that cannot be parsed is followed by the same question, until the attempts run
    out. An illegal one ends a decision, unless models are given feedback.
    """

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
        """Whether the question is not asked again."""

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
            reply = Message("assistant", (Text(attempt.reply),))
            self.messages = (*self.messages, reply, *retry)


def retry_messages(
    pack: PromptPack, question: Question, outcome: str, answer: str | None
) -> tuple[Message, ...]:
    """Render the feedback after an answer that could not be used."""
    context = {"outcome": outcome, "answer": answer, "template": question.template}
    return pack.render(pack.name(SHARED, RETRY), context | question.variables)


def judge(question: Question, text: str, stop: str) -> ParsedAnswer:
    """Read a reply. One that was refused or cut off is not parsed."""
    if stop == "refusal":
        return ParsedAnswer("refused", None)
    if stop == "length":
        return ParsedAnswer("truncated", None)
    return question.read(text)


def personas(titles: Sequence[str]) -> set[str]:
    """The templates' names of a game's personas."""
    return {title.replace(" ", "_") for title in titles}
