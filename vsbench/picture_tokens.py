"""How many tokens a picture is billed as: the formulas that providers publish."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Detail = Literal["auto", "low", "high"]


class Formula(BaseModel):
    """A formula with the figures of some models."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tiles(Formula):
    """OpenAI's older models: a base, and a price for each tile.

    Unless a picture is looked at in low detail, it is shrunk to fit ``longest`` x ``longest`` and
    to a shorter side of ``shortest`` at most, then cut into tiles.
    """

    kind: Literal["tiles"] = "tiles"
    base: int = 85
    each: int = 170
    side: int = 512
    longest: int = 2048
    shortest: int = 768

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Tokens of a picture of this size in pixels."""
        if detail == "low":
            return self.base
        longer, shorter = max(width, height), min(width, height)
        scale = min(1.0, self.longest / longer, self.shortest / shorter)
        across, down = (math.ceil(length * scale / self.side) for length in (longer, shorter))
        return self.base + self.each * across * down


class Patches(Formula):
    """A price for each patch, from pictures that are shrunk to ``most`` patches at most.

    OpenAI's newer models, Claude and open models. The scale is chosen such that a whole number of
    patches fits the shrunk picture in the dimension that is the tighter one.
    """

    kind: Literal["patches"] = "patches"
    side: int
    most: int
    longest: int | None = None
    """Pixels that the longer side is shrunk to."""
    multiplier: float = 1.0
    added: int = 0
    """Tokens around each picture."""

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Tokens of a picture of this size in pixels."""
        scale = min(1.0, self.longest / max(width, height)) if self.longest else 1.0
        across, down = width * scale / self.side, height * scale / self.side
        if math.ceil(across) * math.ceil(down) > self.most:
            shrink = math.sqrt(self.most / (across * down))
            across, down = across * shrink, down * shrink
            tighter = min(max(1, math.floor(length)) / length for length in (across, down))
            across, down = across * tighter, down * tighter
        # What comes out of the scaling a hair above a whole number is that number.
        patches = math.ceil(across - 1e-9) * math.ceil(down - 1e-9)
        return math.ceil(patches * self.multiplier - 1e-9) + self.added


class Grid(Formula):
    """Gemini 3: a grid of the picture's own proportions, as fine as ``most`` cells allow."""

    kind: Literal["grid"] = "grid"
    most: int

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Tokens of a picture of this size in pixels."""
        ratio = width / height
        across, down = math.sqrt(self.most * ratio), math.sqrt(self.most / ratio)
        return max(1, math.floor(across)) * max(1, math.floor(down))


PictureFormula = Annotated[Tiles | Patches | Grid, Field(discriminator="kind")]

GPT_4O = Tiles()
"""Stands in for models whose formula is not known."""


def picture_tokens(png: bytes, detail: Detail = "auto", formula: PictureFormula = GPT_4O) -> int:
    """Tokens of a PNG. Its size is read from its header."""
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return _cached(formula, max(1, width), max(1, height), detail)


@lru_cache(maxsize=1024)
def _cached(formula: PictureFormula, width: int, height: int, detail: Detail) -> int:
    return formula.tokens(width, height, detail)
