"""Which parameters a Claude takes, and how much it can say.

From https://platform.claude.com/docs/en/models/overview and the pages of the single models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Models that take the same parameters."""

    pattern: str
    """Regular expression for the beginning of their names."""
    adaptive: bool
    """Whether they take a reasoning effort by name and decide themselves how long to think; others
    think within a budget of tokens."""
    samples: bool
    """Whether they take temperature and top_p, which they do only while they do not think."""
    most: int | None
    """Most tokens of an answer, as published."""
    off: str = "disabled"
    """The kind of thinking that is none. Some cannot be kept from it, and say so."""


FAMILIES = (
    Family(r"claude-sonnet-5-5", adaptive=True, samples=False, most=128_000, off="between_tools"),
    Family(r"claude-[a-z]+-5", adaptive=True, samples=False, most=128_000),
    Family(r"claude-opus-4-[78]", adaptive=True, samples=False, most=128_000),
    Family(r"claude-opus-4-6", adaptive=True, samples=True, most=128_000),
    Family(r"claude-sonnet-4-6", adaptive=True, samples=True, most=64_000),
    Family(r"claude-[a-z]+-4-5", adaptive=False, samples=True, most=64_000),
)
"""The first that matches counts."""

UNKNOWN = Family("", adaptive=True, samples=True, most=None)


def family(model: str) -> Family:
    """The family of a model."""
    return next((line for line in FAMILIES if re.match(line.pattern, model)), UNKNOWN)
