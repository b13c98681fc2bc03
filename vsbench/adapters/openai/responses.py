"""Responses, OpenAI's API for reasoning models: build requests, and parse answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from vsbench.adapters.base import Image, Reply, Request, Sampling, Text, Usage
from vsbench.adapters.http.bodies import (
    ProtocolError,
    consistent,
    mapping,
    string,
    token_count,
)
from vsbench.adapters.http.endpoint import retry_after
from vsbench.adapters.http.errors import (
    Failure,
    ReportedFailureError,
    is_error,
    reported_failure,
)
from vsbench.adapters.http.stop_reasons import meaning_of, parse_stop, reason_in
from vsbench.adapters.openai.servers import Summary
from vsbench.adapters.openai.wire import (
    data_url,
    message_dicts,
    reasoning_effort,
    sampling_fields,
    thinking_switch,
)
from vsbench.models import NO_EFFORT, Traits

REASONING_FIELDS = ("summary", "content")
"""Fields of an item with the model's thinking: its summary, or open models' own words."""

THINKING_EFFORT = "medium"
"""The effort that switches thinking on: the default of OpenAI's models without a switch."""


class Responses:
    """The wire of ``/responses``. Its calls carry no seed, and the server stores nothing."""

    path = "/responses"

    def __init__(self, model: str, traits: Traits, summary: Summary | None = None) -> None:
        self.model = model
        self.traits = traits
        self.summary = summary

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """Return the JSON body of a call."""
        wanted = request.sampling
        fields = {"effort": self._effort(wanted), "summary": self.summary}
        reasoning = {name: value for name, value in fields.items() if value}

        def part(each: Text | Image) -> dict[str, Any]:
            if isinstance(each, Text):
                return {"type": "input_text", "text": each.text}
            url = data_url(each.png)
            return {"type": "input_image", "image_url": url, "detail": wanted.detail}

        return {
            "model": self.model,
            "input": message_dicts(request.messages, self.traits, part),
            "max_output_tokens": request.max_tokens,
            "store": False,
            **sampling_fields(wanted, self.traits),
            **({"reasoning": reasoning} if reasoning else {}),
            **({"stream": True} if stream else {}),
        }

    def _effort(self, wanted: Sampling) -> str:
        on = thinking_switch(wanted, self.traits)
        if on is None or not self.traits.developer:
            return reasoning_effort(wanted, self.traits)
        return THINKING_EFFORT if on else NO_EFFORT

    async def assemble(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return the response in the last event."""
        items: dict[int, Any] = {}
        last: Mapping[str, Any] = {}
        async for event in events:
            match string(event.get("type")):
                case "response.output_item.done":
                    items[token_count(event, "output_index")] = event.get("item")
                case (
                    "response.completed"
                    | "response.incomplete"
                    | "response.failed"
                    | "response.cancelled"
                ):
                    last = mapping(event.get("response"))
        if not last:
            raise ProtocolError("a stream that ended before its answer")
        # Some gateways leave out of the last event what earlier events held.
        return {**last, "output": last.get("output") or [items[at] for at in sorted(items)]}

    def parse(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """Parse the reply in a response."""
        output, status = body.get("output"), string(body.get("status"))
        if is_error(body):
            raise reported_failure(body, retry_after(headers))
        reason = reason_in(mapping(body.get("incomplete_details")), "reason")
        if status == "incomplete" and meaning_of(reason) == "refused" and output is None:
            output = []
        if status and status not in ("completed", "incomplete"):
            raise ReportedFailureError(Failure.unfinished(status))
        if not isinstance(output, list) or not status:
            raise ProtocolError(f"JSON that is not a response with output ({status or '-'})")
        refusal = "".join(_fields(output, "refusal"))
        return Reply(
            text=refusal or "".join(_fields(output, "text")),
            stop="refusal" if refusal else parse_stop(reason or status, ""),
            usage=consistent(_parse_usage(mapping(body.get("usage")))),
            reasoning="\n\n".join(_reasoning(output)),
            served_model=string(body.get("model")),
            request_id=headers.get("x-request-id") or string(body.get("id")),
        )


def _fields(output: list[Any], field: str) -> Iterator[str]:
    """A field of all parts of the messages."""
    for item in _items(output, "message"):
        parts = item.get("content")
        yield from (string(mapping(part).get(field)) for part in _list(parts))


def _reasoning(output: list[Any]) -> Iterator[str]:
    for item in _items(output, "reasoning"):
        shown = (part for name in REASONING_FIELDS for part in _list(item.get(name)))
        yield from filter(None, (string(mapping(part).get("text")) for part in shown))


def _items(output: list[Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (item for item in map(mapping, output) if item.get("type") == kind)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _parse_usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        input=token_count(usage, "input_tokens"),
        output=token_count(usage, "output_tokens"),
        reasoning=token_count(usage, "output_tokens_details", "reasoning_tokens"),
        cached=token_count(usage, "input_tokens_details", "cached_tokens"),
        cache_written=token_count(usage, "input_tokens_details", "cache_write_tokens"),
    )
