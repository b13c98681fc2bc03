"""Tables that compare several runs, and whether their figures are comparable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vsbench.records.results import Figure, Results
from vsbench.reporting.formats import Table, env_title, fit, fits, format_interval
from vsbench.reporting.labels import common_mean_label, run_labels
from vsbench.reporting.tables import EVALUATION_TITLES, anchors_suffix, caveats
from vsbench.settings import Evaluation

Scores = list[tuple[str, tuple[Figure | None, ...]]]
"""Title of an environment, or label of the mean -> score of each run."""


def comparison_tables(runs: Sequence[Results], width: int | None = None) -> list[Table]:
    """Several runs side by side, or one below the other where they do not fit.

    Args:
        runs: shown under their labels.
        width: characters of a terminal's line. If the runs do not fit side by side, each
            evaluation has tables with a row per run, split by environment where needed.
    """
    side_by_side = comparison_table(runs)
    if width is None or fits(side_by_side, width):
        return [side_by_side]
    parts = [
        part
        for evaluation in EVALUATION_TITLES
        if (scores := _scores_by_env(runs, evaluation))
        for part in fit(_row_per_run(runs, evaluation, scores), width)
    ]
    return [*parts[:-1], replace(parts[-1], note=_notes(runs))] if parts else []


def comparison_table(runs: Sequence[Results]) -> Table:
    """Scores of several runs, a column for each run."""
    rows = [
        (title, env, *map(format_interval, scores))
        for evaluation, title in EVALUATION_TITLES.items()
        for env, scores in _scores_by_env(runs, evaluation)
    ]
    return Table(
        title=f"Normalised returns, and accuracy in % (95 % CI){anchors_suffix(runs)}",
        columns=("evaluation", "environment", *run_labels(runs)),
        rows=tuple(rows),
        label_columns=2,
        note=_notes(runs),
    )


def comparison_note(runs: Sequence[Results]) -> str:
    """Whether the figures of several runs are comparable, and why not."""
    standings = [run.standing for run in runs]
    distinct = {(standing.sha256, standing.track) for standing in standings}
    if len(distinct) == 1 and all(standing.conforms for standing in standings):
        return f"All runs follow {standings[0].protocol}, {standings[0].track}."
    labelled = zip(run_labels(runs), standings, strict=True)
    lines = [f"{label}: {standing.summary}" for label, standing in labelled]
    return "\n".join(["These figures are not all comparable.", *lines])


def _notes(runs: Sequence[Results]) -> str:
    """Comparability and caveats of several runs."""
    labelled = zip(run_labels(runs), runs, strict=True)
    lines = [f"{label}: {line}" for label, run in labelled for line in caveats(run)]
    return "\n".join([comparison_note(runs), *lines])


def _row_per_run(runs: Sequence[Results], evaluation: Evaluation, scores: Scores) -> Table:
    """One evaluation with a row for each run."""
    # The mean comes first, so that it is in the first part of a split table.
    *envs, overall = scores
    names, columns = zip(overall, *envs, strict=True)
    unit = "normalised returns" if evaluation == "decision" else "accuracy in %"
    title = EVALUATION_TITLES[evaluation].capitalize()
    return Table(
        title=f"{title}: {unit} (95 % CI){anchors_suffix(runs)}",
        columns=("run", *names),
        rows=tuple(
            (label, *map(format_interval, row))
            for label, row in zip(run_labels(runs), zip(*columns, strict=True), strict=True)
        ),
    )


def _scores_by_env(runs: Sequence[Results], evaluation: Evaluation) -> Scores:
    """The runs' scores in each environment, and last overall; empty if nothing was evaluated."""
    scores = [run.scores(evaluation) for run in runs]
    envs = dict.fromkeys(env for by_env in scores for env in by_env)
    by_env = [(env_title(env), tuple(run.get(env) for run in scores)) for env in envs]
    overall = tuple(run.overall.get(evaluation) for run in runs)
    return [*by_env, (common_mean_label(runs, evaluation), overall)] if by_env else []
