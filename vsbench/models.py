"""What is known of models: a dated data file, ``vsbench/data/models.json``.

What a model can do goes by its family, wherever it is served: ``openai/gpt-4o`` and
``openai-api/https://openrouter.ai/api/v1#openai/gpt-4o`` take the same parameters. What it costs
goes by its full id, and so by who sells it; dated versions cost what their name without the date
does.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vsbench.messages import Usage
from vsbench.picture_tokens import PictureFormula
from vsbench.records.manifest import InForce, ModelSettings, Price, ThinkingInForce

SNAPSHOT = re.compile(r"[-@](\d{4}-\d\d-\d\d|\d{8}|latest)$")
"""The end of a name that only tells a version's date."""

FREE = ("sighted", "blind", "person", "player", "hf")
"""Providers that send no bill."""

PICTURES, PIXELS = 4, 768
"""Of the games: most pictures in a question, and most pixels of a picture's longer side."""

USUAL_TEMPERATURE = 1.0
"""What models sample at unless told otherwise."""

NO_MODELS = ("sighted", "person", "player")
"""Providers of players that are no language models."""

NO_EFFORT = "none"
"""The reasoning effort that asks a model not to think."""

USUAL_OUTPUT = 65536
"""How far ``max_tokens`` is raised for models whose longest answer is not known."""

Thinking = Literal["never", "always", "switch"]
"""Whether models think before they answer: always, never, or as the request says."""


class Traits(BaseModel):
    """What a family of models takes and can do. None is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sees: bool = True
    """Whether it takes pictures at all."""
    thinking: Thinking | None = None
    """Whether it thinks before it answers. How a switch is thrown goes by who serves the model."""
    samples: bool = True
    """Whether it takes temperature and top_p. Claude does so only while it does not think."""
    effort: Literal["name", "budget"] = "name"
    """How it is told how long to think: by the name of an effort, and then decides itself, or in a
    budget of tokens."""
    no_thinking: str = "disabled"
    """Claude: the kind of thinking that switches it off."""
    developer: bool = False
    """OpenAI's reasoning models: system messages are said by a ``developer``, and Chat Completions
    limits an answer by ``max_completion_tokens``."""
    context: int | None = None
    """Tokens of a call, in and out."""
    most_output: int | None = None
    """Most tokens of an answer, reasoning included."""
    pictures: PictureFormula | None = None
    details: bool = True
    """Whether it can be told in what detail to look at pictures."""
    most_pictures: int | None = None
    """In one call."""
    most_pixels: int | None = None
    """Of a picture's longer side."""

    @property
    def reasons(self) -> bool | None:
        """Whether it can think before it answers."""
        return None if self.thinking is None else self.thinking != "never"


class Family(Traits):
    """Models that take the same."""

    pattern: str
    """Regular expression for the beginning of their names, whatever the case."""


class ModelTable(BaseModel):
    """The data file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: str
    """When it was looked up, ISO 8601."""
    unit: str
    """Of the prices."""
    sources: dict[str, str]
    """Where figures are from: published by the maker, measured, or told by others."""
    families: tuple[Family, ...]
    """The first that matches counts."""
    prices: dict[str, Price] = Field(default_factory=dict)
    """By full id, without a version's date unless versions differ."""


def traits_of(model: str) -> Traits:
    """What a model takes and can do, by its name or full id."""
    return _traits(bare_name(model))


def bare_name(model: str) -> str:
    """A model's own name, without provider, address, maker (``openai/``) or tuning (``ft:``)."""
    name = model.rpartition("#")[2].rpartition("/")[2].removeprefix("ft:")
    # Routers write claude-opus-4.7 for what its maker calls claude-opus-4-7.
    return name.replace(".", "-") if name.startswith("claude-") else name


def known_price(model: str, prices: dict[str, Price]) -> Price | None:
    """The price of a full id, or of the same without a version's date."""
    return prices.get(model) or prices.get(SNAPSHOT.sub("", model))


def cost(usage: Usage, price: Price | None) -> float | None:
    """US dollars for a call; None without a price."""
    if price is None:
        return None
    cached = price.input if price.cached is None else price.cached
    written = price.input if price.cache_written is None else price.cache_written
    fresh = usage.input - usage.cached - usage.cache_written
    spent = fresh * price.input + usage.cached * cached + usage.output * price.output
    return (spent + usage.cache_written * written) / 1e6


def in_force(model: str, asking: ModelSettings, *, told: bool = True) -> InForce:
    """What a run's settings amount to for one model.

    Args:
        model: its full id.
        asking: how models are asked. A reasoning effort counts more than the switch of thinking.
        told: whether its server can be told how the switch is set; see
            :func:`vsbench.adapters.thinking.can_tell`.
    """
    return limited(asking, _thinking(model, asking, told), traits_of(model).most_output)


def in_force_as_recorded(model: str, asking: ModelSettings, recorded: InForce) -> InForce:
    """What a run's settings amounted to for a model that is as the run found it.

    The table of models changes. So whether the model thinks is the record's, and so is how much it
    answers with, if that is more than the table says.
    """
    most = traits_of(model).most_output
    if asking.max_tokens_limit is None:
        least = limited(asking, recorded.thinking, most).max_tokens
        most = max(recorded.max_tokens_limit, least)
    return limited(asking, recorded.thinking, most)


def limited(asking: ModelSettings, thinking: ThinkingInForce, most: int | None) -> InForce:
    """The limits of tokens for a model that answers with so many at most, thinking included."""
    thinks, effort = thinking in ("on", "always"), asking.reasoning_effort
    room = int(effort) if effort and effort.isdecimal() else asking.thinking_tokens
    tokens = asking.answer_tokens + (room if thinks else 0)
    tokens = tokens if most is None else min(tokens, most)
    highest = asking.max_tokens_limit or most or USUAL_OUTPUT
    return InForce(
        thinking=thinking,
        thinking_tokens=(max(0, tokens - asking.answer_tokens) or None) if thinks else None,
        max_tokens=tokens,
        max_tokens_limit=max(tokens, highest),
    )


def _thinking(model: str, asking: ModelSettings, told: bool) -> ThinkingInForce:
    kind: Thinking | None = traits_of(model).thinking
    if model.partition("/")[0] in NO_MODELS:
        return "never"
    if kind in ("always", "never"):
        return kind
    if not told:
        return "unknown"
    if kind == "switch":
        if asking.reasoning_effort:
            return "off" if asking.reasoning_effort == NO_EFFORT else "on"
        return asking.thinking or "on"
    # Of models that are not in the table, a person may know.
    return asking.thinking or "unknown"


def warnings_about(model: str, asking: ModelSettings, price: Price | None) -> tuple[str, ...]:
    """What a person should know before a model, by its full id, is asked like this.

    What its server cannot be told is found by :func:`vsbench.adapters.thinking.untold`.
    """
    provider, traits, wished = model.partition("/")[0], traits_of(model), asking.thinking
    found = []
    if provider not in FREE and price is None:
        what = "price" if traits.most_output else "price or limits"
        found.append(f"no {what} known for {model}: costs are not counted; give --prices FILE")
    if asking.modality != "text" and not traits.sees:
        found.append(f"{model} takes no pictures; --modality text asks without")
    elif asking.modality != "text":
        most, largest = traits.most_pictures or PICTURES, traits.most_pixels or PIXELS
        if most < PICTURES:
            found.append(f"{model} takes {most} pictures; some games show {PICTURES}")
        if largest < PIXELS:
            found.append(f"{model} takes pictures of {largest} pixels, not of {PIXELS}")
    if asking.temperature not in (None, USUAL_TEMPERATURE):
        if not traits.samples:
            found.append(f"{model} takes no temperature: {asking.temperature:g} is not sent")
        elif provider == "anthropic" and _may_think(traits, asking):
            found.append(
                f"{model} takes no temperature while it thinks: {asking.temperature:g} is not sent"
            )
    if asking.reasoning_effort and traits.reasons is False:
        found.append(f"{model} does not reason: effort {asking.reasoning_effort} is not sent")
    if asking.reasoning_effort == NO_EFFORT and traits.thinking == "always":
        found.append(f"{model} cannot be kept from thinking: its provider may refuse effort none")
    if wished == "on" and traits.thinking == "never":
        found.append(f"{model} does not think: --thinking on has no effect")
    if wished == "off" and traits.thinking == "always":
        found.append(f"{model} cannot be kept from thinking: --thinking off has no effect")
    if wished and asking.reasoning_effort and traits.thinking == "switch":
        effort = asking.reasoning_effort
        found.append(f"{model} is told effort {effort}: --thinking {wished} has no effect")
    if wished and provider not in NO_MODELS and traits.thinking is None:
        found.append(
            f"whether {model} can think is not known: --thinking {wished} is taken at its word"
        )
    if asking.detail == "low" and not traits.details:
        found.append(f"{model} looks at pictures in one detail: low is without effect")
    if traits.most_output and asking.answer_tokens > traits.most_output:
        found.append(f"{model} answers with {traits.most_output:,} tokens at most")
    return tuple(found)


def _may_think(traits: Traits, asking: ModelSettings) -> bool:
    """Whether one of Claude's models thinks when it is asked like this."""
    if asking.reasoning_effort:
        return asking.reasoning_effort != NO_EFFORT
    return asking.thinking == "on" or (asking.thinking is None and traits.thinking == "switch")


@lru_cache(maxsize=256)
def _traits(name: str) -> Traits:
    families = model_table().families
    return next((line for line in families if re.match(line.pattern, name, re.I)), Traits())


@cache
def model_table() -> ModelTable:
    """The shipped table."""
    shipped = files("vsbench").joinpath("data/models.json").read_text(encoding="utf-8")
    return ModelTable.model_validate_json(shipped)
