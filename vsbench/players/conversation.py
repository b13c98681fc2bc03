"""The messages that a question makes, attempt by attempt, as a function of the replies so far."""

from __future__ import annotations

from vsbench.messages import Message, Text
from vsbench.players.questions import Question
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt
from vsbench.records.manifest import ModelSettings


class Conversation:
    """A question being asked, and asked again."""

    def __init__(self, pack: PromptPack, asking: ModelSettings, question: Question) -> None:
        self._pack = pack
        self._asking = asking
        self._question = question
        self.messages = question.first(pack, asking)
        self.max_tokens = asking.max_tokens

    def follow(self, attempt: Attempt) -> None:
        """Take in an answer that could not be used."""
        if attempt.outcome == "truncated":
            self.max_tokens = min(2 * self.max_tokens, self._asking.max_tokens_limit)
        elif attempt.outcome in ("illegal", "unparsable") and attempt.reply.strip():
            retry = retry_messages(self._pack, self._question, attempt.outcome, attempt.answer)
            said = Message("assistant", (Text(attempt.reply),))
            self.messages = (*self.messages, said, *retry)


def retry_messages(
    pack: PromptPack, question: Question, outcome: str, answer: str | None
) -> tuple[Message, ...]:
    """What is said after an answer that could not be used."""
    context = {"outcome": outcome, "answer": answer, "template": question.template}
    return pack.render("_shared/v1/retry.j2", context | question.variables)
