"""Compare results.json with the results rebuilt from the journals."""

from __future__ import annotations

import math
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from vsbench.reconstruction.findings import Kind, Place
from vsbench.records.bounds import RESULTS_BYTES
from vsbench.records.files import RESULTS
from vsbench.records.reading import read_json
from vsbench.records.results import Results
from vsbench.records.tournament import TournamentResults

TOLERANCE = 1e-9
"""Other builds of numpy may sum in another order."""

RUN = Place()


R = TypeVar("R", Results, TournamentResults)


def read_results(directory: Path, schema: type[R], place: Place = RUN) -> R | None:
    """The results in a directory; None if there are none, as after a kill.

    Raises:
        DiffersError: what is there is none.
    """
    try:
        return read_json(directory / RESULTS, schema, RESULTS_BYTES)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise place.differs("file", RESULTS, "no results", str(error)) from None


def compare_results(
    recorded: Results | TournamentResults, rebuilt: BaseModel, place: Place = RUN
) -> None:
    """Compare results, figure by figure, with those that were rebuilt.

    Raises:
        DiffersError: at the first that differs.
    """
    compare(place, "results", RESULTS, recorded.model_dump(), rebuilt.model_dump())


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
