"""Labels of runs in a comparison, and of means over environments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from vsbench.printable import counted, printable
from vsbench.records.manifest import ModelSettings
from vsbench.records.results import Results
from vsbench.reporting.formats import env_title
from vsbench.settings import Evaluation
from vsbench_envs.registry import BENCHMARK

SETTING_FORMATS = {
    "modality": "{}",
    "style": "{}",
    "persona": "{}",
    "temperature": "temperature {}",
    "reasoning_effort": "effort {}",
    "detail": "detail {}",
    "attempts": "{} attempts",
    "feedback": "{}",
    "thinking": "thinking {}",
    "thinking_tokens": "{} thinking tokens",
    "answer_tokens": "{} answer tokens",
}
"""Model setting -> format of its value in a label, in the order in which labels list them."""

SETTING_VALUES: Mapping[tuple[str, object], str] = {
    ("persona", None): "no persona",
    ("temperature", None): "default temperature",
    ("reasoning_effort", None): "default effort",
    ("thinking", None): "default thinking",
    ("feedback", True): "feedback",
    ("feedback", False): "no feedback",
}
"""Labels of values for which the format does not read well."""

MAX_MISSING_NAMED = 2
"""Missing environments that the label of a mean names."""


def run_labels(runs: Sequence[Results]) -> list[str]:
    """A distinct label for each run.

    A run is labelled by its model. Runs of the same model add the settings in which they differ,
    and a number if they differ in none.
    """
    times = Counter(run.model for run in runs)
    found = [
        _with_settings(run, runs) if times[run.model] > 1 else printable(run.model) for run in runs
    ]
    duplicates, seen = Counter(found), Counter[str]()
    for place, label in enumerate(found):
        seen[label] += 1
        if duplicates[label] > 1:
            found[place] = f"{label} ({seen[label]})"
    return found


def _with_settings(run: Results, runs: Sequence[Results]) -> str:
    if run.model_settings is None:
        return printable(run.model)
    compared = [
        other.model_settings for other in runs if other.model == run.model and other.model_settings
    ]
    values = [
        _setting(run.model_settings, name)
        for name in SETTING_FORMATS
        if len({getattr(settings, name) for settings in compared}) > 1
    ]
    return ", ".join([printable(run.model), *values])


def _setting(settings: ModelSettings, name: str) -> str:
    value = getattr(settings, name)
    return SETTING_VALUES.get((name, value)) or SETTING_FORMATS[name].format(printable(value))


def mean_label(envs: Collection[str]) -> str:
    """The label of a mean over environments: plainly "overall" only for the whole benchmark.

    >>> mean_label(["hanabi"])
    'overall (1 of 8 games)'
    """
    missing = [env for env in BENCHMARK if env not in envs]
    additional = set(envs) - set(BENCHMARK)
    if not missing and not additional:
        return "overall"
    if additional:
        return f"overall (mean of {counted(len(set(envs)), 'game')})"
    count = f"{len(BENCHMARK) - len(missing)} of {counted(len(BENCHMARK), 'game')}"
    named = " and ".join(map(env_title, missing)) if len(missing) <= MAX_MISSING_NAMED else ""
    return f"overall ({count}, without {named})" if named else f"overall ({count})"


def common_mean_label(runs: Sequence[Results], evaluation: Evaluation) -> str:
    """The label of the means of several runs in one column."""
    covered = {frozenset(run.scores(evaluation)) for run in runs}
    if len(covered) == 1:
        return mean_label(covered.pop())
    return "overall (different games per run)"
