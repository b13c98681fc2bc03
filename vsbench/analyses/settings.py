"""Runs of one model that differ in one setting: which setting, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.records.manifest import ModelSettings
from vsbench.records.results import Results


@dataclass(frozen=True)
class Variation:
    """Runs that differ in one setting."""

    model: str
    name: str
    """The setting, as people say it."""
    runs: tuple[Results, ...]
    """In the order of their values."""
    values: tuple[str, ...]
    """The setting of each run."""


def _shown(settings: ModelSettings, thinks: bool) -> str:
    return {"image": "pictures", "text": "text", "both": "pictures and text"}[settings.modality]


def _scaling(settings: ModelSettings, thinks: bool) -> str:
    """A plain answer, reasoning before it, or a model that thinks by itself."""
    effort = settings.reasoning_effort
    if effort not in (None, "none"):
        return f"thinking, effort {effort}"
    if thinks:
        return "thinking"
    return {"io": "plain answer (io)", "cot": "chain of thought (cot)"}[settings.style]


def _persona(settings: ModelSettings, thinks: bool) -> str:
    return (settings.persona or "no persona").replace("_", " ")


SETTINGS: Mapping[str, Callable[[ModelSettings, bool], str]] = {
    "pictures and text": _shown,
    "test-time scaling": _scaling,
    "personas": _persona,
}
"""What runs can differ in -> the value of one."""

ORDER = (
    *("pictures", "text", "pictures and text"),
    *("plain answer (io)", "chain of thought (cot)", "thinking"),
    *("no persona", "common welfare", "self interest", "careful"),
)
"""Of values; others come after them."""

ALIKE = ("temperature", "attempts", "feedback", "answer_tokens", "detail")
"""Settings that have to be the same."""


def variation(runs: Sequence[Results]) -> Variation:
    """The setting in which runs differ.

    Raises:
        UsageError: they are of several models, or differ in nothing, in several settings, or in
            one that is not compared.
    """
    models = {run.model for run in runs}
    if len(models) > 1:
        raise UsageError(f"these runs are of several models: {', '.join(sorted(models))}")
    if len(runs) < 2:
        raise UsageError("name two runs or more, which differ in one setting")
    asked = [run.model_settings for run in runs if run.model_settings is not None]
    if len(asked) < len(runs):
        raise UsageError("a run does not record how its model was asked")
    values = {
        name: [told(settings, bool(run.thinks)) for settings, run in zip(asked, runs, strict=True)]
        for name, told in SETTINGS.items()
    }
    differing = [name for name, found in values.items() if len(set(found)) > 1]
    others = [
        name.replace("_", " ") for name in ALIKE if len({getattr(a, name) for a in asked}) > 1
    ]
    if len(differing) != 1 or others:
        told = ", ".join(differing + others) or "none"
        raise UsageError(f"these runs have to differ in one setting alone; they differ in: {told}")
    (name,) = differing
    if len(set(values[name])) < len(runs):
        raise UsageError(f"two of these runs are alike in what differs: {', '.join(values[name])}")
    pairs = sorted(zip(values[name], runs, strict=True), key=lambda pair: _place(pair[0]))
    return Variation(
        model=printable(next(iter(models))),
        name=name,
        runs=tuple(run for _, run in pairs),
        values=tuple(value for value, _ in pairs),
    )


def _place(value: str) -> tuple[int, str]:
    return (ORDER.index(value) if value in ORDER else len(ORDER), value)
