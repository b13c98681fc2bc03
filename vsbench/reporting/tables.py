"""Results as tables: made once, written in any format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE
from rich.table import Table as RichTable

from vsbench.records.journal import OUTCOMES
from vsbench.records.results import EnvironmentResult, Figure, Results
from vsbench_envs import registry


@dataclass(frozen=True)
class Table:
    """A title, column headings and rows of text; the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    footer: tuple[str, ...] | None = None
    """A closing row, set apart."""


def of_run(results: Results) -> list[Table]:
    """Everything there is to show about a run."""
    more = [failures_table(results), figures_table(results)]
    return [environments_table(results), *(table for table in more if table.rows)]


def environments_table(results: Results) -> Table:
    """A run: a row for each environment."""
    total = results.usage
    return Table(
        title=f"{results.model}: decision-making" + ("" if results.complete else " (incomplete)"),
        columns=(
            "environment",
            "episodes",
            "score (95 %)",
            "return",
            "decisions",
            "tokens",
            "cost",
        ),
        rows=tuple(_environment_row(env) for env in results.environments),
        footer=(
            "overall",
            "",
            interval(results.overall),
            "",
            count(sum(map(_decisions, results.environments))),
            count(total.input + total.output),
            money(total.cost),
        ),
    )


def failures_table(results: Results) -> Table:
    """A run: decisions that a random legal move had to replace, and calls made again."""
    rows = []
    for env in results.environments:
        bad = {
            outcome: sum(seat.decisions[outcome] for seat in env.seats)
            for outcome in OUTCOMES
            if outcome != "ok"
        }
        faults = sum(sum(seat.usage.faults.values()) for seat in env.seats)
        if any(bad.values()) or faults:
            rows.append((_title(env.env), *map(count, bad.values()), count(faults)))
    return Table(
        title="Decisions replaced by a random move, and calls that had to be repeated",
        columns=("environment", *(o for o in OUTCOMES if o != "ok"), "faults"),
        rows=tuple(rows),
    )


def figures_table(results: Results) -> Table:
    """A run: further measures, and what was counted in its episodes."""
    return Table(
        title="Behaviours and further measures, by episode",
        columns=("environment", "figure", "mean (95 %)"),
        rows=tuple(
            (_title(env.env), name, interval(figure, 2))
            for env in results.environments
            for name, figure in (list(env.measures.items())[1:] + list(env.behaviours.items()))
        ),
    )


def comparison_table(runs: Sequence[Results]) -> Table:
    """Several runs side by side: normalised scores."""
    envs = list(dict.fromkeys(env.env for run in runs for env in run.environments))
    return Table(
        title="Decision-making, normalised returns (95 %)",
        columns=("environment", *(run.model for run in runs)),
        rows=tuple((_title(env), *(_score_in(run, env) for run in runs)) for env in envs),
        footer=("overall", *(interval(run.overall) for run in runs)),
    )


def interval(figure: Figure | None, digits: int = 1) -> str:
    """``mean [low, high]``; a dash where there is nothing."""
    if figure is None:
        return "-"
    mean = f"{figure.mean:.{digits}f}"
    if figure.low is None or figure.high is None:
        return mean
    return f"{mean} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def count(number: float) -> str:
    """A large number, short: 1234567 -> 1.23M."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def money(dollars: float | None) -> str:
    """US dollars; a dash without a price."""
    return "-" if dollars is None else f"${dollars:.2f}"


def to_rich(table: Table) -> RichTable:
    """For terminals."""
    shown = RichTable(
        title=table.title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE,
        pad_edge=False,
        show_footer=table.footer is not None,
    )
    for place, name in enumerate(table.columns):
        shown.add_column(
            name,
            footer=table.footer[place] if table.footer else "",
            justify="left" if place == 0 else "right",
            # Only intervals may break over lines where the terminal is narrow.
            no_wrap="(95 %)" not in name,
        )
    for row in table.rows:
        shown.add_row(*row)
    return shown


def to_markdown(table: Table) -> str:
    """A GitHub-flavoured table."""
    ruler = ("---", *["---:"] * (len(table.columns) - 1))
    footer = [table.footer] if table.footer else []
    rows = [table.columns, ruler, *table.rows, *footer]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([f"**{table.title}**", "", *lines, ""])


def to_latex(table: Table) -> str:
    """A ``booktabs`` table."""
    body = [" & ".join(map(_latex, row)) + r" \\" for row in table.rows]
    if table.footer:
        body += [r"\midrule", " & ".join(map(_latex, table.footer)) + r" \\"]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
            r"\toprule",
            " & ".join(map(_latex, table.columns)) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def to_csv(runs: Sequence[Results]) -> str:
    """One line for each run, environment and figure; numbers in full."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["model", "environment", "figure", "mean", "low", "high", "n", "finished"])
    for run in runs:
        if run.overall is not None:
            writer.writerow([run.model, "overall", "score", *_numbers(run.overall), ""])
        for env in run.environments:
            figures = {"score": env.score, **env.measures, **env.behaviours}
            for name, figure in figures.items():
                if figure is not None:
                    writer.writerow([run.model, env.env, name, *_numbers(figure), env.finished])
    return out.getvalue().rstrip("\n")


def to_json(runs: Sequence[Results]) -> str:
    """Everything: a list of ``results.json``."""
    return json.dumps([run.model_dump(mode="json") for run in runs], indent=2)


def _environment_row(env: EnvironmentResult) -> tuple[str, ...]:
    costs = [seat.usage.cost for seat in env.seats if seat.usage.cost is not None]
    tokens = sum(seat.usage.input + seat.usage.output for seat in env.seats)
    return (
        _title(env.env),
        f"{env.finished}/{env.planned}",
        interval(env.score),
        _mean(next(iter(env.measures.values()), None)),
        count(_decisions(env)),
        count(tokens),
        money(sum(costs) if costs else None),
    )


def _mean(figure: Figure | None) -> str:
    return "-" if figure is None else f"{figure.mean:.2f}"


def _decisions(env: EnvironmentResult) -> int:
    return sum(sum(seat.decisions.values()) for seat in env.seats)


def _score_in(run: Results, env: str) -> str:
    return next((interval(found.score) for found in run.environments if found.env == env), "-")


def _title(env: str) -> str:
    return registry.get(env).spec.title


def _numbers(figure: Figure) -> list[float | int | None]:
    return [figure.mean, figure.low, figure.high, figure.n]


def _latex(text: str) -> str:
    for character in "&%$#_{}":
        text = text.replace(character, "\\" + character)
    return text
