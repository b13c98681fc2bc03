"""Tables of one run, and the figures of runs as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from vsbench.printable import printable
from vsbench.published.tables import compare_chance
from vsbench.records.frames import OVERALL, FigureRow, figure_rows
from vsbench.records.journal import OUTCOMES
from vsbench.records.results import (
    FEW,
    EnvironmentResult,
    Progress,
    Results,
    SampleResult,
    Usage,
)
from vsbench.reporting import formats
from vsbench.reporting.formats import (
    Table,
    env_title,
    format_cost,
    format_count,
    format_decimal,
    format_interval,
)
from vsbench.reporting.labels import mean_label, run_labels
from vsbench.settings import EVALUATION_TITLES, Evaluation
from vsbench_envs import registry

INVALID = tuple(outcome for outcome in OUTCOMES if outcome != "ok")
"""Outcomes of decisions that a random legal move replaced."""

MISREADINGS = 5
"""Misreadings shown of each environment."""


def run_tables(results: Results) -> list[Table]:
    """All tables of a run that have rows; protocol and model settings stand below the first."""
    tables = [environments_table(results), failures_table(results), measures_table(results)]
    tables.append(behaviours_table(results))
    for evaluation in results.overall:
        if evaluation == "decision":
            continue
        by_part = sources_table if evaluation == "reasoning" else misreadings_table
        tables += [samples_table(results, evaluation), by_part(results)]
    tables += [chance_table(results), usage_table(results)]
    first, *others = [table for table in tables if table.rows]
    return [replace(first, note=run_note(results)), *others]


def run_note(results: Results) -> str:
    """The protocol that a run follows or deviates from, and its model's settings."""
    in_force = [results.in_force.summary.capitalize()] if results.in_force else []
    return "\n".join([f"Protocol {results.standing.summary}", *in_force, *caveats(results)])


def caveats(results: Results) -> list[str]:
    """Limits of a run's figures: few or pending units, and games missing from the means."""
    few, incomplete, broken_off, missing = [], [], [], []
    for evaluation in results.overall:
        suffix = "" if len(results.overall) == 1 else f" ({EVALUATION_TITLES[evaluation]})"
        parts: Sequence[EnvironmentResult | SampleResult] = (
            results.environments if evaluation == "decision" else results.samples_of(evaluation)
        )
        for part in parts:
            title = f"{env_title(part.env)}{suffix}"
            if part.score is not None and part.score.few:
                few.append(title)
            if part.pending:
                incomplete.append(
                    f"{title} {part.scored} of {part.planned} scored, {part.pending} pending"
                )
            if part.unfinished is not None:
                unit = "episode" if evaluation == "decision" else "sample"
                broken_off.append(f"{title} at {unit} {part.unfinished}{_later(part)}")
        scores = results.scores(evaluation)
        absent = [env_title(env) for env in registry.BENCHMARK if scores.get(env) is None]
        if absent:
            missing.append(f"{', '.join(absent)}{suffix}")
    labelled = (
        (f"Few (fewer than {FEW}; intervals are mostly prior knowledge)", few),
        ("Incomplete", incomplete),
        (
            "Broken off (short episodes end first, so figures may be biased until the run is "
            "resumed)",
            broken_off,
        ),
        ("Missing from overall", missing),
    )
    return [f"{label}: {'; '.join(found)}" for label, found in labelled if found]


def _later(part: Progress) -> str:
    """Say how many units have ended after the first unfinished one."""
    later = part.finished - part.scored
    return f", {later:,} later finished" if later else ""


def environments_table(results: Results) -> Table:
    """Decision-making: score, return, tokens and cost by environment."""
    usages = [seat.usage for env in results.environments for seat in env.seats]
    return Table(
        title=f"{printable(results.model)}: decision-making{anchors_suffix([results])}"
        + ("" if results.complete else " (incomplete)"),
        columns=("environment", "episodes", "score (95 % CI)", "return", "tokens", "cost"),
        rows=tuple(_environment_row(env) for env in results.environments),
        footer=(
            mean_label(results.scores("decision")),
            "",
            format_interval(results.overall.get("decision")),
            "",
            format_count(sum(usage.input + usage.output for usage in usages)),
            format_cost(total_cost(usages)),
        ),
    )


def failures_table(results: Results) -> Table:
    """Decisions that a random legal move replaced, and call faults, by environment."""
    rows = []
    for env in results.environments:
        counts = [sum(seat.decisions[outcome] for seat in env.seats) for outcome in INVALID]
        faults = sum(sum(seat.usage.faults.values()) for seat in env.seats)
        if any(counts) or faults:
            rows.append((env_title(env.env), *map(format_count, counts), format_count(faults)))
    return Table(
        title="Decisions replaced by a random legal move, and faults of calls",
        columns=("environment", *INVALID, "faults"),
        rows=tuple(rows),
    )


def measures_table(results: Results) -> Table:
    """Further measures and counted behaviours, by environment."""
    return Table(
        title="Further measures and behaviours per episode",
        columns=("environment", "measure", "mean (95 % CI)"),
        rows=tuple(
            (env_title(env.env), printable(name), format_interval(figure, 2))
            for env in results.environments
            for name, figure in (list(env.measures.items())[1:] + list(env.behaviours.items()))
        ),
        label_columns=2,
    )


def behaviours_table(results: Results) -> Table:
    """Social behaviours of each player in the mixed-motive games."""
    mixed_motive = {
        env.env: spec
        for env in results.environments
        if (spec := registry.get(env.env).spec).kind == "mixed-motive"
    }
    players = list(dict.fromkeys(role for spec in mixed_motive.values() for role in spec.roles))
    rows = []
    for env in results.environments:
        for event, by_seat in env.behaviours_by_seat.items() if env.env in mixed_motive else ():
            roles = mixed_motive[env.env].roles
            by_role = {roles[int(seat)]: figure for seat, figure in by_seat.items()}
            figures = (format_interval(by_role.get(role), 2) for role in players)
            rows.append((env_title(env.env), printable(event), *figures))
    return Table(
        title="Social behaviours per player and episode (95 % CI)",
        columns=("environment", "behaviour", *(role.removeprefix("the ") for role in players)),
        rows=tuple(rows),
        label_columns=2,
    )


def samples_table(results: Results, evaluation: Evaluation) -> Table:
    """Strategic reasoning or perception: accuracy, invalid answers and cost by environment."""
    parts = results.samples_of(evaluation)
    chances = [part.chance for part in parts if part.chance is not None]
    has_chance = bool(chances)
    return Table(
        title=f"{printable(results.model)}: {EVALUATION_TITLES[evaluation]}, accuracy in %",
        columns=(
            "environment",
            "samples",
            "score (95 % CI)",
            *(("chance",) if has_chance else ()),
            "invalid",
            "cost",
        ),
        rows=tuple(
            (
                env_title(part.env),
                f"{part.scored}/{part.planned}",
                format_interval(part.score),
                *((format_decimal(part.chance, 1),) if has_chance else ()),
                format_count(sum(part.unusable.values())),
                format_cost(part.usage.cost),
            )
            for part in parts
        ),
        footer=(
            mean_label(results.scores(evaluation)),
            "",
            format_interval(results.overall[evaluation]),
            *((format_decimal(sum(chances) / len(chances), 1),) if has_chance else ()),
            format_count(sum(sum(part.unusable.values()) for part in parts)),
            format_cost(total_cost([part.usage for part in parts])),
        ),
    )


def sources_table(results: Results) -> Table:
    """Strategic reasoning: accuracy by the player that is predicted."""
    return Table(
        title="Accuracy of predictions by predicted player",
        columns=("environment", "player", "score (95 % CI)"),
        rows=tuple(
            (env_title(part.env), printable(source), format_interval(figure))
            for part in results.samples_of("reasoning")
            for source, figure in part.by_source.items()
        ),
        label_columns=2,
    )


def misreadings_table(results: Results) -> Table:
    """Perception: the most frequent wrong answers."""
    return Table(
        title="Most frequent misreadings",
        columns=("environment", "element", "read as", "count"),
        rows=tuple(
            (env_title(part.env), printable(truth), printable(answer) or "nothing", str(count))
            for part in results.samples_of("perception")
            for truth, answer, count in part.misread[:MISREADINGS]
        ),
        label_columns=3,
    )


def chance_table(results: Results) -> Table:
    """Strategic reasoning: chance levels that differ from the paper's, and why."""
    envs: dict[str, list[str]] = {}
    """Reason -> environments, with the chance level in the paper."""
    for part in results.samples:
        level = None if part.chance is None else compare_chance(part.env, part.chance)
        if level is not None and level.reason is not None:
            paper = format_decimal(level.paper, 1)
            envs.setdefault(level.reason, []).append(f"{env_title(level.env)} ({paper})")
    return Table(
        title="Chance levels that differ from the paper's",
        columns=("environment (chance in the paper)", "reason"),
        rows=tuple((", ".join(titles), reason) for reason, titles in envs.items()),
        label_columns=2,
    )


def usage_table(results: Results) -> Table:
    """Replies and billed tokens of all models in a run, with the error of the token estimate."""
    usage = results.usage
    billed, expected = usage.input, usage.expected_input
    row = (
        format_count(usage.replies),
        format_count(usage.from_cache),
        format_count(billed),
        f"{100 * (billed / expected - 1):+.0f} %" if expected else "-",
        format_count(usage.cached),
        format_count(usage.output),
        format_count(usage.reasoning),
        format_cost(usage.cost),
    )
    return Table(
        title="Usage of all models, in billed tokens",
        columns=(
            "replies",
            "from cache",
            "input",
            "vs estimate",
            "cached",
            "output",
            "reasoning",
            "cost",
        ),
        rows=(row,) if usage.replies else (),
    )


def to_csv(runs: Sequence[Results]) -> str:
    """One line per run and figure: its label and model, then a :class:`FigureRow`.

    Means over environments say in place of the environment how many they are over.
    """
    lines: list[tuple[object, ...]] = [("run", "model", *FigureRow._fields)]
    for label, run in zip(run_labels(runs), runs, strict=True):
        for row in figure_rows(run):
            if row.environment == OVERALL:
                row = row._replace(environment=mean_label(run.scores(row.evaluation)))
            lines.append((label, run.model, *row))
    return formats.to_csv(*lines)


def to_json(runs: Sequence[Results]) -> str:
    """A JSON list of the runs' ``results.json``."""
    return json.dumps([run.model_dump(mode="json") for run in runs], indent=2)


def total_cost(usages: Sequence[Usage]) -> float | None:
    """Total US dollars; None if nothing had a price."""
    costs = [usage.cost for usage in usages if usage.cost is not None]
    return sum(costs) if costs else None


def _environment_row(env: EnvironmentResult) -> tuple[str, ...]:
    tokens = sum(seat.usage.input + seat.usage.output for seat in env.seats)
    first = next((figure.mean for figure in env.measures.values()), None)
    return (
        env_title(env.env),
        f"{env.scored}/{env.planned}",
        format_interval(env.score),
        format_decimal(first, 2),
        format_count(tokens),
        format_cost(total_cost([seat.usage for seat in env.seats])),
    )


def anchors_suffix(runs: Sequence[Results]) -> str:
    """End of a table's title: names the anchors if they are not the paper's."""
    measured = any(run.anchors == "measured" for run in runs)
    return ", normalised by the measured anchors" if measured else ""
