"""Which parameters a model takes, and how much it can say."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Models that take the same parameters."""

    pattern: str
    """Regular expression for the beginning of their names."""
    reasons: bool
    """Whether they think before they answer: such models take ``max_completion_tokens``, a
    developer message and a reasoning effort, but neither temperature nor top_p."""
    most: int | None
    """Most tokens of an answer, as published."""


FAMILIES = (
    Family(r"gpt-5-chat", reasons=False, most=16_384),
    Family(r"gpt-[5-9]", reasons=True, most=128_000),
    Family(r"o\d", reasons=True, most=100_000),
    Family(r"gpt-4\.1", reasons=False, most=32_768),
    Family(r"gpt-4o-2024-05-13", reasons=False, most=4_096),
    Family(r"(chat)?gpt-4o", reasons=False, most=16_384),
    Family(r"gpt-4-turbo", reasons=False, most=4_096),
)
"""The first that matches counts."""

UNKNOWN = Family("", reasons=False, most=None)


def family(model: str) -> Family:
    """The family of a model, whatever path (``openai/``) or tuning prefix (``ft:``) it carries."""
    name = model.rpartition("/")[2].removeprefix("ft:")
    return next((line for line in FAMILIES if re.match(line.pattern, name)), UNKNOWN)
