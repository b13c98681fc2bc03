"""Checking ``results.json`` against the results that the journals amount to."""

from __future__ import annotations

import math
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vsbench.records.files import RESULTS
from vsbench.records.results import Results
from vsbench.records.tournament import TournamentResults
from vsbench.replay.differences import Kind, Place

TOLERANCE = 1e-9
"""Other builds of numpy may sum in another order."""

RUN = Place()


def check_results(
    directory: Path, rebuilt: Results | TournamentResults, place: Place = RUN
) -> None:
    """Compare the results in a directory, figure by figure, with those that were rebuilt.

    Raises:
        DiffersError: at the first that differs. Where neither side claims a complete run it is
            only a note: a killed run leaves results that are older than its journals.
    """
    try:
        recorded = type(rebuilt).model_validate_json((directory / RESULTS).read_bytes())
    except FileNotFoundError:
        if rebuilt.complete:
            raise place.differs("file", RESULTS, None, "the results of what is complete") from None
        return
    except (OSError, ValidationError) as error:
        raise place.differs("file", RESULTS, "no results", str(error)) from None
    kind: Kind = "results" if recorded.complete or rebuilt.complete else "stale"
    compare(place, kind, RESULTS, recorded.model_dump(), rebuilt.model_dump())


def compare(place: Place, kind: Kind, path: str, one: Any, other: Any) -> None:
    """Raise DiffersError at the first leaf that differs; ``path`` says where it is."""
    match one, other:
        case dict(), dict():
            for name in dict.fromkeys([*other, *one]):
                compare(place, kind, f"{path} › {name}", one.get(name), other.get(name))
        case ((list() | tuple()), (list() | tuple())):
            for index, pair in enumerate(zip_longest(one, other)):
                compare(place, kind, f"{path} › {index}", *pair)
        case ((int() | float()), (int() | float())) if math.isclose(
            one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE
        ):
            return
        case _:
            place.expect(kind, path, one, other)
