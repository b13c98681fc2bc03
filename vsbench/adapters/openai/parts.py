"""Pieces that the bodies of both APIs have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vsbench.adapters.base import Sampling
from vsbench.adapters.bodies import count, mapping
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


def detail_count(usage: Mapping[str, Any], details: str, name: str) -> int:
    """A number of tokens from the details of a usage."""
    return count(mapping(usage.get(details)), name)
