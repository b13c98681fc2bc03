"""Reading a message of the Messages API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vsbench.adapters.base import Reply, Usage
from vsbench.adapters.bodies import NotTheProtocolError, consistent, count, mapping, text
from vsbench.adapters.endings import ending_of, reason_in, stop_of
from vsbench.adapters.error_bodies import hidden_failure, is_error
from vsbench.adapters.http import retry_after, until_allowed


def read_reply(message: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
    """The reply that a message is.

    Raises:
        NotTheProtocolError: it is no message.
    """
    if is_error(message):
        # Gateways pass an upstream server's failure on as a success.
        raise hidden_failure(message, retry_after(headers))
    content, reason = message.get("content"), reason_in(message, "stop_reason")
    if content is None and ending_of(reason) not in (None, "answer"):
        content = []
    if not isinstance(content, list):
        raise NotTheProtocolError("JSON that is no message with content")
    said = _joined(content, "text")
    explanation = text(mapping(message.get("stop_details")).get("explanation"))
    return Reply(
        text=said or explanation,
        stop=stop_of(reason, said),
        usage=consistent(_usage(mapping(message.get("usage")))),
        reasoning=_joined(content, "thinking"),
        served_model=text(message.get("model")),
        request_id=headers.get("request-id") or text(message.get("id")),
        pause=until_allowed(headers),
    )


def _joined(content: list[Any], kind: str) -> str:
    """The text of all blocks of a kind, which is also the name of its field."""
    blocks = (mapping(block) for block in content)
    return "".join(text(block.get(kind)) for block in blocks if block.get("type") == kind)


def _usage(usage: Mapping[str, Any]) -> Usage:
    # The API counts what it read from and wrote to its cache beside the rest of the input.
    cached = count(usage, "cache_read_input_tokens")
    written = count(usage, "cache_creation_input_tokens")
    return Usage(
        input=count(usage, "input_tokens") + cached + written,
        output=count(usage, "output_tokens"),
        reasoning=count(mapping(usage.get("output_tokens_details")), "thinking_tokens"),
        cached=cached,
        cache_written=written,
    )
