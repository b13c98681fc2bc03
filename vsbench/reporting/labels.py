"""What runs are called beside each other: their models, and what else tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
    "feedback": "feedback {}",
    "thinking": "thinking {}",
    "thinking_tokens": "{} tokens to think",
    "answer_tokens": "{} tokens",
}
"""Setting -> how it is said, in the order in which runs usually differ."""


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
    beside = [other.asking for other in runs if other.model == run.model]
    told = [
        said.format(_value(run.asking, name))
        for name, said in SAID.items()
        if len({_value(asking, name) for asking in beside}) > 1
    ]
    return ", ".join([printable(run.model), *told])


def _value(asking: ModelSettings | None, name: str) -> str:
    value = getattr(asking, name, None)
    return f"no {name.replace('_', ' ')}" if value is None else printable(value)
