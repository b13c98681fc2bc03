"""What runs are called beside each other: their models, and what else tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from vsbench.printable import printable
from vsbench.records.manifest import ModelSettings
from vsbench.records.results import Results

SAID = {
    "modality": "{}",
    "style": "{}",
    "persona": "{}",
    "temperature": "temperature {}",
    "reasoning_effort": "effort {}",
    "detail": "detail {}",
    "attempts": "{} attempts",
    "feedback": "{}",
    "thinking": "thinking {}",
    "thinking_tokens": "{} tokens to think",
    "answer_tokens": "{} tokens",
}
"""Setting -> how it is said, in the order in which runs usually differ."""

WORDS: Mapping[tuple[str, object], str] = {
    ("persona", None): "no persona",
    ("temperature", None): "the provider's temperature",
    ("reasoning_effort", None): "no effort set",
    ("thinking", None): "thinking not set",
    ("feedback", True): "feedback",
    ("feedback", False): "no feedback",
}
"""Values that are said in other words."""


def labels(runs: Sequence[Results]) -> list[str]:
    """A name for each run; no two are alike.

    Runs of several models go by them. Where a model is there more than once, the settings in which
    its runs differ are added, and numbers where they differ in none.
    """
    times = Counter(run.model for run in runs)
    named = [_named(run, runs) if times[run.model] > 1 else printable(run.model) for run in runs]
    alike, seen = Counter(named), Counter[str]()
    for place, name in enumerate(named):
        seen[name] += 1
        if alike[name] > 1:
            named[place] = f"{name} ({seen[name]})"
    return named


def _named(run: Results, runs: Sequence[Results]) -> str:
    beside = [
        other.model_settings for other in runs if other.model == run.model and other.model_settings
    ]
    told = [
        _told(run.model_settings, name)
        for name in (SAID if run.model_settings else ())
        if len({getattr(settings, name) for settings in beside}) > 1
    ]
    return ", ".join([printable(run.model), *told])


def _told(settings: ModelSettings | None, name: str) -> str:
    value = getattr(settings, name)
    return WORDS.get((name, value)) or SAID[name].format(printable(value))
