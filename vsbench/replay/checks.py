"""What checks have in common: they go on until something differs."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from vsbench.prompts import PromptError
from vsbench.replay.differences import DiffersError, Finding, Place

REPLAY_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What rules, parsers and templates may raise at records that no run has written."""


class Check(Protocol):
    """An episode or a sample under examination."""

    async def run(self) -> Finding | None:
        """Examine it, and return the first thing that differs."""
        ...


async def first_difference(place: Place, check: Awaitable[None]) -> Finding | None:
    """What a check ends with; None if it comes to its end."""
    try:
        await check
    except DiffersError as error:
        return error.finding
    except PromptError as error:
        return place.differs("prompt", "a prompt", "a template", str(error)).finding
    except REPLAY_ERRORS as error:
        problem = f"{type(error).__name__}: {error}"
        return place.differs("state", "the record", "senseless", problem).finding
    return None
