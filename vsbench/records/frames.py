"""Results in tidy form: one row per evaluation, environment and figure, also as pandas frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from vsbench_envs.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

    from vsbench.records.results import Figure, Results, SampleResult
    from vsbench.records.tournament import TournamentResults
    from vsbench.settings import Evaluation

OVERALL = "overall"
"""In place of an environment: the mean over all environments of an evaluation."""


class FigureRow(NamedTuple):
    """A figure of a run."""

    evaluation: Evaluation
    environment: str
    """An environment id, or ``overall``."""
    figure: str
    """``score``, a measure, a behaviour (``apples``, ``apples, seat 0``), or a part of
    the samples (``source bot/random``, ``about seat 1``, ``first third``)."""
    value: float
    low: float
    """Bounds of the 95 % interval."""
    high: float
    n: int
    """Units that the interval is taken over."""
    finished: int | None
    """Finished episodes or samples; None for means over environments."""


class TournamentRow(NamedTuple):
    """A figure of a tournament."""

    environment: str
    """An environment id, or ``overall`` for ratings over all competitive games."""
    player: str
    against: str
    """The player in the other seats; empty for ratings."""
    figure: str
    """``return``, ``score``, ``superiority``, ``rating`` or ``rating difference``."""
    value: float
    low: float
    high: float
    n: int


def figure_rows(results: Results) -> Iterator[FigureRow]:
    """All figures of a run that have a value."""
    for evaluation, env, name, figure, finished in _figures(results):
        if figure is not None:
            yield FigureRow(evaluation, env, name, *_bounds(figure), finished)


def tournament_rows(results: TournamentResults) -> Iterator[TournamentRow]:
    """All figures of a tournament that have a value."""
    for env, player, against, name, figure in _tournament_figures(results):
        if figure is not None:
            yield TournamentRow(env, player, against, name, *_bounds(figure))


def to_frame(
    row_type: type[FigureRow | TournamentRow],
    rows: Iterable[tuple[object, ...]],
    constants: Mapping[str, object] = MappingProxyType({}),
) -> pd.DataFrame:
    """A data frame of rows. ``constants`` are columns before them with one value in every row.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError(
            "to_frame() needs pandas; install it with: pip install pandas"
        ) from None
    columns = list(row_type._fields)
    frame = pd.DataFrame(list(rows), columns=columns)
    # Without an explicit type, a column of missing bounds would hold objects.
    numbers: dict[str, Any] = dict.fromkeys(("value", "low", "high"), "float64")
    counts = dict.fromkeys({"n", "finished"} & set(columns), "Int64")
    frame = frame.astype(numbers | counts)
    for place, (name, value) in enumerate(constants.items()):
        frame.insert(place, name, value)
    return frame


def _bounds(figure: Figure) -> tuple[float, float, float, int]:
    return figure.mean, figure.low, figure.high, figure.n


def _figures(results: Results) -> Iterator[tuple[Evaluation, str, str, Figure | None, int | None]]:
    for evaluation, overall in results.overall.items():
        yield evaluation, OVERALL, "score", overall, None
    for env in results.environments:
        for name, figure in {"score": env.score, **env.measures, **env.behaviours}.items():
            yield "decision", env.env, name, figure, env.finished
        for event, by_seat in env.behaviours_by_seat.items():
            for seat, figure in by_seat.items():
                yield "decision", env.env, f"{event}, seat {seat}", figure, env.finished
    for part in results.samples:
        for name, figure in {"score": part.score, **_breakdown(part)}.items():
            yield part.evaluation, part.env, name, figure, part.finished


def _breakdown(part: SampleResult) -> dict[str, Figure]:
    return {
        **{f"source {name}": figure for name, figure in part.by_source.items()},
        **{f"about seat {name}": figure for name, figure in part.by_seat.items()},
        **{f"{name} third": figure for name, figure in part.by_third.items()},
    }


def _tournament_figures(
    results: TournamentResults,
) -> Iterator[tuple[str, str, str, str, Figure | None]]:
    for game in results.games:
        for cell in game.crossplay:
            about = game.env, cell.player, cell.against
            yield *about, "return", cell.returns
            yield *about, "score", cell.score
            yield *about, "superiority", cell.superiority
        for rating in game.ratings:
            yield game.env, rating.player, "", "rating", rating.elo
        for each in game.differences:
            yield game.env, each.player, each.against, "rating difference", each.elo
    for rating in results.ratings:
        yield OVERALL, rating.player, "", "rating", rating.elo
    for each in results.differences:
        yield OVERALL, each.player, each.against, "rating difference", each.elo
