"""What was asked and answered about one question: rendered again, and held against the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vsbench.answers.limits import left_out
from vsbench.fingerprints import picture_fingerprint, text_fingerprint
from vsbench.messages import Message, Usage
from vsbench.models import cost
from vsbench.players.conversation import Conversation
from vsbench.players.questions import Question, judge
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt, Fault, TokenUsage
from vsbench.records.manifest import Manifest
from vsbench.replay.differences import Place
from vsbench.replay.prompts import PromptTally


@dataclass(frozen=True)
class Exchange:
    """One call that was answered: what was asked, and what came back."""

    messages: tuple[Message, ...]
    known: int
    """How many of the messages the call before had already."""
    max_tokens: int
    attempt: Attempt
    settled: bool
    """Whether the question is asked no more."""


@dataclass(frozen=True)
class Asked:
    """A question as a run puts it to a model."""

    question: Question
    player: str
    """The model's full id."""
    pack: PromptPack
    manifest: Manifest

    def exchanges(self, attempts: Iterable[Attempt]) -> Iterator[Exchange]:
        """The calls that were made about it.

        Raises:
            PromptError: a template does not render.
        """
        conversation: Conversation | None = None
        known = 0
        for attempt in attempts:
            if conversation is None:
                limits = self.manifest.models[self.player]
                asking = self.manifest.asking
                conversation = Conversation(self.pack, asking, limits, self.question)
            messages, max_tokens = conversation.messages, conversation.max_tokens
            conversation.follow(attempt)
            yield Exchange(messages, known, max_tokens, attempt, conversation.settled)
            known = len(messages)


class ExchangeCheck:
    """The calls about a question, held against what they must have been.

    When a model is asked no more follows from its replies, which are the one thing that nothing
    can derive.
    """

    def __init__(
        self,
        asked: Asked,
        attempts: Iterable[Attempt],
        place: Place,
        prompts: PromptTally | None,
    ) -> None:
        self._question = asked.question
        self._exchanges = asked.exchanges(attempts)
        self._price = asked.manifest.prices.get(asked.player)
        self._place = place
        # Without a tally, prompts are left alone: they cannot be rendered again.
        self._prompts = prompts
        self.replies = 0
        """So many have come."""
        self._last: Attempt | None = None
        self.settled: Attempt | None = None
        """The last one, as soon as it is certain that it is."""

    def call(self, line: Attempt | Fault) -> None:
        """Take the next call.

        Raises:
            DiffersError: it is not the one that was to come.
            PromptError: the question cannot be rendered again.
        """
        if self.settled is not None:
            raise self._place.differs("attempt", "after the last reply", line.type, None)
        for name, derived in (
            ("step", self._question.step),
            ("seat", self._question.seat),
            ("attempt", self.replies),
        ):
            self._place.expect("attempt", f"a call's {name}", getattr(line, name), derived)
        if isinstance(line, Attempt):
            self._reply(next(self._exchanges))
        elif line.too_long:
            self.settled = self._last

    def _reply(self, exchange: Exchange) -> None:
        attempt, place = exchange.attempt, self._place
        reading = judge(self._question, attempt.reply, attempt.stop)
        shortened = left_out(attempt.reply) + left_out(attempt.reasoning)
        place.expect("attempt", "the characters left out", attempt.cut, shortened)
        place.expect("attempt", "the limit of tokens", attempt.max_tokens, exchange.max_tokens)
        if attempt.kept:
            place.expect("attempt", "tokens of a reply kept", attempt.usage, TokenUsage())
        place.expect("attempt", "the reply's cost", attempt.cost, self._cost(attempt))
        place.expect("reading", "the reply's outcome", attempt.outcome, reading.outcome)
        place.expect("reading", "the reply's answer", attempt.answer, reading.answer)
        self._compare_prompt(exchange)
        self.replies += 1
        self._last = attempt
        if exchange.settled:
            self.settled = attempt

    def _compare_prompt(self, exchange: Exchange) -> None:
        if self._prompts is None:
            return
        attempt, messages = exchange.attempt, exchange.messages
        text, pictures = text_fingerprint(messages), picture_fingerprint(messages)
        about = "the fingerprint of the prompt's text"
        self._place.expect("prompt", about, attempt.prompt, text)
        about = "whether there are pictures"
        self._place.expect("prompt", about, bool(attempt.pictures), bool(pictures))
        self._prompts.rendered += 1
        if pictures:
            self._prompts.compare(self._place, attempt.pictures, pictures)

    def _cost(self, attempt: Attempt) -> float | None:
        """By the manifest's prices. A provider's filter refuses without a bill."""
        if attempt.stop == "refusal" and attempt.cost is None and attempt.usage == TokenUsage():
            return None
        return cost(Usage(**attempt.usage.model_dump()), self._price)
