"""How a reply is to be drawn, as the Messages API takes it."""

from __future__ import annotations

from typing import Any

from vsbench.adapters.base import BadRequestError, Sampling
from vsbench.models import Traits

NONE = "none"
"""The reasoning effort that asks a model not to think."""

SHARES = {"low": 0.2, "medium": 0.5, "high": 0.8}
"""Reasoning effort -> share of the reply's tokens, for models that think within a budget."""

LEAST_BUDGET = 1024
"""The smallest budget that the API takes."""

USUAL_TEMPERATURE = 1.0


def thinking(effort: str | None, traits: Traits, max_tokens: int) -> dict[str, Any]:
    """The fields of a body that ask for a reasoning effort.

    It is a name (``low``, ``medium``, ``high``; newer models know more), a number of tokens to
    think within, or ``none``. What a model cannot do, its provider says.

    Raises:
        BadRequestError: a name that cannot be told in tokens, for a model that needs these.
    """
    if not effort:
        return {}
    if effort == NONE:
        return {"thinking": {"type": traits.no_thinking}}
    if effort.isdecimal():
        return _within(int(effort))
    if traits.effort == "name":
        # Newer models think unseen unless asked for a summary.
        told = {"type": "adaptive", "display": "summarized"}
        return {"thinking": told, "output_config": {"effort": effort}}
    if effort not in SHARES:
        known = ", ".join([*SHARES, NONE])
        raise BadRequestError(
            f"no reasoning effort {effort!r} for this model: "
            f"there are {known}, or a number of tokens from {LEAST_BUDGET}"
        )
    return _within(max(LEAST_BUDGET, int(SHARES[effort] * max_tokens)))


def sampling(wanted: Sampling, traits: Traits) -> dict[str, Any]:
    """The fields of a body that say how to sample; none for models that take none.

    Every model samples at temperature 1 unless told otherwise, so that is never told.
    """
    thinks = wanted.reasoning_effort not in (None, "", NONE)
    if thinks or not traits.samples:
        return {}
    told = {"temperature": wanted.temperature, "top_p": wanted.top_p}
    if wanted.temperature == USUAL_TEMPERATURE:
        del told["temperature"]
    return {name: value for name, value in told.items() if value is not None}


def _within(budget: int) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}
