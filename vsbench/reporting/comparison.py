"""Tables that compare several runs, and whether their figures are comparable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from string import ascii_uppercase

from vsbench.printable import printable
from vsbench.protocols import comparable_groups, setting_differences, settings_in_words
from vsbench.records.manifest import Manifest
from vsbench.records.results import Figure, Results
from vsbench.reporting.formats import Table, env_title, fit, fits, format_interval
from vsbench.reporting.labels import common_mean_label, run_labels
from vsbench.reporting.tables import anchors_suffix, caveats
from vsbench.settings import EVALUATION_TITLES, Evaluation

Scores = list[tuple[str, tuple[Figure | None, ...]]]
"""Title of an environment, or label of the mean -> score of each run."""


def comparison_tables(
    runs: Sequence[Results], manifests: Sequence[Manifest], width: int | None = None
) -> list[Table]:
    """Several runs side by side, or one below the other where they do not fit.

    Args:
        runs: shown under their labels; see :func:`marked_labels`.
        manifests: of the runs.
        width: characters of a terminal's line. If the runs do not fit side by side, each
            evaluation has tables with a row per run, split by environment where needed.
    """
    side_by_side = comparison_table(runs, manifests)
    if width is None or fits(side_by_side, width):
        return [side_by_side]
    labels = marked_labels(runs, manifests)
    parts = [
        part
        for evaluation in EVALUATION_TITLES
        if (scores := _scores_by_env(runs, evaluation))
        for part in fit(_row_per_run(runs, labels, evaluation, scores), width)
    ]
    return [*parts[:-1], replace(parts[-1], note=_notes(runs, manifests))] if parts else []


def comparison_table(runs: Sequence[Results], manifests: Sequence[Manifest]) -> Table:
    """Scores of several runs, a column for each run."""
    rows = [
        (title, env, *map(format_interval, scores))
        for evaluation, title in EVALUATION_TITLES.items()
        for env, scores in _scores_by_env(runs, evaluation)
    ]
    return Table(
        title=f"Normalised returns, and accuracy in % (95 % CI){anchors_suffix(runs)}",
        columns=("evaluation", "environment", *marked_labels(runs, manifests)),
        rows=tuple(rows),
        label_columns=2,
        note=_notes(runs, manifests),
    )


def marked_labels(runs: Sequence[Results], manifests: Sequence[Manifest]) -> list[str]:
    """The labels of runs, with a letter for each group of comparable ones if not all are.

    Two groups are ``A: openai/gpt-4o`` and ``B: openai/gpt-4o, text``.
    """
    labels, groups = run_labels(runs), comparable_groups(manifests)
    if not any(groups):
        return labels
    return [f"{_letter(group)}: {label}" for group, label in zip(groups, labels, strict=True)]


def comparison_note(runs: Sequence[Results], manifests: Sequence[Manifest]) -> str:
    """Whether the figures of several runs are comparable, and by which settings they are not."""
    lines = incomparable_groups(manifests)
    standings = [run.standing for run in runs]
    one_protocol = len({(standing.sha256, standing.track) for standing in standings}) == 1
    if not lines and one_protocol and all(standing.conforms for standing in standings):
        return f"All runs follow {standings[0].protocol}, {standings[0].track}."
    if not lines:
        lines = ["All runs are comparable with one another."]
    summaries = [[standing.summary] for standing in standings]
    return "\n".join([*lines, *_by_run(marked_labels(runs, manifests), summaries)])


def incomparable_groups(manifests: Sequence[Manifest]) -> list[str]:
    """Say what makes groups of runs incomparable, a line for each group but the first.

    The letters are those of :func:`marked_labels`. Empty if all runs are comparable.
    """
    groups = comparable_groups(manifests)
    if not any(groups):
        return []
    lines = ["Figures are comparable only under the same letter."]
    for group in range(1, max(groups) + 1):
        one, other, differing = next(
            (earlier, group, differing)
            for earlier in range(group)
            for base, new in product(
                _members(manifests, groups, earlier), _members(manifests, groups, group)
            )
            if (differing := [each for each in setting_differences(base, new) if each.incomparable])
        )
        names = _letter(one), _letter(other)
        named = "; ".join(settings_in_words(differing, names))
        lines.append(printable(f"{names[1]} differs from {names[0]}: {named}."))
    return lines


def _members(manifests: Sequence[Manifest], groups: Sequence[int], group: int) -> list[Manifest]:
    return [manifest for manifest, each in zip(manifests, groups, strict=True) if each == group]


def _letter(group: int) -> str:
    """A letter for a group, or a number beyond them."""
    return ascii_uppercase[group] if group < len(ascii_uppercase) else str(group + 1)


def _notes(runs: Sequence[Results], manifests: Sequence[Manifest]) -> str:
    """Comparability and caveats of several runs."""
    lines = _by_run(marked_labels(runs, manifests), [caveats(run) for run in runs])
    return "\n".join([comparison_note(runs, manifests), *lines])


def _by_run(labels: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Put the labels of runs before their lines; one that all runs share is stated once."""
    shared = [line for line in lines[0] if all(line in each for each in lines)]
    if len(labels) > 1:
        yield from (f"All runs: {line}" for line in shared)
    for label, own in zip(labels, lines, strict=True):
        yield from (f"{label}: {line}" for line in own if len(labels) == 1 or line not in shared)


def _row_per_run(
    runs: Sequence[Results], labels: Sequence[str], evaluation: Evaluation, scores: Scores
) -> Table:
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
            for label, row in zip(labels, zip(*columns, strict=True), strict=True)
        ),
    )


def _scores_by_env(runs: Sequence[Results], evaluation: Evaluation) -> Scores:
    """The runs' scores in each environment, and last overall; empty if nothing was evaluated."""
    scores = [run.scores(evaluation) for run in runs]
    envs = dict.fromkeys(env for by_env in scores for env in by_env)
    by_env = [(env_title(env), tuple(run.get(env) for run in scores)) for env in envs]
    overall = tuple(run.overall.get(evaluation) for run in runs)
    return [*by_env, (common_mean_label(runs, evaluation), overall)] if by_env else []
