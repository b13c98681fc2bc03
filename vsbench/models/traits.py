"""Capabilities and limits of model families, and prices, from ``models.json``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vsbench.messages import Message, Usage
from vsbench.models.tokens import GPT_4O, Detail, PictureFormula, message_tokens
from vsbench.records.manifest import Price

VERSION_DATE = re.compile(r"[-@](\d{4}-\d\d-\d\d|\d{8}|latest)$")
"""The suffix of a name that only gives the date of a version."""

FREE = ("sighted", "blind", "person", "player", "hf")
"""Providers that send no bill."""

NO_MODELS = ("sighted", "person", "player")
"""Providers whose players are not language models."""

USUAL_TEMPERATURE = 1.0
"""The temperature at which models sample by default."""

NO_EFFORT = "none"
"""The reasoning effort that asks a model not to think."""

Thinking = Literal["never", "always", "switch"]
"""Whether a model thinks before it answers: never, always, or as the request says."""


class Traits(BaseModel):
    """Capabilities and limits of a family of models. None means unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sees: bool = True
    """Whether it takes pictures."""
    thinking: Thinking | None = None
    """Whether it thinks before it answers. How to set a switch depends on the server."""
    samples: bool = True
    """Whether it takes temperature and top_p. Claude does so only while it does not think."""
    effort: Literal["name", "budget"] = "name"
    """Control of the length of its thinking: the name of an effort, or a budget of tokens."""
    no_thinking: str = "disabled"
    """Claude: the ``thinking.type`` that switches thinking off."""
    developer: bool = False
    """OpenAI's reasoning models: system messages have the role ``developer``, and Chat Completions
    limits an answer by ``max_completion_tokens``."""
    context: int | None = None
    """Tokens of a call, input and output."""
    max_output: int | None = None
    """Most tokens of an answer, reasoning included."""
    pictures: PictureFormula | None = None
    """The formula by which pictures are billed."""
    details: bool = True
    """Whether the ``detail`` of pictures can be chosen."""
    max_pictures: int | None = None
    """Most pictures in one call."""
    max_pixels: int | None = None
    """Most pixels of a picture's longer side."""

    @property
    def reasons(self) -> bool | None:
        """Whether it can think before it answers; None if unknown."""
        return None if self.thinking is None else self.thinking != "never"


class Family(Traits):
    """A family of models with the same traits."""

    pattern: str
    """Regular expression for the beginning of their names, ignoring case."""


class ModelTable(BaseModel):
    """The data file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    """Date of the figures, ISO 8601."""
    unit: str
    """Unit of the prices."""
    sources: dict[str, str]
    """Origin of the figures: published by the maker, measured, or reported by others."""
    families: tuple[Family, ...]
    """The first match counts."""
    prices: dict[str, Price] = Field(default_factory=dict)
    """By full id, without a version's date unless versions differ."""


def traits_of(model: str) -> Traits:
    """Return the traits of a model, by its name or full id; all unknown for an unknown family."""
    return _traits(bare_name(model))


def bare_name(model: str) -> str:
    """Return the name of a model without provider, address, maker (``openai/``) or ``ft:``."""
    name = model.rpartition("#")[2].rpartition("/")[2].removeprefix("ft:")
    # Routers write claude-opus-4.7 for what its maker calls claude-opus-4-7.
    return name.replace(".", "-") if name.startswith("claude-") else name


def known_price(model: str, prices: dict[str, Price]) -> Price | None:
    """Return the price of a full id, or of the same id without a version's date."""
    return prices.get(model) or prices.get(VERSION_DATE.sub("", model))


def call_cost(usage: Usage, price: Price | None) -> float | None:
    """Return the US dollars of a call; None without a price."""
    if price is None:
        return None
    return price.cost(
        usage.input, usage.output, cached=usage.cached, cache_written=usage.cache_written
    )


def estimate_tokens(model: str, messages: Iterable[Message], detail: Detail = "auto") -> int:
    """Estimate the input tokens that a call to a model should be billed for.

    Pictures are counted by the formula of the model's family, or by GPT-4o's if that is unknown.
    """
    traits = traits_of(model)
    return message_tokens(messages, detail if traits.details else "auto", traits.pictures or GPT_4O)


@lru_cache(maxsize=256)
def _traits(name: str) -> Traits:
    families = model_table().families
    return next((line for line in families if re.match(line.pattern, name, re.I)), Traits())


@cache
def model_table() -> ModelTable:
    """Return the shipped table."""
    shipped = files("vsbench.models").joinpath("models.json").read_text(encoding="utf-8")
    return ModelTable.model_validate_json(shipped)
