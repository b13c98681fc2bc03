"""Chat Completions: what is asked, and reading the answer in one piece or in many.

Servers differ, so nothing in a body is taken on trust.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from vsbench.adapters.base import Reply, Request, Usage
from vsbench.adapters.bodies import NotTheProtocolError, consistent, count, mapping, text
from vsbench.adapters.endings import ending_of, reason_in, stop_of
from vsbench.adapters.error_bodies import hidden_failure, is_error, read_failure
from vsbench.adapters.http import retry_after
from vsbench.adapters.openai.counts import detail_count
from vsbench.adapters.openai.messages import chat_messages
from vsbench.adapters.openai.parts import sampling
from vsbench.adapters.openai.servers import Server
from vsbench.answers.thinking import take_off_thinking
from vsbench.models import Traits

THOUGHTS = ("reasoning_content", "reasoning")
"""Fields in which compatible servers show a model's thinking."""

IN_REASONING = (
    "no text, but reasoning: if the answer is there, "
    "--model-option PROVIDER.answer_in_reasoning=true reads it"
)
"""The hint about servers that put answers where thinking belongs."""

NO_MESSAGE = "JSON without a choice that holds a message"

NOTICES = ("prompt_filter_results", "prompt_feedback", "promptFeedback", "content_filter_results")
"""Fields in which servers say that a filter stopped a prompt."""

BLOCKED = ("block_reason", "blockReason")

NOTICE_DEPTH = 5


class Chat:
    """The wire of ``/chat/completions``."""

    path = "/chat/completions"

    def __init__(self, model: str, traits: Traits, server: Server) -> None:
        self.model = model
        self.traits = traits
        self.server = server

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """The JSON body of a call."""
        detail = request.sampling.detail if self.server.detail else None
        return {
            "model": self.model,
            "messages": chat_messages(request.messages, self.traits, detail),
            **sampling(request.sampling, self.traits),
            **self.server.parameters(request, self.traits, stream=stream),
        }

    async def gathered(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The completion that its chunks make up; usage comes with the last of them."""
        body: dict[str, Any] = {}
        pieces: dict[str, list[str]] = {}
        finish, failure = "", None
        async for chunk in events:
            body |= {name: value for name, value in chunk.items() if value is not None}
            choice = _first(chunk)
            if choice.get("index") not in (None, 0):
                continue
            delta = mapping(choice.get("delta"))
            if not delta and not any(map("".join, pieces.values())):
                # Some servers send a whole message where its pieces belong.
                delta = mapping(choice.get("message"))
            said, thought = _content(delta.get("content"))
            told = {"content": said, "reasoning": thought, "refusal": text(delta.get("refusal"))}
            for name in THOUGHTS:
                told[name] = text(delta.get(name)) or told.get(name, "")
            for name, piece in told.items():
                pieces.setdefault(name, []).append(piece)
            finish = reason_in(choice, "finish_reason") or finish
            failure = choice.get("error") or failure
        if not finish and not (_is_filtered(body) and not any(map("".join, pieces.values()))):
            raise _told_otherwise(body, "a stream that ended before its answer")
        message = {name: said for name, parts in pieces.items() if (said := "".join(parts))}
        whole = {"message": message, "finish_reason": finish, "error": failure}
        return body | {"choices": [whole] if finish else []}

    def read(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """The reply in a completion."""
        choice = _first(body)
        message, finish = choice.get("message"), reason_in(choice, "finish_reason")
        if failure := choice.get("error") or (is_error(body) and body):
            # Routers pass an upstream server's failure on as a success.
            raise hidden_failure(failure, retry_after(headers))
        if not isinstance(message, dict):
            message, finish = {}, finish or ("content_filter" if _is_filtered(body) else "")
            if not finish:
                if body.get("choices"):
                    raise NotTheProtocolError(NO_MESSAGE)
                # Nothing of an answer, so it is an error if it says anything.
                raise _told_otherwise(body, NO_MESSAGE, retry_after(headers))
            if ending_of(finish) in (None, "answer"):
                raise NotTheProtocolError(NO_MESSAGE)
        refusal = text(message.get("refusal"))
        content, thought = _content(message.get("content"))
        apart = take_off_thinking(content)
        beside = (text(message.get(name)) for name in THOUGHTS)
        reply = Reply(
            text=refusal or apart.said,
            stop="refusal" if refusal else stop_of(finish, apart.said, self.server.finish_reasons),
            usage=consistent(_usage(mapping(body.get("usage")))),
            reasoning=next(filter(None, beside), thought or apart.thinking),
            served_model=text(body.get("model")),
            request_id=headers.get("x-request-id") or text(body.get("id")),
        )
        return self._with_answer(reply)

    def _with_answer(self, reply: Reply) -> Reply:
        """A reply that has its answer in the reasoning, read from there if so told."""
        if reply.stop != "stop" or reply.text.strip() or not reply.reasoning.strip():
            return reply
        if self.server.answer_in_reasoning:
            return replace(reply, text=reply.reasoning, reasoning="")
        return replace(reply, hints=(*reply.hints, IN_REASONING))


def _first(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    return mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _content(content: object) -> tuple[str, str]:
    """Text and thinking, of a text or of parts; a message that refuses or only thinks has none."""
    if not isinstance(content, list | dict):
        return text(content), ""
    said, thought = [], []
    for part in map(mapping, content if isinstance(content, list) else [content]):
        inner = part.get("thinking")
        if isinstance(inner, list | str):
            thought.append(_content(inner)[0])
        said.append(text(part.get("text")))
    return "".join(said), "".join(thought)


def _is_filtered(body: Mapping[str, Any]) -> bool:
    """Whether a body without an answer says that a filter stopped the prompt."""
    return any(_says_filtered(body.get(name), 0) for name in NOTICES)


def _says_filtered(notice: object, depth: int) -> bool:
    if depth > NOTICE_DEPTH:
        return False
    if isinstance(notice, Mapping):
        if notice.get("filtered") is True or any(notice.get(name) for name in BLOCKED):
            return True
        return any(_says_filtered(value, depth + 1) for value in notice.values())
    return isinstance(notice, list) and any(_says_filtered(item, depth + 1) for item in notice)


def _told_otherwise(
    body: Mapping[str, Any], otherwise: str, wait: float | None = None
) -> NotTheProtocolError:
    """What a body without choices is: a failure if it has a message, or else ``otherwise``."""
    failure = read_failure(200, body, wait)
    if "choices" in body or not failure.message:
        return NotTheProtocolError(otherwise)
    return NotTheProtocolError("an error", failure)


def _usage(usage: Mapping[str, Any]) -> Usage:
    prompt, output = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    return Usage(
        input=prompt,
        # Some servers count thinking in the total only.
        output=max(output, count(usage, "total_tokens") - prompt),
        reasoning=detail_count(usage, "completion_tokens_details", "reasoning_tokens"),
        cached=detail_count(usage, "prompt_tokens_details", "cached_tokens"),
        cache_written=detail_count(usage, "prompt_tokens_details", "cache_write_tokens"),
    )
