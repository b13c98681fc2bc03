"""Show comparisons of two runs: headlines, tables, lists, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vsbench.printable import printable
from vsbench.protocols import settings_in_words
from vsbench.records.comparison import (
    Choice,
    ChoicePair,
    ComparedFigure,
    Comparison,
    Difference,
    Side,
)
from vsbench.records.results import FEW
from vsbench.reporting.formats import Table, env_title, fits, format_decimal
from vsbench.reporting.labels import mean_label
from vsbench.scoring.episodes import PLUG_IN_VALUE
from vsbench.scoring.gate import score_title
from vsbench.scoring.intervals import holm
from vsbench.settings import EVALUATION_TITLES, Evaluation
from vsbench_envs import registry

SIGNIFICANT = 0.05

CHOICES = "Decisions and answers that cost most"
"""Title of their list."""

WORSE, BETTER = "▼ worse", "▲ better"

SMALLEST_P = 0.001

VERDICTS = {
    "pass": "No regression",
    "regression": "Regression",
    "inconclusive": "Inconclusive",
    "no verdict": "No verdict",
}
"""Verdict of a gate -> beginning of a headline."""


def headline(comparison: Comparison) -> str:
    """Say in one line whether the new run is worse, and how sure that is."""
    judgement = comparison.judgement
    if judgement is None:
        return _unjudged_headline(comparison)
    verdict = VERDICTS[judgement.verdict]
    if judgement.verdict == "regression":
        dropped = [
            f"{score_title(figure.evaluation, figure.environment)} {_change(figure.difference)}"
            for figure in comparison.figures
            if (figure.evaluation, figure.environment) in judgement.regressions
            and figure.figure == "score"
            and figure.difference is not None
        ]
        return f"{verdict}: {'; '.join(dropped) or judgement.reasons[0]}"
    if judgement.verdict == "pass":
        return f"{verdict}: {_changes(comparison)}"
    return f"{verdict}: {judgement.reasons[0]}"


def _unjudged_headline(comparison: Comparison) -> str:
    marked = [
        (mark, f"{score_title(figure.evaluation, figure.environment)} {_change(figure.difference)}")
        for evaluation in comparison.evaluations
        for figure, mark, _ in marked_scores(comparison, evaluation)
        if mark and figure.difference is not None
    ]
    parts = [
        f"{name}: {'; '.join(found)}"
        for name, sign in (("Worse", WORSE), ("Better", BETTER))
        if (found := [text for mark, text in marked if mark == sign])
    ]
    if parts:
        return "; ".join(parts)
    if any(figure.difference is not None for figure in comparison.figures):
        return f"No difference beyond noise: {_changes(comparison)}"
    return "Nothing could be compared"


def _changes(comparison: Comparison) -> str:
    """State the overall differences, and the drops that would have been found."""
    judgement = comparison.judgement
    found, drops = [], []
    for evaluation in comparison.evaluations:
        overall = comparison.scores(evaluation)[0].difference
        if overall is not None:
            several = len(comparison.evaluations) > 1
            found.append(
                (f"{EVALUATION_TITLES[evaluation]} " if several else "") + _change(overall)
            )
            points = overall.detectable
            if judgement is not None:
                points = judgement.detectable.get(evaluation, points)
            drops.append(f"{points:.1f}")
    return (
        f"{', '.join(found)}; drops of {_listed(drops)} points or more would have been found"
        if found
        else "no overall score was compared"
    )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _change(difference: Difference | None) -> str:
    """Format a difference as ``-1.2 points [-5.0, 2.6]``."""
    if difference is None:
        return "-"
    return f"{difference.value:+z.1f} points [{difference.low:z.1f}, {difference.high:z.1f}]"


def score_line(figure: ComparedFigure) -> str:
    """A score of both runs in one line."""
    found = figure.difference
    if found is None or figure.base is None or figure.new is None:
        return figure.note or "not compared"
    note = f"; {figure.note}" if figure.note else ""
    return (
        f"{figure.base.mean:z.1f} in base, {figure.new.mean:z.1f} in new: {_change(found)}, "
        f"one-sided p = {found.p_worse:.2g}; "
        f"a drop of {found.detectable:.1f} would be found with 80 % probability{note}"
    )


def difference_tables(comparison: Comparison, width: int | None = None) -> list[Table]:
    """The scores of each evaluation, and the measures and behaviours that differ.

    Args:
        comparison: of two runs.
        width: characters of a terminal's line; where a table is wider, intervals go below.
    """
    tables = [scores_table(comparison, evaluation) for evaluation in comparison.evaluations]
    tables = [table for table in (*tables, measures_table(comparison)) if table.rows]
    if width is None:
        return tables
    return [table if fits(table, width) else _with_intervals_below(table) for table in tables]


def _with_intervals_below(table: Table) -> Table:
    rows = (tuple(cell.replace(" [", "\n[") for cell in row) for row in table.rows)
    return replace(table, rows=tuple(rows))


def scores_table(comparison: Comparison, evaluation: Evaluation) -> Table:
    """The scores of an evaluation in both runs, overall last, and their differences."""
    overall, *games = marked_scores(comparison, evaluation)
    drop = comparison.drop
    needed = () if drop is None else (f"to find\n{drop:g}",)

    def row(title: str, figure: ComparedFigure, mark: str, p: float | None) -> tuple[str, ...]:
        found = figure.difference
        return (
            f"{title}\n{mark}" if mark else title,
            format_decimal(figure.base.mean if figure.base else None, 1),
            format_decimal(figure.new.mean if figure.new else None, 1),
            _interval(found),
            format_p(p),
            format_decimal(found.detectable if found else None, 1),
            *([_needed(found)] if needed else ()),
        )

    rows = [row(env_title(f.environment), f, mark, p) for f, mark, p in games]
    if len(rows) > 1:
        compared = [f.environment for f, *_ in games if f.difference is not None]
        rows.append(row(mean_label(compared), *overall))
    return Table(
        title=f"{EVALUATION_TITLES[evaluation].capitalize()}: new less base, in points",
        columns=("game", "base", "new", "difference\n(95 % CI)", "p", "finds\ndrops of", *needed),
        rows=tuple(rows),
        note="\n".join(notes(comparison, evaluation)),
    )


def notes(comparison: Comparison, evaluation: Evaluation) -> list[str]:
    """Say how the figures of an evaluation were compared, and what restricts them."""
    games = [figure for figure in comparison.scores(evaluation) if not figure.is_overall]
    by_note: dict[str, list[str]] = {}
    for figure in games:
        if figure.note:
            by_note.setdefault(printable(figure.note), []).append(env_title(figure.environment))
    lines = [
        f"{'All games' if 1 < len(titles) == len(games) else ', '.join(titles)}: {note}"
        for note, titles in by_note.items()
    ]
    tests = dict.fromkeys(
        figure.difference.test for figure in games if figure.difference is not None
    )
    if tests:
        several = ", adjusted for all games (Holm)" if len(games) > 1 else ""
        lines.append(f"p: two-sided{several}, by {_listed(list(tests))}.")
    if comparison.drop is not None:
        units = "episodes" if evaluation == "decision" else "samples"
        lines.append(f"To find {comparison.drop:g}: {units} of each game in each run.")
    few = [env_title(f.environment) for f in games if f.difference and f.difference.n < FEW]
    if few:
        lines.append(f"Few units, so that intervals are mostly prior knowledge: {', '.join(few)}.")
    return lines


def measures_table(comparison: Comparison) -> Table:
    """Measures and behaviours that differ, and values computed from action frequencies."""
    rows = []
    for figure in comparison.figures:
        found = figure.difference
        if figure.figure in ("score", "return") or found is None:
            continue
        if found.p < SIGNIFICANT or figure.figure == PLUG_IN_VALUE:
            rows.append(
                (
                    env_title(figure.environment),
                    printable(figure.figure.replace("_", " ")),
                    format_decimal(figure.base.mean if figure.base else None, 2),
                    format_decimal(figure.new.mean if figure.new else None, 2),
                    _interval(found, 2),
                    format_p(found.p),
                )
            )
    return Table(
        title="Measures and behaviours that differ",
        columns=("game", "measure", "base", "new", "difference\n(95 % CI)", "p"),
        rows=tuple(rows),
        label_columns=2,
        note=f"p below {SIGNIFICANT:g}, each by itself; plug-in values in any case.",
    )


def setting_lines(comparison: Comparison) -> list[str]:
    """The settings in which the runs differ, those that make figures incomparable first."""
    incomparable = settings_in_words(comparison.incomparable)
    others = settings_in_words([each for each in comparison.settings if not each.incomparable])
    return [
        *(f"{printable(text)}: not comparable" for text in incomparable),
        *map(printable, others),
    ]


def choice_lines(comparison: Comparison) -> Iterator[str]:
    """The decisions and answers that cost most, with the commands that show them."""
    for pair in comparison.choices:
        yield choice_line(pair)
        for choice in (pair.base, pair.new):
            yield f"  {printable(choice.replay)}"


def choice_line(pair: ChoicePair) -> str:
    """A choice of both runs in one line."""
    return (
        f"{_place(pair)}: {_answer(pair.base)} in base, {_answer(pair.new)} in new "
        f"({pair.difference:+z.1f} points)"
    )


def _place(pair: ChoicePair) -> str:
    title = env_title(pair.environment)
    if pair.step is None:
        return f"{title}, {EVALUATION_TITLES[pair.evaluation]}, sample {pair.number}"
    seat = "" if pair.seat is None else f", {_role(pair.environment, pair.seat)}"
    return f"{title}, episode {pair.number}, step {pair.step}{seat}"


def _role(env: str, seat: int) -> str:
    roles = registry.get(env).spec.roles
    return roles[seat] if seat < len(roles) else f"seat {seat}"


def _answer(choice: Choice) -> str:
    action = printable(choice.action) or "no answer"
    return action if choice.outcome == "ok" else f"{action} ({choice.outcome})"


def side_lines(comparison: Comparison) -> list[str]:
    """Name both runs: model, source, protocol, and the share of unusable answers."""
    sides = {"base": comparison.base, "new": comparison.new}
    lines = [
        f"{name:4}  {printable(side.label)}  ({printable(side.source)}){state(side)}"
        for name, side in sides.items()
    ]
    standings = {name: printable(side.standing.summary) for name, side in sides.items()}
    if len(set(standings.values())) == 1:
        return [*lines, f"Protocol {standings['base']}"]
    return [*lines, *(f"Protocol of {name}: {standing}" for name, standing in standings.items())]


def state(side: Side) -> str:
    """Say what share of a run's answers was unusable, and whether it is incomplete."""
    unusable = (
        "" if side.stand_ins is None else f"; {100 * side.stand_ins:.1f} % of answers unusable"
    )
    return f"{unusable}{'' if side.complete else '; incomplete'}"


def warning(comparison: Comparison) -> str:
    """Name the settings because of which figures are not comparable; empty if there are none."""
    if not comparison.incomparable:
        return ""
    named = "; ".join(settings_in_words(comparison.incomparable))
    return f"Not comparable: {printable(named)}"


def to_json(comparisons: Sequence[Comparison]) -> str:
    """A JSON list of the records."""
    return json.dumps([each.model_dump(mode="json") for each in comparisons], indent=2)


def marked_scores(
    comparison: Comparison, evaluation: Evaluation
) -> Iterator[tuple[ComparedFigure, str, float | None]]:
    """Yield the scores with a mark if they differ beyond noise, and the two-sided p value.

    The p values of games are adjusted for all games (Holm, 1979).
    """
    judgement = comparison.judgement
    regressions = judgement.regressions if judgement else ()
    scores = comparison.scores(evaluation)
    games = [f.difference for f in scores if not f.is_overall and f.difference is not None]
    adjusted = iter(holm([found.p for found in games]))
    for figure in scores:
        found = figure.difference
        if found is None:
            yield figure, "", None
            continue
        p = found.p if figure.is_overall else next(adjusted)
        if (evaluation, figure.environment) in regressions:
            yield figure, WORSE, p
        elif p < SIGNIFICANT:
            yield figure, WORSE if found.value < 0 else BETTER, p
        else:
            yield figure, "", p


def _interval(difference: Difference | None, digits: int = 1) -> str:
    if difference is None:
        return "-"
    value = f"{difference.value:+z.{digits}f}"
    return f"{value} [{difference.low:z.{digits}f}, {difference.high:z.{digits}f}]"


def format_p(p: float | None) -> str:
    """Format a p value with three digits; a dash for ``None``.

    >>> format_p(0.0004)
    '<.001'
    """
    if p is None:
        return "-"
    return "<.001" if p < SMALLEST_P else f"{p:.3f}"


def _needed(difference: Difference | None) -> str:
    """Format the episodes or samples that find a drop; a dash if no number is enough."""
    if difference is None or difference.needed is None:
        return "-"
    return f"{difference.needed * difference.unit:,}"
