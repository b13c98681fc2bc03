"""Responses, OpenAI's API for reasoning models: what is asked, and reading the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from vsbench.adapters.base import Reply, Request, Sampling, Usage
from vsbench.adapters.bodies import NotTheProtocolError, consistent, count, mapping, text
from vsbench.adapters.endings import ending_of, reason_in, stop_of
from vsbench.adapters.error_bodies import hidden_failure, is_error
from vsbench.adapters.failure import Failure
from vsbench.adapters.http import retry_after
from vsbench.adapters.openai.counts import detail_count
from vsbench.adapters.openai.messages import input_items
from vsbench.adapters.openai.options import Summary
from vsbench.adapters.openai.parts import effort, sampling, switched
from vsbench.models import NO_EFFORT, Traits

THOUGHTS = ("summary", "content")
"""Fields in which an item shows the model's thinking: its summary, or open models' own words."""

THINKING = "medium"
"""The effort that switches the thinking of OpenAI's models on: what those without a switch have."""


class Responses:
    """The wire of ``/responses``. Its calls carry no seed, and nothing is kept at the server."""

    path = "/responses"

    def __init__(self, model: str, traits: Traits, summary: Summary | None = None) -> None:
        self.model = model
        self.traits = traits
        self.summary = summary

    def body(self, request: Request, *, stream: bool) -> dict[str, Any]:
        """The JSON body of a call."""
        wanted = request.sampling
        asked = {"effort": self._effort(wanted), "summary": self.summary}
        reasoning = {name: value for name, value in asked.items() if value}
        return {
            "model": self.model,
            "input": input_items(request.messages, self.traits, wanted.detail),
            "max_output_tokens": request.max_tokens,
            "store": False,
            **sampling(wanted, self.traits),
            **({"reasoning": reasoning} if reasoning else {}),
            **({"stream": True} if stream else {}),
        }

    def _effort(self, wanted: Sampling) -> str:
        on = switched(wanted, self.traits)
        if on is None or not self.traits.developer:
            return effort(wanted, self.traits)
        return THINKING if on else NO_EFFORT

    async def gathered(self, events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any]:
        """The response that the last event holds."""
        items: dict[int, Any] = {}
        last: Mapping[str, Any] = {}
        async for event in events:
            match text(event.get("type")):
                case "response.output_item.done":
                    items[count(event, "output_index")] = event.get("item")
                case (
                    "response.completed"
                    | "response.incomplete"
                    | "response.failed"
                    | "response.cancelled"
                ):
                    last = mapping(event.get("response"))
        if not last:
            raise NotTheProtocolError("a stream that ended before its answer")
        # Some gateways leave out of the last event what they have told already.
        return {**last, "output": last.get("output") or [items[at] for at in sorted(items)]}

    def read(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        """The reply in a response."""
        output, status = body.get("output"), text(body.get("status"))
        if is_error(body):
            raise hidden_failure(body, retry_after(headers))
        reason = reason_in(mapping(body.get("incomplete_details")), "reason")
        if status == "incomplete" and ending_of(reason) == "refused" and output is None:
            output = []
        if status and status not in ("completed", "incomplete"):
            raise NotTheProtocolError("a response", Failure.unfinished(status))
        if not isinstance(output, list) or not status:
            raise NotTheProtocolError(f"JSON that is no response with output ({status or '-'})")
        refusal = "".join(_told(output, "refusal"))
        return Reply(
            text=refusal or "".join(_told(output, "text")),
            stop="refusal" if refusal else stop_of(reason or status, ""),
            usage=consistent(_usage(mapping(body.get("usage")))),
            reasoning="\n\n".join(_thoughts(output)),
            served_model=text(body.get("model")),
            request_id=headers.get("x-request-id") or text(body.get("id")),
        )


def _told(output: list[Any], field: str) -> Iterator[str]:
    """A field of all parts of the messages."""
    for item in _items(output, "message"):
        parts = item.get("content")
        yield from (text(mapping(part).get(field)) for part in _list(parts))


def _thoughts(output: list[Any]) -> Iterator[str]:
    for item in _items(output, "reasoning"):
        shown = (part for name in THOUGHTS for part in _list(item.get(name)))
        yield from filter(None, (text(mapping(part).get("text")) for part in shown))


def _items(output: list[Any], kind: str) -> Iterator[Mapping[str, Any]]:
    return (item for item in map(mapping, output) if item.get("type") == kind)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        input=count(usage, "input_tokens"),
        output=count(usage, "output_tokens"),
        reasoning=detail_count(usage, "output_tokens_details", "reasoning_tokens"),
        cached=detail_count(usage, "input_tokens_details", "cached_tokens"),
        cache_written=detail_count(usage, "input_tokens_details", "cache_write_tokens"),
    )
