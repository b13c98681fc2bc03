"""How a reply is to be drawn, as the Messages API takes it."""

from __future__ import annotations

from typing import Any

from vsbench.adapters.base import BadRequestError, Sampling
from vsbench.models import NO_EFFORT, USUAL_TEMPERATURE, Traits

SHARES = {"low": 0.2, "medium": 0.5, "high": 0.8}
"""Reasoning effort -> share of the reply's tokens, for models that think within a budget."""

LEAST_BUDGET = 1024
"""The smallest budget that the API takes."""

USUAL_SHARE = "medium"
"""What they think within where no budget was asked for."""

# Newer models think unseen unless asked for a summary.
ADAPTIVE = {"type": "adaptive", "display": "summarized"}


def thinking(wanted: Sampling, traits: Traits, max_tokens: int) -> dict[str, Any]:
    """The fields of a body that say whether to think, and how long.

    A reasoning effort counts more than the switch. It is a name (``low``, ``medium``, ``high``;
    newer models know more), a number of tokens to think within, or ``none``. What a model cannot
    do, its provider says.

    Raises:
        BadRequestError: a name that cannot be told in tokens, for a model that needs these, or no
            room to think.
    """
    if traits.thinking == "never":
        return {}
    if wanted.reasoning_effort:
        return _by_effort(wanted.reasoning_effort, traits, max_tokens)
    if traits.thinking == "always":
        return {"thinking": ADAPTIVE}
    if wanted.thinking is None:
        return {}
    if not wanted.thinking:
        return {"thinking": {"type": traits.no_thinking}}
    if traits.effort == "name":
        return {"thinking": ADAPTIVE}
    budget = wanted.thinking_tokens or int(SHARES[USUAL_SHARE] * max_tokens)
    if max_tokens <= LEAST_BUDGET:
        raise BadRequestError(
            f"no room to think in {max_tokens:,} tokens: this model needs more than "
            f"{LEAST_BUDGET:,}, or --thinking off"
        )
    return _within(max(LEAST_BUDGET, min(budget, max_tokens - 1)))


def _by_effort(effort: str, traits: Traits, max_tokens: int) -> dict[str, Any]:
    if effort == NO_EFFORT:
        return {"thinking": {"type": traits.no_thinking}}
    if effort.isdecimal():
        return _within(int(effort))
    if traits.effort == "name":
        return {"thinking": ADAPTIVE, "output_config": {"effort": effort}}
    if effort not in SHARES:
        known = ", ".join([*SHARES, NO_EFFORT])
        raise BadRequestError(
            f"no reasoning effort {effort!r} for this model: "
            f"there are {known}, or a number of tokens from {LEAST_BUDGET}"
        )
    return _within(max(LEAST_BUDGET, int(SHARES[effort] * max_tokens)))


def sampling(wanted: Sampling, traits: Traits) -> dict[str, Any]:
    """The fields of a body that say how to sample; none for models that take none.

    Every model samples at temperature 1 unless told otherwise, so that is never told.
    """
    if _thinks(wanted, traits) or not traits.samples:
        return {}
    told = {"temperature": wanted.temperature, "top_p": wanted.top_p}
    if wanted.temperature == USUAL_TEMPERATURE:
        del told["temperature"]
    return {name: value for name, value in told.items() if value is not None}


def _thinks(wanted: Sampling, traits: Traits) -> bool:
    """Whether a model is asked to think."""
    if traits.thinking == "never":
        return False
    if wanted.reasoning_effort:
        return wanted.reasoning_effort != NO_EFFORT
    return traits.thinking == "always" or bool(wanted.thinking)


def _within(budget: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}
