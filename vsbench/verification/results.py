"""Compare ``results.json`` with the results rebuilt from the journals."""

from __future__ import annotations

import math
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from vsbench.reconstruction.findings import Finding, Kind, Location
from vsbench.records.bounds import MAX_RESULTS_BYTES
from vsbench.records.files import RESULTS
from vsbench.records.reading import read_json
from vsbench.records.results import Results
from vsbench.records.tournament import TournamentResults

TOLERANCE = 1e-9
"""Relative and absolute: builds of numpy may sum in different orders."""

RUN = Location()

R = TypeVar("R", Results, TournamentResults)


def load_results(directory: Path, schema: type[R], location: Location = RUN) -> R | None:
    """Load the results in a directory; None if there are none, as after a kill.

    Raises:
        MismatchError: the file is not valid.
    """
    try:
        return read_json(directory / RESULTS, schema, MAX_RESULTS_BYTES)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise location.mismatch("file", RESULTS, "invalid results", str(error)) from None


def results_missing(location: Location) -> Finding:
    """The note that results were not written yet."""
    derived = "results that can be rebuilt"
    return location.mismatch("stale", RESULTS, "not written", derived).finding


def compare_results(
    recorded: Results | TournamentResults, rebuilt: BaseModel, location: Location = RUN
) -> None:
    """Compare results figure by figure.

    Raises:
        MismatchError: at the first that differs.
    """
    compare_values(location, "results", RESULTS, recorded.model_dump(), rebuilt.model_dump())


def compare_values(location: Location, kind: Kind, path: str, recorded: Any, derived: Any) -> None:
    """Raise MismatchError at the first leaf that differs; ``path`` names the current node."""
    match recorded, derived:
        case dict(), dict():
            for name in dict.fromkeys([*derived, *recorded]):
                values = recorded.get(name), derived.get(name)
                compare_values(location, kind, f"{path} › {name}", *values)
        case ((list() | tuple()), (list() | tuple())):
            for index, pair in enumerate(zip_longest(recorded, derived)):
                compare_values(location, kind, f"{path} › {index}", *pair)
        case ((int() | float()), (int() | float())) if math.isclose(
            recorded, derived, rel_tol=TOLERANCE, abs_tol=TOLERANCE
        ):
            return
        case _:
            location.expect(kind, path, recorded, derived)
