"""Estimate tokens without a tokenizer: of text by its length, of pictures by published formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from vsbench.messages import Image, Message, Text

Detail = Literal["auto", "low", "high"]
"""The ``detail`` of pictures in a request."""

CHARACTERS_PER_TOKEN = 4

MESSAGE_TOKENS = 4
"""Tokens that a chat format adds to each message."""


class Formula(BaseModel):
    """A formula and its parameters for some models."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tiles(Formula):
    """OpenAI's older models: a base, and ``each`` tokens a tile.

    Except in low detail, a picture is shrunk to fit ``longest`` x ``longest`` and to a shorter
    side of at most ``shortest``, then cut into tiles.
    """

    kind: Literal["tiles"] = "tiles"
    base: int = 85
    each: int = 170
    side: int = 512
    longest: int = 2048
    shortest: int = 768

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Return the tokens of a picture of this size in pixels."""
        if detail == "low":
            return self.base
        longer, shorter = max(width, height), min(width, height)
        scale = min(1.0, self.longest / longer, self.shortest / shorter)
        across, down = (math.ceil(length * scale / self.side) for length in (longer, shorter))
        return self.base + self.each * across * down


class Patches(Formula):
    """A token a patch, after a picture is shrunk to at most ``most`` patches.

    OpenAI's newer models, Claude and open models. The scale is chosen such that a whole number of
    patches fits the tighter dimension of the shrunk picture.
    """

    kind: Literal["patches"] = "patches"
    side: int
    most: int
    longest: int | None = None
    """Most pixels of the longer side; larger pictures are shrunk."""
    multiplier: float = 1.0
    added: int = 0
    """Tokens around each picture."""

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Return the tokens of a picture of this size in pixels."""
        scale = min(1.0, self.longest / max(width, height)) if self.longest else 1.0
        across, down = width * scale / self.side, height * scale / self.side
        if math.ceil(across) * math.ceil(down) > self.most:
            shrink = math.sqrt(self.most / (across * down))
            across, down = across * shrink, down * shrink
            tighter = min(max(1, math.floor(length)) / length for length in (across, down))
            across, down = across * tighter, down * tighter
        # Rounding errors of the scaling must not add a patch.
        patches = math.ceil(across - 1e-9) * math.ceil(down - 1e-9)
        return math.ceil(patches * self.multiplier - 1e-9) + self.added


class Grid(Formula):
    """Gemini 3: a token a cell, in a grid of at most ``most`` cells with the picture's shape."""

    kind: Literal["grid"] = "grid"
    most: int

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Return the tokens of a picture of this size in pixels."""
        ratio = width / height
        across, down = math.sqrt(self.most * ratio), math.sqrt(self.most / ratio)
        return max(1, math.floor(across)) * max(1, math.floor(down))


PictureFormula = Annotated[Tiles | Patches | Grid, Field(discriminator="kind")]

GPT_4O = Tiles()
"""Used for models whose formula is unknown."""


def text_tokens(text: str) -> int:
    """Estimate the tokens of English text: one for about four characters."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def picture_tokens(png: bytes, detail: Detail = "auto", formula: PictureFormula = GPT_4O) -> int:
    """Return the tokens of a PNG. Its size is read from its header."""
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return _cached(formula, max(1, width), max(1, height), detail)


def message_tokens(
    messages: Iterable[Message], detail: Detail = "auto", formula: PictureFormula = GPT_4O
) -> int:
    """Estimate the tokens of messages, pictures included. Takes microseconds."""
    total = 0
    for message in messages:
        total += MESSAGE_TOKENS
        for part in message.parts:
            match part:
                case Text(text):
                    total += text_tokens(text)
                case Image(png):
                    total += picture_tokens(png, detail, formula)
    return total


@lru_cache(maxsize=1024)
def _cached(formula: PictureFormula, width: int, height: int, detail: Detail) -> int:
    return formula.tokens(width, height, detail)
