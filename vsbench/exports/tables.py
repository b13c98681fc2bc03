"""The tables of runs and tournaments, and reading their rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_args

from vsbench.datasets.samples import Progress
from vsbench.errors import UsageError
from vsbench.exports.rows import (
    AttemptRow,
    DecisionRow,
    EpisodeRow,
    Row,
    RunKey,
    RunRow,
    SampleRow,
    Unit,
    UsageRow,
    attempt_rows,
    decision_rows,
    episode_rows,
    run_row,
    sample_rows,
)
from vsbench.printable import printable
from vsbench.records.bundle import SUFFIX
from vsbench.records.files import (
    TOURNAMENT,
    UnitKey,
    open_run,
    open_tournament,
    planned_keys,
)
from vsbench.records.frames import (
    About,
    Column,
    FigureRow,
    TournamentRow,
    columns_of,
    figure_rows,
    frame_of,
    tournament_rows,
)
from vsbench.records.journals import chain_start, open_journal
from vsbench.records.manifest import Manifest
from vsbench.records.results import AnchorSet
from vsbench.scoring.results import results_of
from vsbench.scoring.tournament import results_of_tournament
from vsbench.sources import is_local, open_runs

if TYPE_CHECKING:
    import pandas as pd

TableName = Literal[
    "runs", "figures", "episodes", "decisions", "samples", "attempts", "tournaments"
]


class TournamentKey(NamedTuple):
    """The first column of tables of tournaments."""

    tournament: Annotated[str, About("Name of the tournament: its folder's")]


@dataclass(frozen=True)
class Table:
    """A table that runs and tournaments are exported as."""

    name: TableName
    about: str
    parts: tuple[type[Any], ...]
    """Kinds of rows that make a row together."""
    of_unit: Callable[[Unit], Iterable[Row]] | None = None
    """The rows of an episode or sample, without the key; None for tables made from results."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in order."""
        return tuple(column for part in self.parts for column in columns_of(part))


TABLES: dict[TableName, Table] = {
    table.name: table
    for table in (
        Table("runs", "A row per run: settings and totals.", (RunKey, RunRow, UsageRow)),
        Table("figures", "A row per figure of a run, with its interval.", (RunKey, FigureRow)),
        Table(
            "episodes",
            "A row per episode of decision-making that was begun.",
            (RunKey, EpisodeRow, UsageRow),
            episode_rows,
        ),
        Table(
            "decisions",
            "A row per decision of a model. Moves of bots are not decisions.",
            (RunKey, DecisionRow, UsageRow),
            decision_rows,
        ),
        Table(
            "samples",
            "A row per question about a recorded state that was begun.",
            (RunKey, SampleRow, UsageRow),
            sample_rows,
        ),
        Table(
            "attempts",
            "A row per reply, with its text; large, so only on request.",
            (RunKey, AttemptRow),
            attempt_rows,
        ),
        Table(
            "tournaments",
            "A row per figure of a tournament: cross-play and ratings.",
            (TournamentKey, TournamentRow),
        ),
    )
}

STANDARD: tuple[TableName, ...] = ("runs", "figures", "episodes", "decisions", "samples")
"""Tables that are exported unless others are named; of tournaments also ``tournaments``."""


@dataclass(frozen=True)
class Source:
    """A run or a tournament to be exported."""

    name: str
    directory: Path


@dataclass(frozen=True)
class Sources:
    """Runs and tournaments to be exported, in order."""

    runs: tuple[Source, ...]
    tournaments: tuple[Source, ...]

    @property
    def standard(self) -> tuple[TableName, ...]:
        """The tables to export if none is named."""
        return (*STANDARD, "tournaments") if self.tournaments else STANDARD

    def work(self, tables: Collection[TableName]) -> int:
        """The total of what :func:`read_tables` reports to ``progress``."""
        once = len(self.runs) + len(self.tournaments)
        if not any(TABLES[name].of_unit for name in tables):
            return once
        keys = ((each, planned_keys(open_run(each.directory))) for each in self.runs)
        return once + sum(key.path(run.directory).is_file() for run, of in keys for key in of)


def open_sources(places: Iterable[str], stack: ExitStack) -> Sources:
    """Open runs and tournaments. The pairings of a tournament are runs, too.

    Runs are named by their folders or files, with as many of the folders above as it takes to tell
    them apart.

    Args:
        places: each as for :func:`vsbench.sources.open_runs`.
        stack: removes temporary copies when it is closed.

    Raises:
        UsageError: there is none at one of the places.
    """
    runs: dict[Path, Path] = {}
    tournaments: dict[Path, Path] = {}
    for place in places:
        for path in map(Path.resolve, open_runs(place, stack)):
            # Temporary copies have no telling names.
            runs[path] = path if is_local(place) else Path(place.removesuffix(SUFFIX))
        if (Path(place) / TOURNAMENT).exists():
            tournament = Path(place).resolve()
            tournaments[tournament] = tournament
    return Sources(_named(runs), _named(tournaments))


def _named(paths: Mapping[Path, Path]) -> tuple[Source, ...]:
    """Name directories by as many parts of the given paths as it takes to tell them apart."""
    most = max((len(path.parts) for path in paths.values()), default=0)
    names: list[str] = []
    for size in range(1, most + 1):
        names = [printable("/".join(path.parts[-size:])) for path in paths.values()]
        if len(set(names)) == len(names):
            break
    return tuple(Source(name, path) for name, path in zip(names, paths, strict=True))


def read_tables(
    sources: Sources,
    tables: Sequence[TableName],
    anchors: AnchorSet = "paper",
    progress: Progress = lambda more: None,
) -> Iterator[tuple[TableName, Row]]:
    """Read rows of several tables, by run; only one journal is in memory at a time.

    Args:
        sources: runs and tournaments.
        tables: names of tables.
        anchors: that returns are normalised by.
        progress: called for every journal, run and tournament that was read.

    Yields:
        The name of a table and one of its rows.

    Raises:
        UsageError: a journal or a manifest is damaged.
        VSBenchError: a game is unknown, or its extra is not installed.
    """
    for source in sources.runs:
        yield from _of_run(source, tables, anchors, progress)
    for source in sources.tournaments:
        if "tournaments" in tables:
            record = open_tournament(source.directory)
            results = results_of_tournament(source.directory, record, anchors)
            for figure in tournament_rows(results):
                yield "tournaments", (source.name, *figure)
        progress(1)


def _of_run(
    source: Source, tables: Sequence[TableName], anchors: AnchorSet, progress: Progress
) -> Iterator[tuple[TableName, Row]]:
    manifest = open_run(source.directory)
    key = RunKey(source.name, manifest.model)
    if "runs" in tables or "figures" in tables:
        results = results_of(source.directory, manifest, anchors)
        if "runs" in tables:
            start = chain_start(source.directory)
            yield "runs", (*key, *run_row(manifest, start, results))
        if "figures" in tables:
            for figure in figure_rows(results):
                yield "figures", (*key, *figure)
    progress(1)
    by_unit = [(name, make) for name in tables if (make := TABLES[name].of_unit)]
    if not by_unit:
        return
    for unit in _units(source.directory, manifest, anchors):
        for name, make in by_unit:
            for row in make(unit):
                yield name, (*key, *row)
        progress(1)


def _units(run: Path, manifest: Manifest, anchors: AnchorSet) -> Iterator[Unit]:
    for evaluation, plan in product(manifest.evaluations, manifest.environments):
        follows_finished = True
        for number in plan.order(evaluation):
            key = UnitKey(evaluation, plan.env, number)
            records = open_journal(run, key).records
            if records:
                yield Unit(key, records, follows_finished, anchors)
            ended = bool(records) and records[-1].type in ("end", "verdict")
            follows_finished = follows_finished and ended


def check_tables(names: str | Iterable[str]) -> tuple[TableName, ...]:
    """Validate a name of a table, or several; drop duplicates.

    Raises:
        UsageError: there is no such table.
    """
    known = get_args(TableName)
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in known:
            raise UsageError(f"no table {name!r}; there are {', '.join(known)}")
    return tuple(name for name in known if name in names)


def frame(places: Iterable[str], table: str, anchors: AnchorSet = "paper") -> pd.DataFrame:
    """A table of runs or tournaments as a data frame.

    Raises:
        UsageError: there is no such table or no run, or a journal is damaged.
        MissingExtraError: pandas is not installed.
    """
    (name,) = check_tables(table)
    with ExitStack() as stack:
        sources = open_sources(places, stack)
        rows = (row for _, row in read_tables(sources, [name], anchors))
        return frame_of(TABLES[name].columns, rows)
