"""Tables of plans: episodes and samples, the precision that they give, and what they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vsbench.estimates.plans import Design, Goal, Kind, PlannedScore, RunPlan
from vsbench.estimates.ranges import total, total_known
from vsbench.estimates.usage import RunEstimate, UsageEstimate
from vsbench.reporting.formats import (
    Table,
    env_title,
    format_count,
    format_decimal,
    format_dollars,
    format_range,
)
from vsbench.reporting.progress import format_duration
from vsbench.scoring.episodes import PLUG_IN_VALUE
from vsbench_envs import registry

SAVING = "1/13 to 1/6"
"""Share of the hands with which the plug-in value is as precise as their mean, as measured; see
``docs/STATISTICS.md``."""

UNREACHED = "*"
"""Marks counts that do not reach the goal although they are the greatest."""


def plan_tables(plan: RunPlan) -> list[Table]:
    """The designs of a plan, a table each."""
    return [_table(plan, design) for design in plan.designs]


def plan_notes(plan: RunPlan) -> Iterator[str]:
    """How the tables are to be read, a line each."""
    planned = plan.designs_of("overall")
    if len(planned) > 1:
        tokens = format_range(plan.tokens(), format_count)
        yield f"All evaluations as planned: {tokens} tokens, {format_dollars(plan.cost())}."
    seeds = "the same seed" if plan.goal.paired else "different seeds"
    yield (
        "±: half-width of the 95 % interval. detects: drop in points that a comparison of two such "
        f"runs with {seeds} finds with 80 % probability (one-sided 5 %)."
    )
    scores = [score for design in planned for score in design.scores]
    learnt = [
        f"{env_title(score.env)} ({score.evaluation}) {score.spread:.3g}"
        for score in scores
        if score.runs
    ]
    if learnt:
        yield f"Standard deviations of one unit, from earlier runs: {', '.join(learnt)}."
    if len(learnt) < len(scores):
        yield f"{'Other variances' if learnt else 'Variances'} are typical ones (docs/PLANNING.md)."
    for score in scores:
        if score.evaluation == "decision" and registry.get(score.env).policy_value is not None:
            yield (
                f"{env_title(score.env)}: its measure {PLUG_IN_VALUE!r} is as precise as the score "
                f"from {SAVING} of the episodes."
            )
    if any(map(_misses, plan.designs)):
        yield (
            f"{UNREACHED} Close to the most that one run takes, which does not reach the goal; "
            "vsbench dataset build makes larger sets of samples."
        )


def _misses(design: Design, *scores: PlannedScore) -> bool:
    """Whether a design for a goal does not reach it; with a score, whether that is to blame."""
    if design.kind == "alone":
        return not all(score.reached for score in scores or design.scores)
    return design.kind == "overall" and not design.reached


USAGE = ("calls", "tokens", "cost")


def _title(kind: Kind, goal: Goal) -> str:
    if kind == "protocol":
        return "the run as it is set up"
    if goal.budget is not None:
        return f"best precision for ${goal.budget:g}"
    if goal.budget_tokens is not None:
        return f"best precision for {format_count(goal.budget_tokens)} tokens"
    what = f"±{goal.half_width:g}" if goal.detect is None else f"a drop of {goal.detect:g}"
    where = {"overall": "overall", "alone": "in each environment by itself"}[kind]
    return f"the least for {what} {where}"


def _row(score: PlannedScore, *, missed: bool) -> tuple[str, ...]:
    mark = UNREACHED if missed else ""
    return (
        env_title(score.env),
        f"{score.count}{mark}",
        format_decimal(score.half_width, 1),
        format_decimal(score.detectable, 1),
        *_usage_cells(score.usage),
    )


def _usage_cells(lines: Sequence[UsageEstimate]) -> tuple[str, str, str]:
    """Calls, tokens and cost of all models."""
    return (
        format_range(total(line.calls for line in lines), format_count),
        format_range(total(line.input + line.output for line in lines), format_count),
        format_dollars(total_known(line.cost for line in lines)),
    )


def _table(plan: RunPlan, design: Design) -> Table:
    samples = design.evaluation != "decision"
    usage = design.usage
    time = RunEstimate(plan.model, usage, plan.connections).time
    footer = None
    if design.kind != "alone" and len(design.scores) > 1:
        footer = (
            "overall",
            "",
            format_decimal(design.half_width, 1),
            format_decimal(design.detectable, 1),
            *_usage_cells(usage),
        )
    return Table(
        title=f"{plan.model}, {design.evaluation}: {_title(design.kind, plan.goal)}",
        columns=("", "samples" if samples else "episodes", "±", "detects", *USAGE),
        rows=tuple(_row(score, missed=_misses(design, score)) for score in design.scores),
        footer=footer,
        note="" if time is None else f"Time: {format_range(time, format_duration)}",
    )
