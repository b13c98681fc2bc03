"""Messages as the two APIs take them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

from vsbench.adapters.base import Image, Message, Text
from vsbench.models import Traits

Told = list[dict[str, Any]]


def chat_messages(messages: Iterable[Message], traits: Traits, detail: str | None) -> Told:
    """The ``messages`` of a chat completion: pictures as data URLs.

    They are to be looked at in this ``detail``; None leaves it unsaid.
    """
    looked = {} if detail is None else {"detail": detail}

    def part(given: Text | Image) -> dict[str, Any]:
        if isinstance(given, Text):
            return {"type": "text", "text": given.text}
        return {"type": "image_url", "image_url": {"url": data_url(given.png)} | looked}

    return _told(messages, traits, part)


def input_items(messages: Iterable[Message], traits: Traits, detail: str) -> Told:
    """The ``input`` of a response."""

    def part(given: Text | Image) -> dict[str, Any]:
        if isinstance(given, Text):
            return {"type": "input_text", "text": given.text}
        return {"type": "input_image", "image_url": data_url(given.png), "detail": detail}

    return _told(messages, traits, part)


def data_url(png: bytes) -> str:
    """A picture as a URL that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _told(
    messages: Iterable[Message], traits: Traits, part: Callable[[Text | Image], dict[str, Any]]
) -> Told:
    system = "developer" if traits.developer else "system"
    return [
        {
            "role": system if message.role == "system" else message.role,
            # Some servers know plain text only, unless there are pictures.
            "content": [part(given) for given in message.parts]
            if any(isinstance(given, Image) for given in message.parts)
            else message.text,
        }
        for message in messages
    ]
