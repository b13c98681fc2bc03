"""Messages as Chat Completions takes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from vsbench.adapters.base import Image, Message


def chat_messages(
    messages: Iterable[Message], detail: str = "auto", *, system: str = "system"
) -> list[dict[str, Any]]:
    """The ``messages`` of a body: pictures as data URLs, to be looked at in this ``detail``.

    ``system`` is what the role of system messages is called; reasoning models say ``developer``.
    """
    return [
        {
            "role": system if message.role == "system" else message.role,
            "content": _content(message, detail),
        }
        for message in messages
    ]


def _content(message: Message, detail: str) -> str | list[dict[str, Any]]:
    # Some servers know plain text only, unless there are pictures.
    if not any(isinstance(part, Image) for part in message.parts):
        return message.text
    return [
        {"type": "image_url", "image_url": {"url": _data_url(part.png), "detail": detail}}
        if isinstance(part, Image)
        else {"type": "text", "text": part.text}
        for part in message.parts
    ]


def _data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
