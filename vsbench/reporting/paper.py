"""Comparison of runs with the paper's figures, and which figures are comparable."""

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
from vsbench.reporting.formats import Table, env_title, fit, format_decimal, format_interval
from vsbench.reporting.labels import run_labels
from vsbench.settings import EVALUATION_TITLES, Evaluation
from vsbench_envs import registry
from vsbench_envs.anchors import Anchors, Estimate, load
from vsbench_envs.registry import BENCHMARK

Kind = Literal["run", "published", "human", "random", "bot"]

COLUMNS = (OVERALL, *BENCHMARK)

OVERALL_TITLE = f"overall ({len(BENCHMARK)})"

THINKING = {True: "with thinking", False: "without thinking"}


class PaperModel(BaseModel):
    """Base of what :func:`to_json` writes."""

    model_config = ConfigDict(frozen=True)


class Cell(PaperModel):
    """A figure in percent; published ones have no interval."""

    mean: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, figure: Figure) -> Cell:
        """The cell of a run's figure."""
        return cls(mean=figure.mean, low=figure.low, high=figure.high)


class Comparability(PaperModel):
    """Whether a run's figure is comparable with the published ones of its column."""

    comparable: bool
    reasons: tuple[str, ...]
    """Reasons why it is not comparable; empty if it is."""


class Row(PaperModel):
    """A run, a published row or a bot."""

    name: str
    kind: Kind
    cells: dict[str, Cell]
    """Column -> figure."""
    comparability: dict[str, Comparability] = {}
    """Column -> comparability; for runs only."""


class PaperComparison(PaperModel):
    """Figures of runs and of the paper in one evaluation."""

    evaluation: Evaluation
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def compare_with_paper(runs: Sequence[Results]) -> list[PaperComparison]:
    """Compare runs with the paper in each evaluation that one of them has figures of."""
    found = []
    for evaluation in EVALUATION_TITLES:
        rows = [
            row
            for run, label in zip(runs, run_labels(runs), strict=True)
            if (row := _run_row(run, label, evaluation)) is not None
        ]
        if rows:
            matching = _published_rows(runs, evaluation)
            found.append(
                PaperComparison(
                    evaluation=evaluation,
                    columns=COLUMNS,
                    rows=(*rows, *(row for _, row in matching), *_reference_rows(evaluation)),
                    notes=_notes(evaluation, [row for row, _ in matching]),
                )
            )
    return found


def in_the_paper(run: Results) -> bool:
    """Whether the paper has figures of the run's model."""
    return any(published_rows(evaluation, run.model, run.thinks) for evaluation in run.overall)


def paper_tables(runs: Sequence[Results], width: int | None = None) -> list[Table]:
    """Tables of figures for each evaluation, and one of notes: why figures are not comparable."""
    compared = compare_with_paper(runs)
    numbers: dict[str, int] = {}
    """Reason -> its number in the notes."""
    tables = [part for each in compared for part in fit(_figures_table(each, numbers), width)]
    return [*tables, _notes_table(compared, numbers)] if tables else []


def to_json(runs: Sequence[Results]) -> str:
    """A JSON list of :class:`PaperComparison`."""
    return TypeAdapter(list[PaperComparison]).dump_json(compare_with_paper(runs), indent=2).decode()


def to_csv(runs: Sequence[Results]) -> str:
    """One line per evaluation, row and column."""
    lines: list[tuple[object, ...]] = [
        ("evaluation", "row", "kind", "column", "mean", "low", "high", "comparable", "reasons")
    ]
    for compared in compare_with_paper(runs):
        for row in compared.rows:
            for column, cell in row.cells.items():
                found = row.comparability.get(column)
                comparable = "" if found is None else "yes" if found.comparable else "no"
                reasons = "" if found is None else "; ".join(found.reasons)
                about = (compared.evaluation, row.name, row.kind, column)
                lines.append((*about, cell.mean, cell.low, cell.high, comparable, reasons))
    return formats.to_csv(*lines)


def _run_row(run: Results, label: str, evaluation: Evaluation) -> Row | None:
    """A run's row; None if nothing of it is finished."""
    figures = {OVERALL: run.overall.get(evaluation), **run.scores(evaluation)}
    cells = {
        column: Cell.of(figure) for column in COLUMNS if (figure := figures.get(column)) is not None
    }
    if not cells:
        return None
    return Row(
        name=label,
        kind="run",
        cells=cells,
        comparability={
            column: Comparability(comparable=not reasons, reasons=tuple(reasons))
            for column, reasons in obstacles(run, evaluation).items()
            if column in cells
        },
    )


def _published_rows(
    runs: Sequence[Results], evaluation: Evaluation
) -> list[tuple[PublishedRow, Row]]:
    """The published rows of the runs' models, each once."""
    found: dict[tuple[str, str], tuple[PublishedRow, Row]] = {}
    for run in runs:
        rows = published_rows(evaluation, run.model, run.thinks)
        for model, row in rows:
            name = _published_name(model, row, ambiguous=len(rows) > 1)
            shown = Row(name=name, kind="published", cells=_published_cells(row))
            found.setdefault((row.version, row.name), (row, shown))
    return list(found.values())


def _published_name(model: PublishedModel, row: PublishedRow, *, ambiguous: bool) -> str:
    title = model.title.removesuffix(" without thinking")
    if ambiguous and model.thinking is not None:
        title += f", {THINKING[model.thinking]}"
    return f"paper {row.version}: {title}"


def _published_cells(row: PublishedRow) -> dict[str, Cell]:
    cells = {env: Cell(mean=row.means[env]) for env in BENCHMARK}
    return {OVERALL: Cell(mean=row.overall), **cells}


def _reference_rows(evaluation: Evaluation) -> Iterator[Row]:
    """Humans and random play in the paper, and this project's bots or chance levels."""
    if evaluation == "decision":
        yield Row(name="paper: humans", kind="human", cells=_published_cells(human_row()))
    if evaluation != "perception":
        name = "paper: chance" if evaluation == "reasoning" else "paper: random play"
        yield Row(name=name, kind="random", cells=_published_cells(random_row(evaluation)))
    if evaluation == "reasoning":
        levels = ((env, shipped_chance(env)) for env in BENCHMARK)
        cells = {env: Cell(mean=level) for env, level in levels if level is not None}
        yield Row(name="vsbench: chance", kind="bot", cells=_with_overall(cells))
    elif evaluation == "decision":
        for name in ("random", "oracle"):
            yield Row(
                name=f"vsbench: {name} bot", kind="bot", cells=_with_overall(_anchor_cells(name))
            )


def _anchor_cells(bot: str) -> dict[str, Cell]:
    """The measured scores of an anchor bot, normalised by the paper's anchors."""
    measured = load()
    cells = {}
    for env in BENCHMARK:
        if env in measured:
            cells[env] = _anchor_cell(env, measured[env].measures, bot)
    return cells


def _anchor_cell(env: str, measures: Mapping[str, Anchors], bot: str) -> Cell:
    parts = [measure for measure in registry.get(env).spec.measures if measure.weight]
    estimates: list[Estimate] = [getattr(measures[part.name], bot) for part in parts]
    pairs = list(zip(parts, estimates, strict=True))
    mean = sum(part.weight * part.normalise(found.mean) for part, found in pairs)
    if len(pairs) > 1:
        # The covariance of the measures is not known.
        return Cell(mean=mean)
    ((part, found),) = pairs
    return Cell(mean=mean, low=part.normalise(found.low), high=part.normalise(found.high))


def _with_overall(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    if set(cells) != set(BENCHMARK):
        return dict(cells)
    return {OVERALL: Cell(mean=sum(c.mean for c in cells.values()) / len(cells)), **cells}


def _notes(evaluation: Evaluation, rows: Iterable[PublishedRow]) -> tuple[str, ...]:
    """Notes on the published figures of an evaluation."""
    stated = [row for row in rows if row.version == "v3"]
    if evaluation == "decision":
        stated.append(human_row())
    notes = [
        f"{OVERALL_TITLE}: mean over this benchmark's {len(BENCHMARK)} games, recomputed from the "
        "published cells; the paper's own is over ten games"
    ]
    if stated:
        means = ", ".join(f"{row.name} {row.stated_overall:g}" for row in stated)
        notes.append(f"the paper's own overall, {EVALUATION_TITLES[evaluation]}: {means}")
    if evaluation == "decision":
        notes += [note for note in published().notes if note.startswith("Overcooked")]
    if evaluation == "reasoning":
        notes.append(
            "chance is lower in some of vsbench's data sets than in the paper's: compare a model "
            "with the chance level of its own data set"
        )
    return (*notes, published().source)


def _figures_table(compared: PaperComparison, numbers: dict[str, int]) -> Table:
    """Figures in the columns in which a run has some."""
    measured = {column for row in compared.rows if row.kind == "run" for column in row.cells}
    columns = [column for column in compared.columns if column in measured]
    rows = []
    for row in compared.rows:
        cells = (row.cells.get(column) for column in columns)
        rows.append((printable(row.name), *(_cell(cell, row.kind) for cell in cells)))
        if row.kind == "run":
            found = (row.comparability.get(column) for column in columns)
            rows.append(("comparable", *(_comparable(each, numbers) for each in found)))
    unit = "normalised returns" if compared.evaluation == "decision" else "accuracy in %"
    evaluation = EVALUATION_TITLES[compared.evaluation].capitalize()
    return Table(
        title=f"{evaluation} compared with the paper: {unit}",
        columns=("", *(OVERALL_TITLE if c == OVERALL else env_title(c) for c in columns)),
        rows=tuple(rows),
    )


def _notes_table(compared: Sequence[PaperComparison], numbers: Mapping[str, int]) -> Table:
    reasons = [(str(number), f"not comparable: {reason}") for reason, number in numbers.items()]
    notes = [("", note) for note in dict.fromkeys(note for each in compared for note in each.notes)]
    return Table("Notes", ("", "note"), (*reasons, *notes), label_columns=2)


def _cell(cell: Cell | None, kind: Kind) -> str:
    if cell is None:
        return "-"
    if kind != "run" or cell.low is None or cell.high is None:
        # The intervals of bots are narrow, and would widen the table.
        return format_decimal(cell.mean, 1)
    return format_interval(Figure(mean=cell.mean, low=cell.low, high=cell.high, n=0))


def _comparable(found: Comparability | None, numbers: dict[str, int]) -> str:
    """``yes``, or ``no`` and the numbers of the reasons; new reasons get the next number."""
    if found is None:
        return "-"
    if found.comparable:
        return "yes"
    notes = sorted(numbers.setdefault(reason, len(numbers) + 1) for reason in found.reasons)
    return f"no {','.join(map(str, notes))}"
