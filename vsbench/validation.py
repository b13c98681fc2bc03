"""Readable messages for the validation errors of pydantic."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]


def dotted(location: Location) -> str:
    """Name a place in nested data: ``environments.0.seats``."""
    return ".".join(map(str, location))


def readable(
    error: ValidationError,
    *,
    name: Callable[[Location], str] = dotted,
    what: str = "field",
    known: Collection[str] = (),
    quote: bool = False,
    limit: int | None = 1,
) -> str:
    """Put a validation error into one line: ``episodes: Input should be a valid integer``.

    Args:
        error: as pydantic raised it.
        name: names the place of a problem from pydantic's location. Problems of one place are
            joined: a value that may be of several types is refused once, with all of them.
        what: the word for a field, as in ``no setting 'episods'``.
        known: names of all fields, for suggestions.
        quote: whether to repeat the wrong value; not for untrusted input.
        limit: number of places to report; None for all.
    """
    places: dict[str, list[ErrorDetails]] = {}
    for problem in error.errors(include_url=False, include_context=False):
        places.setdefault(name(problem["loc"]), []).append(problem)

    def line(place: str, problems: Sequence[ErrorDetails]) -> str:
        if problems[0]["type"] == "extra_forbidden":
            close = difflib.get_close_matches(place, known, n=1)
            return f"no {what} {place[:80]!r}" + (f"; did you mean {close[0]!r}?" if close else "")
        expected = ", or ".join(problem["msg"] for problem in problems)
        value = f", not {problems[0]['input']!r}" if quote else ""
        return f"{place}: {expected}{value}" if place else f"{expected}{value}"

    return "; ".join(line(*item) for item in islice(places.items(), limit))
