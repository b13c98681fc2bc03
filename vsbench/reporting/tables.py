"""Results as tables: what is shown of runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from vsbench.records.journal import OUTCOMES
from vsbench.records.results import EnvironmentResult, Figure, Results, SampleResult
from vsbench.reporting.formats import Table
from vsbench.settings import Evaluation
from vsbench_envs import registry

TITLES: dict[Evaluation, str] = {
    "decision": "decision-making",
    "reasoning": "strategic reasoning",
    "perception": "perception",
}


def of_run(results: Results) -> list[Table]:
    """Everything there is to show about a run."""
    tables = [environments_table(results), failures_table(results), figures_table(results)]
    for evaluation in results.overall:
        if evaluation != "decision":
            tables += [samples_table(results, evaluation), parts_table(results, evaluation)]
    tables.append(usage_table(results))
    return [table for table in tables if table.rows]


def environments_table(results: Results) -> Table:
    """A run: a row for each environment."""
    total = results.usage
    return Table(
        title=f"{results.model}: decision-making{_normalised([results])}"
        + ("" if results.complete else " (incomplete)"),
        columns=(
            "environment",
            "episodes",
            "score (95 %)",
            "return",
            "tokens",
            "cost",
        ),
        rows=tuple(_environment_row(env) for env in results.environments),
        footer=(
            "overall",
            "",
            interval(results.overall.get("decision")),
            "",
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


def samples_table(results: Results, evaluation: Evaluation) -> Table:
    """A run: what answers about recorded states were worth, by environment."""
    parts = [part for part in results.samples if part.evaluation == evaluation]
    chances = [part.chance for part in parts if part.chance is not None]
    return Table(
        title=f"{results.model}: {TITLES[evaluation]}, percent right",
        columns=(
            "environment",
            "samples",
            "score (95 %)",
            "guessing",
            "unusable",
            "cost",
        ),
        rows=tuple(
            (
                _title(part.env),
                f"{part.finished}/{part.planned}",
                interval(part.score),
                _percent(part.chance),
                count(sum(part.unusable.values())),
                money(part.usage.cost),
            )
            for part in parts
        ),
        footer=(
            "overall",
            "",
            interval(results.overall[evaluation]),
            _percent(sum(chances) / len(chances) if chances else None),
            count(sum(sum(part.unusable.values()) for part in parts)),
            "",
        ),
    )


def parts_table(results: Results, evaluation: Evaluation) -> Table:
    """A run: predictions by how the other player played, or what was misread in pictures."""
    parts = [part for part in results.samples if part.evaluation == evaluation]
    if evaluation == "reasoning":
        return Table(
            title="Predictions, by who played",
            columns=("environment", "player", "score (95 %)"),
            rows=tuple(
                (_title(part.env), source, interval(figure))
                for part in parts
                for source, figure in part.by_source.items()
            ),
        )
    return Table(
        title="Most often misread",
        columns=("environment", "what is there", "read as", "times"),
        rows=tuple(
            (_title(part.env), truth, said or "nothing", str(times))
            for part in parts
            for truth, said, times in part.misread[:5]
        ),
    )


def usage_table(results: Results) -> Table:
    """A run: the tokens of its calls, and how well those of the prompts were estimated."""
    usage = results.usage
    billed, expected = usage.input, usage.expected_input
    row = (
        count(usage.replies),
        count(billed),
        f"{100 * (billed / expected - 1):+.0f} %" if expected else "-",
        count(usage.cached),
        count(usage.output),
        count(usage.reasoning),
        money(usage.cost),
    )
    return Table(
        title="Calls of all players, and their tokens as billed",
        columns=("replies", "in", "against estimate", "cached", "out", "reasoning", "cost"),
        rows=(row,) if usage.replies else (),
    )


def comparison_table(runs: Sequence[Results]) -> Table:
    """Several runs side by side: normalised returns, and percent right."""
    rows = []
    for evaluation, title in TITLES.items():
        scores = [_scores(run, evaluation) for run in runs]
        for env in dict.fromkeys(env for by_env in scores for env in by_env):
            cells = [interval(by_env.get(env)) for by_env in scores]
            rows.append((title, _title(env), *cells))
        if any(scores):
            cells = [interval(run.overall.get(evaluation)) for run in runs]
            rows.append((title, "overall", *cells))
    return Table(
        title=f"Normalised returns and percent right (95 %){_normalised(runs)}",
        columns=("evaluation", "environment", *(run.model for run in runs)),
        rows=tuple(rows),
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


def to_csv(runs: Sequence[Results]) -> str:
    """One line for each run, environment and figure; numbers in full."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["model", "evaluation", "environment", "figure", "mean", "low", "high", "n", "finished"]
    )
    for run in runs:
        for evaluation, overall in run.overall.items():
            if overall is not None:
                head = [run.model, evaluation, "overall", "score"]
                writer.writerow([*head, *_numbers(overall), ""])
        for env in run.environments:
            figures = {"score": env.score, **env.measures, **env.behaviours}
            for name, figure in figures.items():
                if figure is not None:
                    head = [run.model, "decision", env.env, name]
                    writer.writerow([*head, *_numbers(figure), env.finished])
        for part in run.samples:
            for name, figure in {"score": part.score, **_parts(part)}.items():
                if figure is not None:
                    head = [run.model, part.evaluation, part.env, name]
                    writer.writerow([*head, *_numbers(figure), part.finished])
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
        count(tokens),
        money(sum(costs) if costs else None),
    )


def _mean(figure: Figure | None) -> str:
    return "-" if figure is None else f"{figure.mean:.2f}"


def _normalised(runs: Sequence[Results]) -> str:
    """What was used where it is not what everybody expects."""
    measured = any(run.anchors == "measured" for run in runs)
    return ", normalised by the measured anchors" if measured else ""


def _scores(run: Results, evaluation: Evaluation) -> dict[str, Figure | None]:
    if evaluation == "decision":
        return {env.env: env.score for env in run.environments}
    return {part.env: part.score for part in run.samples if part.evaluation == evaluation}


def _parts(part: SampleResult) -> dict[str, Figure]:
    return {
        **{f"source {name}": figure for name, figure in part.by_source.items()},
        **{f"about seat {name}": figure for name, figure in part.by_seat.items()},
        **{f"{name} third": figure for name, figure in part.by_third.items()},
    }


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1f}"


def _title(env: str) -> str:
    return registry.get(env).spec.title


def _numbers(figure: Figure) -> list[float | int | None]:
    return [figure.mean, figure.low, figure.high, figure.n]
