"""Chat Completions: build requests, and parse answers in one piece or streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from vsbench.adapters.base import Image, Reply, Request, Text, Usage
from vsbench.adapters.http.bodies import (
    ProtocolError,
    consistent,
    mapping,
    string,
    token_count,
)
from vsbench.adapters.http.endpoint import retry_after
from vsbench.adapters.http.errors import (
    ReportedFailureError,
    is_error,
    parse_failure,
    reported_failure,
)
from vsbench.adapters.http.stop_reasons import meaning_of, parse_stop, reason_in
from vsbench.adapters.openai.servers import Server
from vsbench.adapters.openai.wire import data_url, message_dicts, sampling_fields
from vsbench.answers.thinking import split_thinking
from vsbench.models import Traits

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Fields in which compatible servers return a model's thinking."""

ANSWER_IN_REASONING = (
    "no text, but reasoning: if it contains the answer, "
    "set --model-option PROVIDER.answer_in_reasoning=true"
)
"""The hint for servers that return answers as reasoning."""

NO_MESSAGE = "JSON without a choice with a message"

FILTER_FIELDS = (
    "prompt_filter_results",
    "prompt_feedback",
    "promptFeedback",
    "content_filter_results",
)
"""Fields in which servers report that a filter stopped a prompt."""

BLOCK_FIELDS = ("block_reason", "blockReason")

MAX_FILTER_DEPTH = 5


class Chat:
    """The wire of ``/chat/completions``."""

    path = "/chat/completions"

    def __init__(self, model: str, traits: Traits, server: Server) -> None:
        self.model = model
        self.traits = traits
        self.server = server

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Return the JSON body of a call."""
        detail = {"detail": request.sampling.detail} if self.server.detail else {}

        def part(each: Text | Image) -> dict[str, Any]:
            if isinstance(each, Text):
                return {"type": "text", "text": each.text}
            return {"type": "image_url", "image_url": {"url": data_url(each.png)} | detail}

        return {
            "model": self.model,
            "messages": message_dicts(request.messages, self.traits, part),
            **sampling_fields(request.sampling, self.traits),
            **self.server.parameters(request, self.traits, stream=stream),
        }

    async def assemble(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Assemble a completion from its chunks; usage comes with the last of them."""
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
                # Some servers send a whole message in place of its pieces.
                delta = mapping(choice.get("message"))
            text, reasoning = _content(delta.get("content"))
            refusal = string(delta.get("refusal"))
            added = {"content": text, "reasoning": reasoning, "refusal": refusal}
            for name in REASONING_FIELDS:
                added[name] = string(delta.get(name)) or added.get(name, "")
            for name, piece in added.items():
                pieces.setdefault(name, []).append(piece)
            finish = reason_in(choice, "finish_reason") or finish
            failure = choice.get("error") or failure
        if not finish and not (_is_filtered(body) and not any(map("".join, pieces.values()))):
            raise _error_in(body, "a stream that ended before its answer")
        message = {name: text for name, parts in pieces.items() if (text := "".join(parts))}
        whole = {"message": message, "finish_reason": finish, "error": failure}
        return body | {"choices": [whole] if finish else []}

    def parse(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Parse the reply in a completion."""
        choice = _first(body)
        message, finish = choice.get("message"), reason_in(choice, "finish_reason")
        if failure := choice.get("error") or (is_error(body) and body):
            # Routers pass an upstream server's failure on as a success.
            raise reported_failure(failure, retry_after(headers))
        if not isinstance(message, dict):
            message, finish = {}, finish or ("content_filter" if _is_filtered(body) else "")
            if not finish:
                if body.get("choices"):
                    raise ProtocolError(NO_MESSAGE)
                # There is no part of an answer, so any message is an error.
                raise _error_in(body, NO_MESSAGE, retry_after(headers))
            if meaning_of(finish) in (None, "answer"):
                raise ProtocolError(NO_MESSAGE)
        refusal = string(message.get("refusal"))
        content, reasoning = _content(message.get("content"))
        parted = split_thinking(content)
        separate = (string(message.get(name)) for name in REASONING_FIELDS)
        more_reasons = self.server.finish_reasons
        reply = Reply(
            text=refusal or parted.text,
            stop="refusal" if refusal else parse_stop(finish, parted.text, more_reasons),
            usage=consistent(_parse_usage(mapping(body.get("usage")))),
            reasoning=next(filter(None, separate), reasoning or parted.thinking),
            served_model=string(body.get("model")),
            request_id=headers.get("x-request-id") or string(body.get("id")),
        )
        return self._with_answer(reply)

    def _with_answer(self, reply: Reply) -> Reply:
        """Take the answer from the reasoning if the server's row says so; otherwise add a hint."""
        if reply.stop != "stop" or reply.text.strip() or not reply.reasoning.strip():
            return reply
        if self.server.answer_in_reasoning:
            return replace(reply, text=reply.reasoning, reasoning="")
        return replace(reply, hints=(*reply.hints, ANSWER_IN_REASONING))


def _first(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    return mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _content(content: object) -> tuple[str, str]:
    """Text and reasoning in the content of a message, a string or a list of parts."""
    if not isinstance(content, list | dict):
        return string(content), ""
    texts, reasoning = [], []
    for part in map(mapping, content if isinstance(content, list) else [content]):
        inner = part.get("thinking")
        if isinstance(inner, list | str):
            reasoning.append(_content(inner)[0])
        texts.append(string(part.get("text")))
    return "".join(texts), "".join(reasoning)


def _is_filtered(body: Mapping[str, Any]) -> bool:
    """Whether a body without an answer reports that a filter stopped the prompt."""
    return any(_reports_filter(body.get(name), 0) for name in FILTER_FIELDS)


def _reports_filter(notice: object, depth: int) -> bool:
    if depth > MAX_FILTER_DEPTH:
        return False
    if isinstance(notice, Mapping):
        if notice.get("filtered") is True or any(notice.get(name) for name in BLOCK_FIELDS):
            return True
        return any(_reports_filter(value, depth + 1) for value in notice.values())
    return isinstance(notice, list) and any(_reports_filter(item, depth + 1) for item in notice)


def _error_in(body: Mapping[str, Any], otherwise: str, wait: float | None = None) -> ProtocolError:
    """The error for a body without choices: a failure if it has a message."""
    failure = parse_failure(200, body, wait)
    if "choices" in body or not failure.message:
        return ProtocolError(otherwise)
    return ReportedFailureError(failure)


def _parse_usage(usage: Mapping[str, Any]) -> Usage:
    prompt, output = token_count(usage, "prompt_tokens"), token_count(usage, "completion_tokens")
    return Usage(
        input=prompt,
        # Some servers count thinking in the total only.
        output=max(output, token_count(usage, "total_tokens") - prompt),
        reasoning=token_count(usage, "completion_tokens_details", "reasoning_tokens"),
        cached=token_count(usage, "prompt_tokens_details", "cached_tokens"),
        cache_written=token_count(usage, "prompt_tokens_details", "cache_write_tokens"),
    )
