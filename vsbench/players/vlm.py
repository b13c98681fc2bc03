"""The player of a vision-language model: percept -> prompt -> reply -> move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from vsbench.adapters.base import (
    ContentRefusedError,
    ContextExceededError,
    Reply,
    Request,
    Sampling,
)
from vsbench.answers.limits import clean, cut, left_out, shorten
from vsbench.answers.thinking import split_thinking
from vsbench.fingerprints import picture_fingerprint, text_fingerprint
from vsbench.players.questions import Conversation, DecisionQuestion, Question, judge
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt, Decision, Fault, TokenUsage
from vsbench.records.manifest import InForce, ModelSettings


@dataclass(frozen=True)
class Call:
    """A reply with its cost."""

    reply: Reply
    cost: float | None
    latency: float
    expected_input: int
    """Input tokens as estimated before the call."""
    from_cache: bool = False
    """Whether the reply came from the cache and so cost nothing."""
    estimated: bool = False
    """Whether its tokens are estimated, because the provider does not report them."""


Report = Callable[[str, str, float | None], None]
"""``report(kind, message, wait)`` is called for every failed call."""


class Ask(Protocol):
    """Calls a model until it replies, and reports failed calls."""

    async def __call__(self, request: Request, report: Report, accepted: int | None = None) -> Call:
        """Return the reply to a request.

        Args:
            request: to make.
            report: called for every failed call.
            accepted: the token limit that the model accepted for this question before.

        Raises:
            ContextExceededError: a question that was answered before has become too long.
        """
        ...


Write = Callable[[Attempt | Fault], None]

SWITCH = {"on": True, "off": False}
"""Thinking in force -> the switch to send; None for models without one."""


class VLMPlayer:
    """A model that decides in a seat, or answers a question about a state."""

    def __init__(
        self, pack: PromptPack, settings: ModelSettings, limits: InForce, ask: Ask
    ) -> None:
        self._pack = pack
        self._model_settings = settings
        self._limits = limits
        self._ask = ask

    async def decide(
        self, question: DecisionQuestion, past: Sequence[Attempt | Fault], write: Write
    ) -> Decision:
        """Decide on a move; if no attempt yields one, on a seeded random legal move."""
        attempts = await self.answer(question, past, write)
        outcome, answer = attempts[-1].outcome, attempts[-1].answer
        return Decision(
            step=question.step,
            seat=question.seat,
            action=answer if outcome == "ok" and answer is not None else question.stand_in,
            outcome=outcome,
            attempts=len(attempts),
        )

    async def answer(
        self, question: Question, past: Sequence[Attempt | Fault], write: Write
    ) -> list[Attempt]:
        """Ask until the question is settled, or the conversation becomes too long.

        ``past`` are recorded calls of an interrupted run; they are not repeated.
        """
        conversation = Conversation(self._pack, self._model_settings, self._limits, question)
        made = [line for line in past if isinstance(line, Attempt)]
        too_long = any(isinstance(line, Fault) and line.too_long for line in past)
        attempts: list[Attempt] = []
        while not conversation.settled:
            number = len(attempts)
            if number < len(made):
                attempts.append(made[number])
            elif attempts and too_long:
                break
            else:
                accepted = attempts[0].max_tokens if attempts else None
                try:
                    attempt = await self._attempt(question, conversation, number, write, accepted)
                except ContextExceededError:
                    # The fault is in the journal; the answers so far count.
                    break
                attempts.append(attempt)
                write(attempt)
            conversation.follow(attempts[-1])
        return attempts

    async def _attempt(
        self,
        question: Question,
        conversation: Conversation,
        number: int,
        write: Write,
        accepted: int | None,
    ) -> Attempt:
        def report(kind: str, message: str, wait: float | None) -> None:
            write(
                Fault(
                    step=question.step,
                    seat=question.seat,
                    attempt=number,
                    kind=kind,
                    message=cut(clean(message)),
                    wait=wait,
                )
            )

        settings, limits = self._model_settings, self._limits
        request = Request(
            messages=conversation.messages,
            max_tokens=conversation.max_tokens,
            seed=question.call_seed(number),
            sampling=Sampling(
                temperature=settings.temperature,
                reasoning_effort=settings.reasoning_effort,
                thinking=SWITCH.get(limits.thinking),
                thinking_tokens=limits.thinking_tokens,
                detail=settings.detail,
            ),
        )
        try:
            call = await self._ask(request, report, accepted)
        except ContentRefusedError as error:
            # A refusal by the provider's filter counts as the model's answer.
            call = Call(Reply(str(error), stop="refusal"), None, 0.0, 0)
        reply = call.reply
        # Adapters may leave thinking in the text; it is recorded apart from the answer.
        parted = split_thinking(clean(reply.text))
        text = cut(parted.text)
        thinking = "\n\n".join(filter(None, (clean(reply.reasoning), parted.thinking)))
        reasoning = cut(thinking)
        reading = judge(question, text, reply.stop)
        usage = reply.usage
        return Attempt(
            step=question.step,
            seat=question.seat,
            attempt=number,
            prompt=text_fingerprint(conversation.messages),
            pictures=picture_fingerprint(conversation.messages),
            reply=text,
            reasoning=reasoning,
            cut=left_out(text) + left_out(reasoning),
            outcome=reading.outcome,
            answer=reading.answer,
            stop=reply.stop,
            max_tokens=conversation.max_tokens,
            expected_input=call.expected_input,
            usage=TokenUsage(
                input=usage.input,
                output=usage.output,
                reasoning=usage.reasoning,
                cached=usage.cached,
                cache_written=usage.cache_written,
            ),
            cost=call.cost,
            latency=round(call.latency, 4),
            served_model=shorten(reply.served_model),
            request_id=shorten(reply.request_id),
            from_cache=call.from_cache,
            usage_estimated=call.estimated,
        )
