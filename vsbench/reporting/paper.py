"""Runs beside the paper's figures: a table for each evaluation, and what may be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from vsbench.printable import printable
from vsbench.published.comparison import obstacles
from vsbench.published.tables import (
    OVERALL,
    PublishedModel,
    PublishedRow,
    human_row,
    published,
    published_rows,
    random_row,
    shipped_chance,
)
from vsbench.records.results import Figure, Results
from vsbench.reporting import formats
from vsbench.reporting.figures import decimal, interval, title
from vsbench.reporting.fitting import fitted
from vsbench.reporting.formats import Table
from vsbench.reporting.labels import labels
from vsbench.reporting.tables import TITLES
from vsbench.settings import Evaluation
from vsbench_envs import registry
from vsbench_envs.anchors import Anchors, Estimate, load
from vsbench_envs.registry import BENCHMARK

Kind = Literal["run", "published", "human", "random", "bot"]

COLUMNS = (OVERALL, *BENCHMARK)

OVERALL_TITLE = f"overall ({len(BENCHMARK)})"

THINKING = {True: "with thinking", False: "without thinking"}


class Shown(BaseModel):
    """What is written as JSON."""

    model_config = ConfigDict(frozen=True)


class Cell(Shown):
    """A figure; published ones have no interval."""

    mean: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, figure: Figure) -> Cell:
        """A run's figure."""
        return cls(mean=figure.mean, low=figure.low, high=figure.high)


class Verdict(Shown):
    """Whether a column's figure may be compared with the published ones."""

    comparable: bool
    because: tuple[str, ...]
    """Why not."""


class Row(Shown):
    """A run, a published row or a bot."""

    name: str
    kind: Kind
    cells: dict[str, Cell]
    """Column -> figure."""
    verdicts: dict[str, Verdict] = {}
    """Column -> verdict, of runs."""


class BesidePaper(Shown):
    """One evaluation of some runs beside the paper."""

    evaluation: Evaluation
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def beside_paper(runs: Sequence[Results]) -> list[BesidePaper]:
    """Runs beside the paper, for each evaluation that one of them has figures of."""
    found = []
    for evaluation in TITLES:
        rows = [
            row
            for run, label in zip(runs, labels(runs), strict=True)
            if (row := _run(run, label, evaluation)) is not None
        ]
        if rows:
            matching = _matching(runs, evaluation)
            found.append(
                BesidePaper(
                    evaluation=evaluation,
                    columns=COLUMNS,
                    rows=(*rows, *(row for _, row in matching), *_others(evaluation)),
                    notes=_notes(evaluation, [row for row, _ in matching]),
                )
            )
    return found


def in_the_paper(run: Results) -> bool:
    """Whether the paper has figures of a run's model."""
    return any(published_rows(evaluation, run.model, run.thinks) for evaluation in run.overall)


def paper_tables(runs: Sequence[Results], width: int | None = None) -> list[Table]:
    """The same for reading: per evaluation the figures; below, why columns cannot be compared."""
    compared = beside_paper(runs)
    numbers: dict[str, int] = {}
    """Reason -> its number in the notes."""
    tables = [part for each in compared for part in fitted(_figures_table(each, numbers), width)]
    return [*tables, _notes_table(compared, numbers)] if tables else []


def to_json(runs: Sequence[Results]) -> str:
    """The same for machines."""
    return TypeAdapter(list[BesidePaper]).dump_json(beside_paper(runs), indent=2).decode()


def to_csv(runs: Sequence[Results]) -> str:
    """One line for each evaluation, row and column."""
    lines: list[tuple[object, ...]] = [
        ("evaluation", "row", "kind", "column", "mean", "low", "high", "comparable", "because")
    ]
    for compared in beside_paper(runs):
        for row in compared.rows:
            for column, cell in row.cells.items():
                verdict = row.verdicts.get(column)
                told = ("", "") if verdict is None else _told(verdict)
                where = (compared.evaluation, row.name, row.kind, column)
                lines.append((*where, cell.mean, cell.low, cell.high, *told))
    return formats.to_csv(*lines)


def _told(verdict: Verdict) -> tuple[str, str]:
    return ("yes" if verdict.comparable else "no"), "; ".join(verdict.because)


def _run(run: Results, label: str, evaluation: Evaluation) -> Row | None:
    """A run's row; None if nothing of it has ended."""
    if evaluation == "decision":
        scores = {part.env: part.score for part in run.environments}
    else:
        scores = {part.env: part.score for part in run.samples if part.evaluation == evaluation}
    figures = {OVERALL: run.overall.get(evaluation), **scores}
    cells = {
        column: Cell.of(figure) for column in COLUMNS if (figure := figures.get(column)) is not None
    }
    if not cells:
        return None
    reasons = obstacles(run, evaluation)
    return Row(
        name=label,
        kind="run",
        cells=cells,
        verdicts={
            column: Verdict(comparable=not because, because=tuple(because))
            for column, because in reasons.items()
            if column in cells
        },
    )


def _matching(runs: Sequence[Results], evaluation: Evaluation) -> list[tuple[PublishedRow, Row]]:
    """The published rows of the runs' models, each once."""
    found: dict[tuple[str, str], tuple[PublishedRow, Row]] = {}
    for run in runs:
        rows = published_rows(evaluation, run.model, run.thinks)
        for model, row in rows:
            name = _named(model, row, ambiguous=len(rows) > 1)
            shown = Row(name=name, kind="published", cells=_published(row))
            found.setdefault((row.version, row.name), (row, shown))
    return list(found.values())


def _named(model: PublishedModel, row: PublishedRow, *, ambiguous: bool) -> str:
    told = f", {THINKING[model.thinking]}" if ambiguous and model.thinking is not None else ""
    name = model.title.removesuffix(" without thinking")
    return f"paper {row.version}: {name}{told}"


def _published(row: PublishedRow) -> dict[str, Cell]:
    cells = {env: Cell(mean=row.means[env]) for env in BENCHMARK}
    return {OVERALL: Cell(mean=row.overall), **cells}


def _others(evaluation: Evaluation) -> Iterator[Row]:
    """People, guessing and bots."""
    if evaluation == "decision":
        yield Row(name="paper: people", kind="human", cells=_published(human_row()))
    what = "guessing" if evaluation == "reasoning" else "random play"
    if evaluation != "perception":
        yield Row(name=f"paper: {what}", kind="random", cells=_published(random_row(evaluation)))
    if evaluation == "reasoning":
        levels = ((env, shipped_chance(env)) for env in BENCHMARK)
        cells = {env: Cell(mean=level) for env, level in levels if level is not None}
        yield Row(name="ours: guessing", kind="bot", cells=_with_overall(cells))
    elif evaluation == "decision":
        for name in ("random", "oracle"):
            yield Row(name=f"ours: {name} bot", kind="bot", cells=_with_overall(_anchors(name)))


def _anchors(end: str) -> dict[str, Cell]:
    """What a bot was measured to score, normalised by the paper's anchors."""
    measured = load()
    cells = {}
    for env in BENCHMARK:
        if env in measured:
            cells[env] = _score(env, measured[env].measures, end)
    return cells


def _score(env: str, measures: Mapping[str, Anchors], end: str) -> Cell:
    parts = [measure for measure in registry.get(env).spec.measures if measure.weight]
    estimates: list[Estimate] = [getattr(measures[part.name], end) for part in parts]
    pairs = list(zip(parts, estimates, strict=True))
    mean = sum(part.weight * part.normalise(found.mean) for part, found in pairs)
    if len(pairs) > 1:
        # How its parts vary together was not measured.
        return Cell(mean=mean)
    ((part, found),) = pairs
    return Cell(mean=mean, low=part.normalise(found.low), high=part.normalise(found.high))


def _with_overall(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    if set(cells) != set(BENCHMARK):
        return dict(cells)
    return {OVERALL: Cell(mean=sum(c.mean for c in cells.values()) / len(cells)), **cells}


def _notes(evaluation: Evaluation, rows: Iterable[PublishedRow]) -> tuple[str, ...]:
    """What a reader of the figures should know."""
    stated = [row for row in rows if row.version == "v3"]
    if evaluation == "decision":
        stated.append(human_row())
    notes = [
        f"{OVERALL_TITLE}: the mean over this benchmark's {len(BENCHMARK)} games, recomputed from "
        "the published cells; the paper's own is over ten games"
    ]
    if stated:
        told = ", ".join(f"{row.name} {row.stated_overall:g}" for row in stated)
        notes.append(f"the paper's own overall, {TITLES[evaluation]}: {told}")
    if evaluation == "decision":
        notes += [note for note in published().notes if note.startswith("Overcooked")]
    if evaluation == "reasoning":
        notes.append(
            "guessing is worth less in some of our sets than in the paper's: compare a model with "
            "the guessing of its own set"
        )
    return (*notes, published().source)


def _figures_table(compared: BesidePaper, numbers: dict[str, int]) -> Table:
    """The columns in which a run has figures."""
    measured = {column for row in compared.rows if row.kind == "run" for column in row.cells}
    columns = [column for column in compared.columns if column in measured]
    rows = []
    for row in compared.rows:
        cells = (row.cells.get(column) for column in columns)
        rows.append((printable(row.name), *(_cell(cell, row.kind) for cell in cells)))
        if row.kind == "run":
            verdicts = (row.verdicts.get(column) for column in columns)
            rows.append(("comparable", *(_mark(verdict, numbers) for verdict in verdicts)))
    about = "normalised returns" if compared.evaluation == "decision" else "percent right"
    return Table(
        title=f"{TITLES[compared.evaluation].capitalize()} beside the paper: {about}",
        columns=("", *(OVERALL_TITLE if c == OVERALL else title(c) for c in columns)),
        rows=tuple(rows),
    )


def _notes_table(compared: Sequence[BesidePaper], numbers: Mapping[str, int]) -> Table:
    reasons = [(str(number), f"not comparable: {why}") for why, number in numbers.items()]
    notes = [("", note) for note in dict.fromkeys(note for each in compared for note in each.notes)]
    return Table("Notes", ("", "note"), (*reasons, *notes), names=2)


def _cell(cell: Cell | None, kind: Kind) -> str:
    if cell is None:
        return "-"
    if kind != "run":
        # The bots' intervals are narrow, and would make the table wide.
        return decimal(cell.mean, 1)
    return interval(Figure(mean=cell.mean, low=cell.low, high=cell.high, n=0))


def _mark(verdict: Verdict | None, numbers: dict[str, int]) -> str:
    if verdict is None:
        return "-"
    if verdict.comparable:
        return "yes"
    # Numbered in the order in which they are met.
    found = sorted(numbers.setdefault(why, len(numbers) + 1) for why in verdict.because)
    return f"no {','.join(map(str, found))}"
