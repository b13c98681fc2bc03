"""Tables of the usage to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vsbench.estimates.ranges import Range, total, total_known
from vsbench.estimates.usage import EMBEDDED, PACE, PAUSE, RunEstimate, UsageEstimate
from vsbench.models import NO_MODELS, traits_of
from vsbench.reporting.formats import Table, env_title, format_count, format_dollars, format_range
from vsbench.reporting.progress import format_duration


def estimate_tables(estimate: RunEstimate) -> list[Table]:
    """Estimates by evaluation and environment, and their total; a table for each model."""
    models = dict.fromkeys(line.model for line in estimate.lines)
    tables = [
        _table(estimate, [line for line in estimate.lines if line.model == model])
        for model in models
    ]
    if tables:
        tables[-1] = replace(tables[-1], note="\n".join(_notes(estimate, len(tables))))
    return tables


def _table(estimate: RunEstimate, lines: Sequence[UsageEstimate]) -> Table:
    model = lines[0].model
    learnt = any(line.runs for line in lines)
    where = "" if model == estimate.model else f", in the other seats of {estimate.model}"
    columns = ("", "planned", "calls", "input", "output", "cost", *(("runs",) if learnt else ()))
    rows: list[tuple[str, ...]] = []
    for evaluation in dict.fromkeys(line.evaluation for line in lines):
        rows.append((evaluation, *[""] * (len(columns) - 1)))
        rows += [
            (
                f"  {env_title(line.env)}",
                str(line.planned),
                *_usage_cells(line.calls, line.input, line.output, line.cost),
                *((str(line.runs or "-"),) if learnt else ()),
            )
            for line in lines
            if line.evaluation == evaluation
        ]
    return Table(
        title=f"{model}: estimate{where}",
        columns=columns,
        rows=tuple(rows),
        footer=(
            *("total", ""),
            *_usage_cells(
                total(line.calls for line in lines),
                total(line.input for line in lines),
                total(line.output for line in lines),
                total_known(line.cost for line in lines),
            ),
            *(("",) if learnt else ()),
        ),
    )


def _usage_cells(
    calls: Range, input_tokens: Range, output_tokens: Range, cost: Range | None
) -> tuple[str, str, str, str]:
    """The cells of calls, tokens and cost."""
    counts = [format_range(each, format_count) for each in (calls, input_tokens, output_tokens)]
    return counts[0], counts[1], counts[2], format_dollars(cost)


def _notes(estimate: RunEstimate, models: int) -> list[str]:
    """How the ranges are to be read, a line each."""
    lines = estimate.lines
    unlearnt = [line for line in lines if not line.runs]
    notes = []
    if models > 1:
        cost = format_dollars(estimate.cost)
        notes.append(f"All models: {format_range(estimate.calls, format_count)} calls, {cost}.")
    if any(line.runs for line in lines):
        notes.append("runs: earlier runs that the ranges are learnt from.")
    if any(line.evaluation == "decision" for line in unlearnt):
        notes.append("Decisions range from random play to the oracle's, with a call each.")
    for model in dict.fromkeys(line.model for line in unlearnt):
        if model.partition("/")[0] not in NO_MODELS and traits_of(model).thinking is None:
            notes.append(f"Output is without thinking: it is unknown whether {model} thinks.")
    time, unknown = estimate.time, [line for line in lines if line.seconds is None]
    if time is not None:
        with_connections = f"with {estimate.connections} connections"
        notes.append(f"Time: {format_range(time, format_duration)} {with_connections}.")
        if unlearnt:
            notes.append(
                f"No earlier run tells latency: assumed are {PAUSE.low:g}..{PAUSE.high:g} s and "
                f"{PACE.low:g}..{PACE.high:g} tokens a second for each call."
            )
    elif unknown:
        model = unknown[0].model
        notes.append(
            "Time: depends on this machine's processors."
            if model.startswith(EMBEDDED)
            else f"Time: unknown without an earlier run of {model}."
        )
    return notes
