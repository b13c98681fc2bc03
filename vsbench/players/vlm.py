"""The VLM player: percept -> prompt -> model -> answer -> move."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vsbench.adapters.base import (
    ContentRefusedError,
    Image,
    Message,
    Reply,
    Request,
    Sampling,
    Text,
)
from vsbench.players.parse import Reading, parse_action
from vsbench.prompts import PromptPack
from vsbench.records.journal import Attempt, Decision, Fault, TokenUsage
from vsbench.records.manifest import ModelSettings
from vsbench_envs.game import Game, Percept
from vsbench_envs.pictures import pngs
from vsbench_envs.seeding import derive, move_stream


@dataclass(frozen=True)
class Call:
    """A reply and what it took."""

    reply: Reply
    cost: float | None
    latency: float


class Ask(Protocol):
    """The way to a model: makes calls until one brings a reply, reporting the failed ones."""

    async def __call__(
        self, request: Request, report: Callable[[str, str, float | None], None]
    ) -> Call:
        """``report(kind, message, wait)`` is called for every call without a reply."""
        ...


@dataclass(frozen=True)
class Situation:
    """One seat's decision in one episode."""

    env: str
    episode: int
    run_seed: int
    step: int
    seat: int
    percept: Percept
    legal: tuple[str, ...]


class Conversation:
    """The messages of a decision, attempt by attempt, as a function of the replies so far."""

    def __init__(
        self, game: Game[Any], pack: PromptPack, asking: ModelSettings, situation: Situation
    ) -> None:
        spec, percept = game.spec, situation.percept
        pictures = pngs(spec.id, percept) if asking.modality != "text" else ()
        self._pack = pack
        self._asking = asking
        self._legal = situation.legal
        persona = asking.persona if asking.persona in _personas(spec.personas) else None
        self.messages = pack.render(
            f"{spec.id}/v1/action.j2",
            {
                "game": spec,
                "seat": situation.seat,
                "seat_name": spec.roles[situation.seat],
                "persona": persona,
                "style": asking.style,
                "shown": asking.modality != "text",
                "told": asking.modality != "image",
                "images": len(pictures),
                "situation": game.view.tell(percept),
                "legal": situation.legal,
            },
            pictures,
        )
        self.max_tokens = asking.max_tokens

    @property
    def fingerprint(self) -> str:
        """Of the messages as they stand, pictures included."""
        return fingerprint(self.messages)

    def follow(self, attempt: Attempt) -> None:
        """Take in an answer that could not be played."""
        if attempt.outcome == "truncated":
            self.max_tokens = min(2 * self.max_tokens, self._asking.max_tokens_limit)
        elif attempt.outcome in ("illegal", "unparsable") and attempt.reply.strip():
            retry = self._pack.render(
                "_shared/v1/retry.j2",
                {"outcome": attempt.outcome, "answer": attempt.answer, "legal": self._legal},
            )
            said = Message("assistant", (Text(attempt.reply),))
            self.messages = (*self.messages, said, *retry)


def fingerprint(messages: Sequence[Message]) -> str:
    """A short hash of messages: roles, texts and pictures."""
    digest = hashlib.blake2b(digest_size=8)
    for message in messages:
        digest.update(f"\0{message.role}".encode())
        for part in message.parts:
            digest.update(part.png if isinstance(part, Image) else part.text.encode())
    return digest.hexdigest()


def judge(text: str, stop: str, legal: Sequence[str], actions: tuple[str, ...]) -> Reading:
    """What a reply amounts to. One that was refused or cut off is not read at all."""
    if stop == "refusal":
        return Reading("refused", None)
    if stop == "length":
        return Reading("truncated", None)
    return parse_action(text, legal, actions)


class VLMPlayer:
    """A model in a seat."""

    def __init__(self, game: Game[Any], pack: PromptPack, asking: ModelSettings, ask: Ask) -> None:
        self._game = game
        self._pack = pack
        self._asking = asking
        self._ask = ask

    async def decide(
        self,
        situation: Situation,
        past: Sequence[Attempt],
        write: Callable[[Attempt | Fault], None],
    ) -> Decision:
        """Ask until the answer can be played, or attempts run out and a random move stands in.

        ``past`` are attempts that an interrupted run already made; they are not made again.
        """
        if self._asking.modality != "text":
            # Drawn and encoded beside the event loop, and remembered for the conversation.
            await asyncio.to_thread(pngs, situation.env, situation.percept)
        conversation = Conversation(self._game, self._pack, self._asking, situation)
        for number in range(self._asking.attempts):
            if number < len(past):
                attempt = past[number]
            else:
                attempt = await self._attempt(situation, conversation, number, write)
                write(attempt)
            if attempt.outcome == "ok" and attempt.answer is not None:
                action = attempt.answer
                break
            conversation.follow(attempt)
        else:
            action = stand_in(situation)
        return Decision(
            step=situation.step,
            seat=situation.seat,
            action=action,
            outcome=attempt.outcome,
            attempts=number + 1,
        )

    async def _attempt(
        self,
        situation: Situation,
        conversation: Conversation,
        number: int,
        write: Callable[[Attempt | Fault], None],
    ) -> Attempt:
        def report(kind: str, message: str, wait: float | None) -> None:
            write(
                Fault(
                    step=situation.step,
                    seat=situation.seat,
                    attempt=number,
                    kind=kind,
                    message=message,
                    wait=wait,
                )
            )

        asking = self._asking
        request = Request(
            messages=conversation.messages,
            max_tokens=conversation.max_tokens,
            seed=_call_seed(situation, number),
            sampling=Sampling(
                temperature=asking.temperature,
                reasoning_effort=asking.reasoning_effort,
                detail=asking.detail,
            ),
        )
        try:
            call = await self._ask(request, report)
        except ContentRefusedError as error:
            # A filter's refusal is the model's answer as far as play goes.
            call = Call(Reply(str(error), stop="refusal"), None, 0.0)
        reply = call.reply
        reading = judge(reply.text, reply.stop, situation.legal, self._game.spec.actions)
        usage = reply.usage
        return Attempt(
            step=situation.step,
            seat=situation.seat,
            attempt=number,
            prompt=conversation.fingerprint,
            reply=reply.text,
            reasoning=reply.reasoning,
            outcome=reading.outcome,
            answer=reading.answer,
            stop=reply.stop,
            max_tokens=conversation.max_tokens,
            usage=TokenUsage(
                input=usage.input,
                output=usage.output,
                reasoning=usage.reasoning,
                cached=usage.cached,
            ),
            cost=call.cost,
            latency=round(call.latency, 4),
            served_model=reply.served_model,
            request_id=reply.request_id,
        )


def stand_in(situation: Situation) -> str:
    """The seeded random legal move that replaces a decision which never came."""
    s = situation
    return move_stream(s.run_seed, s.env, s.episode, s.step, s.seat, "stand-in").choice(s.legal)


def _call_seed(situation: Situation, attempt: int) -> int:
    s = situation
    # Providers take 32 bits at most.
    return derive(s.run_seed, s.env, s.episode, s.step, s.seat, attempt, "call") % 2**31


def _personas(titles: Sequence[str]) -> set[str]:
    return {title.replace(" ", "_") for title in titles}
