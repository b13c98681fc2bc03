"""The VLM player: percept -> prompt -> model -> answer -> move."""

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
from vsbench.answers.thinking import take_off_thinking
from vsbench.fingerprints import picture_fingerprint, text_fingerprint
from vsbench.players.questions import Conversation, DecisionQuestion, Question, judge
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt, Decision, Fault, TokenUsage
from vsbench.records.manifest import InForce, ModelSettings


@dataclass(frozen=True)
class Call:
    """A reply and what it took."""

    reply: Reply
    cost: float | None
    latency: float
    expected_input: int
    """Tokens of the request as estimated before it was made."""
    from_cache: bool = False
    """Whether the reply came from the cache and so cost nothing."""
    estimated: bool = False
    """Whether its tokens are estimated, since the provider does not report them."""


Report = Callable[[str, str, float | None], None]
"""``report(kind, message, wait)`` is called for every call without a reply."""


class Ask(Protocol):
    """The way to a model: makes calls until one brings a reply, reporting the failed ones."""

    async def __call__(self, request: Request, report: Report, accepted: int | None = None) -> Call:
        """``accepted`` are the tokens that the model took before for an answer to this question.

        Raises ContextExceededError if it was answered before and has become too long.
        """
        ...


Write = Callable[[Attempt | Fault], None]

SWITCH = {"on": True, "off": False}
"""The thinking in force -> what is asked of models for which it is a switch."""


class VLMPlayer:
    """A model in a seat, or one that is questioned about what a seat sees."""

    def __init__(
        self, pack: PromptPack, settings: ModelSettings, limits: InForce, ask: Ask
    ) -> None:
        self._pack = pack
        self._model_settings = settings
        self._limits = limits
        self._ask = ask

    async def decide(
        self, situation: DecisionQuestion, past: Sequence[Attempt | Fault], write: Write
    ) -> Decision:
        """Answer with a move; where none can be used, a random legal one stands in."""
        attempts = await self.answer(situation, past, write)
        outcome, answer = attempts[-1].outcome, attempts[-1].answer
        return Decision(
            step=situation.step,
            seat=situation.seat,
            action=answer if outcome == "ok" and answer is not None else situation.stand_in,
            outcome=outcome,
            attempts=len(attempts),
        )

    async def answer(
        self, question: Question, past: Sequence[Attempt | Fault], write: Write
    ) -> list[Attempt]:
        """Ask until the question is settled, or the conversation gets too long.

        ``past`` is what an interrupted run already did; its calls are not made again.
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
                    # The fault is journalled; what was answered so far is what counts.
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
            # A filter's refusal is the model's answer as far as play goes.
            call = Call(Reply(str(error), stop="refusal"), None, 0.0, 0)
        reply = call.reply
        # Adapters may leave thinking in the text; what is recorded is what was said.
        parted = take_off_thinking(clean(reply.text))
        text = cut(parted.said)
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
