"""Messages as the Messages API takes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from vsbench.adapters.base import BadRequestError, Image, Message, Text


def system_blocks(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The ``system`` of a body, which calls of a game share and the provider is asked to cache.

    Raises:
        BadRequestError: a picture in a system message, where the API takes none.
    """
    parts = [part for message in messages if message.role == "system" for part in message.parts]
    if any(isinstance(part, Image) for part in parts):
        raise BadRequestError("the Messages API takes no pictures in system messages")
    blocks = _blocks(parts)
    if blocks:
        blocks[-1]["cache_control"] = {"type": "ephemeral"}
    return blocks


def turns(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The ``messages`` of a body: everything but system messages, pictures in base64."""
    told = ((message.role, _blocks(message.parts)) for message in messages)
    return [
        {"role": role, "content": blocks} for role, blocks in told if role != "system" and blocks
    ]


def _blocks(parts: Iterable[Text | Image]) -> list[dict[str, Any]]:
    # The API rejects blank texts.
    return [_block(part) for part in parts if isinstance(part, Image) or part.text.strip()]


def _block(part: Text | Image) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    data = base64.b64encode(part.png).decode("ascii")
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return {"type": "image", "source": source}
