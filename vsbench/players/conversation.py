"""The messages that a question makes, attempt by attempt, as a function of the replies so far.

An answer that was cut off uses up no attempt: the limit of tokens is raised, and the question asked
again. An answer from which nothing can be read is followed by the same question, until the attempts
run out. An illegal one ends a decision, unless models are given feedback.
"""

from __future__ import annotations

from vsbench.messages import Message, Text
from vsbench.players.questions import Question
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt
from vsbench.records.manifest import InForce, ModelSettings
from vsbench_prompts import SHARED, VERSION

RETRY = f"{SHARED}/{VERSION}/retry.j2"


class Conversation:
    """A question being asked, and asked again."""

    def __init__(
        self, pack: PromptPack, asking: ModelSettings, limits: InForce, question: Question
    ) -> None:
        self._pack = pack
        self._asking = asking
        self._limits = limits
        self._question = question
        self._used = 0
        self.messages = question.first(pack, asking)
        self.max_tokens = limits.max_tokens
        self.settled = False
        """Whether the question is asked no more."""

    def follow(self, attempt: Attempt) -> None:
        """Take in an answer."""
        outcome, feedback = attempt.outcome, self._asking.feedback
        if outcome == "truncated" and self.max_tokens < self._limits.max_tokens_limit:
            self.max_tokens = self._limits.max_tokens_limit
            return
        self._used += 1
        final = outcome == "ok" or (outcome == "illegal" and not feedback)
        self.settled = final or self._used == self._asking.attempts
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
