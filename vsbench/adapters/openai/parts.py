"""Pieces of what both APIs are asked."""

from __future__ import annotations

from typing import Any

from vsbench.adapters.base import Sampling
from vsbench.models import Traits


def sampling(wanted: Sampling, traits: Traits) -> dict[str, Any]:
    """The fields that say how to sample; none for models that take none."""
    if not traits.samples:
        return {}
    told = {"temperature": wanted.temperature, "top_p": wanted.top_p}
    return {name: value for name, value in told.items() if value is not None}


def effort(wanted: Sampling, traits: Traits) -> str:
    """The reasoning effort to ask for; empty for models that are known not to reason."""
    # Models that are not known here may reason.
    return "" if traits.reasons is False else wanted.reasoning_effort or ""


def switched(wanted: Sampling, traits: Traits) -> bool | None:
    """How to set the switch of a model's thinking; None leaves it to the server.

    A reasoning effort counts more, and models that always or never think have no switch.
    """
    if wanted.reasoning_effort or traits.thinking in ("always", "never"):
        return None
    return wanted.thinking


def budget(wanted: Sampling, traits: Traits) -> int | None:
    """Most tokens to think within, for models that think and take such a budget."""
    if wanted.reasoning_effort or traits.effort != "budget":
        return None
    thinks = traits.thinking == "always" or switched(wanted, traits)
    return wanted.thinking_tokens if thinks else None
