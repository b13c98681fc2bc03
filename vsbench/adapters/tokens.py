"""Tokens estimated without a tokenizer, for models that bill none."""

from __future__ import annotations

import math
from typing import Literal

from vsbench.adapters.base import Image, Request, Text

CHARACTERS_PER_TOKEN = 4
MESSAGE_TOKENS = 4
"""What a chat format adds to each message."""

PICTURE_TOKENS = 85
TILE_TOKENS = 170
TILE = 512
LONG_SIDE, SHORT_SIDE = 2048, 768


def text_tokens(text: str) -> int:
    """Tokens of English text: one for about four characters."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def picture_tokens(png: bytes, detail: Literal["auto", "low", "high"] = "auto") -> int:
    """Tokens of a picture by the formula published for GPT-4o.

    A picture costs 85 tokens. Unless it is looked at in low detail, it is shrunk to fit 2048 x 2048
    and to a shorter side of 768 at most, and costs 170 more for each tile of 512 x 512.
    """
    if detail == "low" or len(png) < 24:
        return PICTURE_TOKENS
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    longer, shorter = max(width, height, 1), max(min(width, height), 1)
    scale = min(1.0, LONG_SIDE / longer, SHORT_SIDE / shorter)
    tiles = math.ceil(longer * scale / TILE) * math.ceil(shorter * scale / TILE)
    return PICTURE_TOKENS + TILE_TOKENS * tiles


def prompt_tokens(request: Request) -> int:
    """Tokens of a request's messages, pictures included."""
    total = 0
    for message in request.messages:
        total += MESSAGE_TOKENS
        for part in message.parts:
            match part:
                case Text(text):
                    total += text_tokens(text)
                case Image(png):
                    total += picture_tokens(png, request.sampling.detail)
    return total
