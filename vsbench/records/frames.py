"""Tidy tables: typed rows with documented columns, also as pandas frames.

Each kind of row is a named tuple whose fields are annotated with :class:`About`. Data frames, files
and the documentation are made from these annotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType, NoneType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from vsbench.settings import Evaluation
from vsbench_envs.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd

    from vsbench.records.comparison import Comparison
    from vsbench.records.results import Figure, Results, SampleResult
    from vsbench.records.tournament import TournamentResults

OVERALL = "overall"
"""In place of an environment: the mean over all environments of an evaluation."""

Kind = Literal["text", "integer", "number", "boolean", "time"]

KINDS: Mapping[object, Kind] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "boolean",
    datetime: "time",
}


@dataclass(frozen=True)
class About:
    """Documents a column."""

    description: str
    unit: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a tidy table."""

    name: str
    kind: Kind
    description: str
    unit: str = ""
    is_list: bool = False
    optional: bool = False
    """Whether values can be missing."""

    @property
    def type_name(self) -> str:
        """The type in words, such as ``list of numbers``."""
        return (
            f"list of {self.kind}{'' if self.kind == 'text' else 's'}"
            if self.is_list
            else (self.kind)
        )


def columns_of(row_type: type[Any]) -> tuple[Column, ...]:
    """The columns of a kind of rows, from its annotations."""
    hints = get_type_hints(row_type, include_extras=True)
    return tuple(_column(name, hints[name]) for name in row_type._fields)


def _column(name: str, hint: Any) -> Column:
    annotated, about = get_args(hint)
    options = [each for each in get_args(annotated) if each is not NoneType]
    optional = NoneType in get_args(annotated)
    inner = options[0] if optional else annotated
    is_list = get_origin(inner) is tuple
    if is_list:
        inner = get_args(inner)[0]
    kind = "text" if get_origin(inner) is Literal else KINDS[inner]
    return Column(name, kind, about.description, about.unit, is_list, optional)


class FigureRow(NamedTuple):
    """A figure of a run."""

    evaluation: Annotated[Evaluation, About("`decision`, `reasoning` or `perception`")]
    environment: Annotated[str, About("Environment id, or `overall` for the mean over all")]
    figure: Annotated[
        str,
        About(
            "`score`, a measure, a behaviour (`apples`; of one seat `apples, seat 0`), or a part "
            "of the samples (`source bot/random`, `about seat 1`, `first third`)"
        ),
    ]
    value: Annotated[float, About("The figure; scores of samples are in percent")]
    low: Annotated[float, About("Lower end of the 95 % interval")]
    high: Annotated[float, About("Upper end of the 95 % interval")]
    n: Annotated[int, About("Units that the interval is taken over")]
    scored: Annotated[
        int | None,
        About("Episodes or samples that figures are over; missing for means over environments"),
    ]


class TournamentRow(NamedTuple):
    """A figure of a tournament."""

    environment: Annotated[
        str, About("Environment id, or `overall` for ratings over all competitive games")
    ]
    player: Annotated[str, About("Model id, or `bot/...`")]
    against: Annotated[str, About("The player in the other seats; empty for ratings")]
    figure: Annotated[
        str, About("`return`, `score`, `superiority`, `rating` or `rating difference`")
    ]
    value: Annotated[float, About("The figure")]
    low: Annotated[float, About("Lower end of the 95 % interval")]
    high: Annotated[float, About("Upper end of the 95 % interval")]
    n: Annotated[int, About("Units that the interval is taken over")]


class DifferenceRow(NamedTuple):
    """A figure of two runs, and its difference: new less base."""

    evaluation: Annotated[Evaluation, About("`decision`, `reasoning` or `perception`")]
    environment: Annotated[str, About("Environment id, or `overall`")]
    figure: Annotated[str, About("`score`, a measure or a behaviour")]
    base: Annotated[float, About("The figure of the base run")]
    new: Annotated[float, About("The figure of the new run")]
    value: Annotated[float, About("The difference")]
    low: Annotated[float, About("Lower end of its 95 % interval")]
    high: Annotated[float, About("Upper end of its 95 % interval")]
    n: Annotated[int, About("Units compared")]
    paired: Annotated[bool, About("Whether the same seeds or samples are compared one by one")]
    p: Annotated[float, About("Two-sided p value")]
    p_worse: Annotated[float, About("One-sided p value, that the new run is no worse")]
    p_worse_adjusted: Annotated[float, About("The same, adjusted for all games")]
    detectable: Annotated[float, About("The drop that is found with 80 % probability")]


def figure_rows(results: Results) -> Iterator[FigureRow]:
    """All figures of a run that have a value."""
    for evaluation, env, name, figure, scored in _figures(results):
        if figure is not None:
            yield FigureRow(evaluation, env, name, *_bounds(figure), scored)


def tournament_rows(results: TournamentResults) -> Iterator[TournamentRow]:
    """All figures of a tournament that have a value."""
    for env, player, against, name, figure in _tournament_figures(results):
        if figure is not None:
            yield TournamentRow(env, player, against, name, *_bounds(figure))


def difference_rows(comparison: Comparison) -> Iterator[DifferenceRow]:
    """All figures of a comparison that have a difference."""
    for each in comparison.figures:
        found = each.difference
        if found is not None and each.base is not None and each.new is not None:
            yield DifferenceRow(
                each.evaluation,
                each.environment,
                each.figure,
                each.base.mean,
                each.new.mean,
                *(found.value, found.low, found.high, found.n, found.paired),
                *(found.p, found.p_worse, found.p_worse_adjusted, found.detectable),
            )


DTYPES: Mapping[Kind, str] = {
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "time": "datetime64[us, UTC]",
}
"""Kind of a column -> its type in data frames; text has that of pandas."""


def to_frame(
    row_type: type[Any],
    rows: Iterable[tuple[object, ...]],
    constants: Mapping[str, object] = MappingProxyType({}),
) -> pd.DataFrame:
    """A data frame of rows. ``constants`` are columns before them with one value in every row.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    frame = frame_of(columns_of(row_type), rows)
    for place, (name, value) in enumerate(constants.items()):
        frame.insert(place, name, value)
    return frame


def frame_of(columns: Iterable[Column], rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """A data frame of rows with these columns.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError(
            "data frames need pandas; install it with: pip install pandas"
        ) from None
    columns = list(columns)
    frame = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    # Without an explicit type, a column of missing values would hold objects.
    known = {
        column.name: DTYPES[column.kind]
        for column in columns
        if column.kind in DTYPES and not column.is_list
    }
    return frame.astype(known)


def _bounds(figure: Figure) -> tuple[float, float, float, int]:
    return figure.mean, figure.low, figure.high, figure.n


def _figures(results: Results) -> Iterator[tuple[Evaluation, str, str, Figure | None, int | None]]:
    for evaluation, overall in results.overall.items():
        yield evaluation, OVERALL, "score", overall, None
    for env in results.environments:
        for name, figure in {"score": env.score, **env.measures, **env.behaviours}.items():
            yield "decision", env.env, name, figure, env.scored
        for event, by_seat in env.behaviours_by_seat.items():
            for seat, figure in by_seat.items():
                yield "decision", env.env, f"{event}, seat {seat}", figure, env.scored
    for part in results.samples:
        for name, figure in {"score": part.score, **_breakdown(part)}.items():
            yield part.evaluation, part.env, name, figure, part.scored


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
