"""The settings in force for one model, derived from a run's settings, and warnings about them."""

from __future__ import annotations

from collections.abc import Iterator

from vsbench.models.traits import (
    FREE,
    NO_EFFORT,
    NO_MODELS,
    USUAL_TEMPERATURE,
    Traits,
    traits_of,
)
from vsbench.records.manifest import InForce, ModelSettings, Price, ThinkingInForce

USUAL_OUTPUT = 65536
"""Largest ``max_tokens`` for models whose longest answer is unknown."""

PICTURES, PIXELS = 4, 768
"""Of the games: most pictures in a question, and most pixels of a picture's longer side."""


def in_force(model: str, settings: ModelSettings, *, can_switch: bool = True) -> InForce:
    """Return the settings in force for one model.

    Args:
        model: its full id.
        settings: those of the run. A reasoning effort takes precedence over the thinking switch.
        can_switch: whether the server's thinking switch is known; see
            :func:`vsbench.adapters.thinking.can_switch_thinking`.
    """
    thinking = _thinking(model, settings, can_switch)
    return token_limits(settings, thinking, traits_of(model).max_output)


def in_force_as_recorded(model: str, settings: ModelSettings, recorded: InForce) -> InForce:
    """Return the settings in force for a model when its run was recorded.

    The table of models changes. So whether the model thinks is taken from the record, and so is
    the length of its answers if that exceeds the table's.
    """
    most = traits_of(model).max_output
    if settings.max_tokens_limit is None:
        least = token_limits(settings, recorded.thinking, most).max_tokens
        most = max(recorded.max_tokens_limit, least)
    return token_limits(settings, recorded.thinking, most)


def token_limits(settings: ModelSettings, thinking: ThinkingInForce, most: int | None) -> InForce:
    """Return the token limits of a model whose answers have ``most`` tokens, thinking included."""
    thinks, effort = thinking in ("on", "always"), settings.reasoning_effort
    room = int(effort) if effort and effort.isdecimal() else settings.thinking_tokens
    tokens = settings.answer_tokens + (room if thinks else 0)
    tokens = tokens if most is None else min(tokens, most)
    highest = settings.max_tokens_limit or most or USUAL_OUTPUT
    return InForce(
        thinking=thinking,
        thinking_tokens=(max(0, tokens - settings.answer_tokens) or None) if thinks else None,
        max_tokens=tokens,
        max_tokens_limit=max(tokens, highest),
    )


def _thinking(model: str, settings: ModelSettings, can_switch: bool) -> ThinkingInForce:
    kind = traits_of(model).thinking
    if model.partition("/")[0] in NO_MODELS:
        return "never"
    if kind is not None and kind != "switch":
        return kind
    if not can_switch:
        return "unknown"
    if kind == "switch":
        if settings.reasoning_effort:
            return "off" if settings.reasoning_effort == NO_EFFORT else "on"
        return settings.thinking or "on"
    # The user may know more about models that are not in the table.
    return settings.thinking or "unknown"


def model_warnings(
    model: str, settings: ModelSettings, price: Price | None, traits: Traits | None = None
) -> tuple[str, ...]:
    """Return warnings about calling a model with these settings.

    For settings that its server cannot take see
    :func:`vsbench.adapters.thinking.thinking_warnings`.

    Args:
        model: its full id.
        settings: those of the run.
        price: its price; None if unknown.
        traits: by default those of the shipped table.
    """
    traits = traits_of(model) if traits is None else traits
    provider = model.partition("/")[0]
    return (
        *_price_warnings(model, provider, traits, price),
        *_picture_warnings(model, traits, settings),
        *_sampling_warnings(model, provider, traits, settings),
        *_thinking_warnings(model, provider, traits, settings),
        *_limit_warnings(model, traits, settings),
    )


def _price_warnings(
    model: str, provider: str, traits: Traits, price: Price | None
) -> Iterator[str]:
    if provider not in FREE and price is None:
        unknown = "price" if traits.max_output else "price or limits"
        yield f"no {unknown} known for {model}: costs are not counted; give --prices FILE"


def _picture_warnings(model: str, traits: Traits, settings: ModelSettings) -> Iterator[str]:
    if settings.modality == "text":
        return
    if not traits.sees:
        yield f"{model} takes no pictures: use --modality text"
        return
    most, largest = traits.max_pictures or PICTURES, traits.max_pixels or PIXELS
    if most < PICTURES:
        yield f"{model} takes at most {most} pictures; some games show {PICTURES}"
    if largest < PIXELS:
        yield f"{model} takes pictures of at most {largest} pixels; some games show {PIXELS}"


def _sampling_warnings(
    model: str, provider: str, traits: Traits, settings: ModelSettings
) -> Iterator[str]:
    if settings.temperature in (None, USUAL_TEMPERATURE):
        return
    not_sent = f"{settings.temperature:g} is not sent"
    if not traits.samples:
        yield f"{model} takes no temperature: {not_sent}"
    elif provider == "anthropic" and _may_think(traits, settings):
        yield f"{model} takes no temperature while it thinks: {not_sent}"


def _thinking_warnings(
    model: str, provider: str, traits: Traits, settings: ModelSettings
) -> Iterator[str]:
    effort, switch = settings.reasoning_effort, settings.thinking
    if effort and traits.reasons is False:
        yield f"{model} does not reason: effort {effort} is not sent"
    if effort == NO_EFFORT and traits.thinking == "always":
        yield f"{model} always thinks: its provider may refuse effort none"
    if switch == "on" and traits.thinking == "never":
        yield f"{model} does not think: --thinking on has no effect"
    if switch == "off" and traits.thinking == "always":
        yield f"{model} always thinks: --thinking off has no effect"
    if switch and effort and traits.thinking == "switch":
        yield f"{model} gets effort {effort}: --thinking {switch} has no effect"
    if switch and provider not in NO_MODELS and traits.thinking is None:
        yield f"unknown whether {model} can think: assuming --thinking {switch} works"


def _limit_warnings(model: str, traits: Traits, settings: ModelSettings) -> Iterator[str]:
    if settings.detail == "low" and not traits.details:
        yield f"{model} sees pictures in one detail only: --detail low has no effect"
    if traits.max_output and settings.answer_tokens > traits.max_output:
        yield f"{model} answers with at most {traits.max_output:,} tokens"


def _may_think(traits: Traits, settings: ModelSettings) -> bool:
    """Whether one of Claude's models thinks with these settings."""
    if settings.reasoning_effort:
        return settings.reasoning_effort != NO_EFFORT
    return settings.thinking == "on" or (settings.thinking is None and traits.thinking == "switch")
