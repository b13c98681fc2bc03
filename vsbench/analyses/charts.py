"""Charts of runs as plain data: panels of means with 95 % intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.records.comparison import Comparison
from vsbench.records.frames import OVERALL
from vsbench.records.manifest import BOT, ModelSettings
from vsbench.records.results import EnvironmentResult, Figure, Results
from vsbench.reporting.differences import warning
from vsbench.reporting.formats import catalogue_order, env_title
from vsbench.reporting.labels import common_mean_label, run_labels
from vsbench.settings import EVALUATION_TITLES, Evaluation
from vsbench_envs import registry

RETURN_AXIS, ACCURACY_AXIS = "normalised return", "accuracy in %"

ACCURACY_WINDOW = (-3.0, 103.0)

RETURN_WINDOW = (-5.0, 105.0)
"""Part of the axis of returns that is always shown."""

MAX_RETURN_WINDOW = (-60.0, 160.0)
"""Part of the axis of returns that is shown at most: a few hands of poker may score far outside."""

DIFFERENCE_WINDOW = (-10.0, 10.0)
"""Part of the axis of differences that is always shown."""

MAX_DIFFERENCE_WINDOW = (-110.0, 110.0)
"""Part of the axis of differences that is shown at most."""


@dataclass(frozen=True)
class Series:
    """The figures of one run, or of one player in it, in a panel."""

    name: str
    points: Mapping[str, Figure]
    """Group -> mean and interval."""
    marker: int
    """Index of the marker; equal indices look alike in all panels."""
    colour: int
    """Index of the colour."""


@dataclass(frozen=True)
class Panel:
    """One pair of axes: a row for each group, a marker for each series in it."""

    title: str
    groups: tuple[str, ...]
    series: tuple[Series, ...]
    lines: Mapping[str, float] = field(default_factory=dict)
    """Name -> value of a reference line through all groups."""
    ticks: Mapping[str, float] = field(default_factory=dict)
    """Group -> chance level."""


@dataclass(frozen=True)
class Chart:
    """The contents of a plot."""

    title: str
    axis: str
    """Label of the value axis."""
    panels: tuple[Panel, ...]
    shared: bool = True
    """Whether all panels share one scale."""
    window: tuple[float, float] | None = None
    """Limits of the value axis; figures outside are marked at the edge. None: all, from zero."""
    note: str = ""
    """Shown above the legend."""


def scores(
    runs: Sequence[Results],
    evaluation: Evaluation | None = None,
    names: Sequence[str] | None = None,
) -> Chart:
    """Scores of runs by game, and overall.

    Args:
        runs: a series each.
        evaluation: defaults to the first that a run has figures of.
        names: of the runs; by default what tells them apart.

    Raises:
        UsageError: no run has such figures.
    """
    evaluation = evaluation or _first_evaluation(runs)
    title = EVALUATION_TITLES[evaluation].capitalize()
    return _scores_chart(runs, names or run_labels(runs), evaluation, title)


def settings(runs: Sequence[Results], evaluation: Evaluation | None = None) -> Chart:
    """Scores of runs of one model that differ in one setting, by game.

    Args:
        runs: a series each, in the order of the setting's values.
        evaluation: defaults to the first that a run has figures of.

    Raises:
        UsageError: the runs do not differ in exactly one setting, or have no such figures.
    """
    varied = variation(runs)
    evaluation = evaluation or _first_evaluation(runs)
    title = f"{varied.model}: {varied.name}"
    if evaluation != "decision":
        title = f"{title} ({EVALUATION_TITLES[evaluation]})"
    return _scores_chart(varied.runs, varied.values, evaluation, title)


def behaviours(runs: Sequence[Results], names: Sequence[str] | None = None) -> Chart:
    """Social behaviours of each player in the mixed-motive games; see :func:`scores`.

    Raises:
        UsageError: no run has finished an episode of such a game.
    """
    names = names or run_labels(runs)
    envs = catalogue_order(part.env for run in runs for part in run.environments)
    panels = [
        panel
        for env in envs
        if registry.get(env).spec.kind == "mixed-motive"
        and (panel := _behaviours_panel(env, runs, names)) is not None
    ]
    if not panels:
        raise UsageError("no run has finished an episode of a mixed-motive game")
    title = "Social behaviours by player"
    if len(runs) == 1:
        title = f"{names[0]}: {title.lower()}"
    return Chart(title, "times per episode", tuple(panels), shared=False)


def predictions(runs: Sequence[Results], names: Sequence[str] | None = None) -> Chart:
    """Accuracy of predictions by the player that is predicted, by game; see :func:`scores`.

    Raises:
        UsageError: no run has predicted a known player.
    """
    names = names or run_labels(runs)
    envs = catalogue_order(part.env for run in runs for part in run.samples_of("reasoning"))
    panels = [_predictions_panel(env, runs, names) for env in envs]
    panels = [panel for panel in panels if panel.groups]
    if not panels:
        raise UsageError("no run has predicted known players")
    title = "Accuracy of predictions by predicted player"
    return Chart(title, ACCURACY_AXIS, tuple(panels), window=ACCURACY_WINDOW)


def differences(comparisons: Sequence[Comparison], evaluation: Evaluation | None = None) -> Chart:
    """Differences of scores from those of a base run, by game and overall.

    Args:
        comparisons: a series each, of one base run.
        evaluation: by default all that are compared, a panel each.

    Raises:
        UsageError: no score has been compared.
    """
    evaluations = [
        each
        for each in EVALUATION_TITLES
        if evaluation in (None, each) and any(each in found.evaluations for found in comparisons)
    ]
    panels = [_differences_panel(comparisons, each) for each in evaluations]
    panels = [panel for panel in panels if panel.groups]
    if not panels:
        raise UsageError("no score was compared")
    told = dict.fromkeys(filter(None, map(warning, comparisons)))
    return Chart(
        title=f"Differences from {comparisons[0].base.label}",
        axis="difference in points: worse left of 0, better right of it",
        panels=tuple(panels),
        shared=False,
        window=_window(panels, DIFFERENCE_WINDOW, MAX_DIFFERENCE_WINDOW),
        note="\n".join(told),
    )


def _differences_panel(comparisons: Sequence[Comparison], evaluation: Evaluation) -> Panel:
    series: list[Series] = []
    groups: dict[str, None] = {}
    for number, comparison in enumerate(comparisons):
        points: dict[str, Figure] = {}
        for score in (*comparison.scores(evaluation)[1:], *comparison.scores(evaluation)[:1]):
            if (found := score.difference) is not None:
                title = OVERALL if score.is_overall else env_title(score.environment)
                points[title] = Figure(mean=found.value, low=found.low, high=found.high, n=found.n)
        groups |= dict.fromkeys(points)
        name = comparison.new.label
        series.append(Series(name, points, number, number))
    if len(groups) == 2:
        # A single game is the overall score.
        groups.pop(OVERALL, None)
    elif groups:
        groups[OVERALL] = groups.pop(OVERALL, None)
    title = EVALUATION_TITLES[evaluation].capitalize()
    return Panel(title, tuple(groups), tuple(series), lines={"no difference": 0.0})


def _scores_chart(
    runs: Sequence[Results], names: Sequence[str], evaluation: Evaluation, title: str
) -> Chart:
    by_run = [_finished_scores(run, evaluation) for run in runs]
    envs = catalogue_order(env for figures in by_run for env in figures)
    if not envs:
        raise UsageError(f"no run has figures of {EVALUATION_TITLES[evaluation]}")
    overall = common_mean_label(runs, evaluation)
    groups = {env: env_title(env) for env in envs}
    series = []
    for number, (name, run, figures) in enumerate(zip(names, runs, by_run, strict=True)):
        points = {groups[env]: figure for env, figure in figures.items()}
        if (mean := run.overall.get(evaluation)) is not None:
            points[overall] = mean
        series.append(Series(name, points, number, number))
    panel = Panel(
        title="",
        groups=(*groups.values(), *((overall,) if len(envs) > 1 else ())),
        series=tuple(series),
        lines={"random play": 0.0, "oracle": 100.0} if evaluation == "decision" else {},
        ticks={
            groups[part.env]: part.chance
            for run in runs
            for part in run.samples_of(evaluation)
            if part.chance is not None and part.env in groups
        },
    )
    if evaluation == "decision":
        window = _window([panel], RETURN_WINDOW, MAX_RETURN_WINDOW)
        return Chart(title, RETURN_AXIS, (panel,), window=window)
    return Chart(title, ACCURACY_AXIS, (panel,), window=ACCURACY_WINDOW)


def _window(
    panels: Sequence[Panel], least: tuple[float, float], most: tuple[float, float]
) -> tuple[float, float]:
    """Limits that show all intervals, within and around given ones."""
    figures = [f for panel in panels for series in panel.series for f in series.points.values()]
    bounds = [end for f in figures for end in (f.mean, f.low, f.high)]
    low = max(min(bounds, default=0.0) - 5, most[0])
    high = min(max(bounds, default=0.0) + 5, most[1])
    return min(low, least[0]), max(high, least[1])


def _behaviours_panel(env: str, runs: Sequence[Results], names: Sequence[str]) -> Panel | None:
    spec = registry.get(env).spec
    series = []
    for number, (name, run) in enumerate(zip(names, runs, strict=True)):
        part = _environment(run, env)
        by_event = part.behaviours_by_seat if part else {}
        for seat, role in enumerate(spec.roles):
            points = {
                event.replace("_", " "): by_seat[str(seat)]
                for event, by_seat in by_event.items()
                if str(seat) in by_seat
            }
            if points:
                player = role.removeprefix("the ")
                label = player if len(runs) == 1 else f"{name}, {player}"
                series.append(Series(label, points, number, seat))
    groups = tuple(event.replace("_", " ") for event in spec.events)
    return Panel(env_title(env), groups, tuple(series)) if series else None


def _predictions_panel(env: str, runs: Sequence[Results], names: Sequence[str]) -> Panel:
    parts = [next((p for p in run.samples_of("reasoning") if p.env == env), None) for run in runs]
    sources = sorted({source for part in parts if part for source in part.by_source})
    groups = {source: source.removeprefix(BOT) for source in sources}
    chances = [part.chance for part in parts if part and part.chance is not None]
    series = [
        Series(name, {groups[source]: f for source, f in part.by_source.items()}, number, number)
        for number, (name, part) in enumerate(zip(names, parts, strict=True))
        if part is not None
    ]
    lines = {"chance": chances[0]} if chances else {}
    return Panel(env_title(env), tuple(groups.values()), tuple(series), lines)


def _first_evaluation(runs: Sequence[Results]) -> Evaluation:
    for evaluation in EVALUATION_TITLES:
        if any(_finished_scores(run, evaluation) for run in runs):
            return evaluation
    raise UsageError("no run has finished anything yet")


def _finished_scores(run: Results, evaluation: Evaluation) -> dict[str, Figure]:
    return {env: score for env, score in run.scores(evaluation).items() if score is not None}


def _environment(run: Results, env: str) -> EnvironmentResult | None:
    return next((part for part in run.environments if part.env == env), None)


@dataclass(frozen=True)
class Variation:
    """Runs of one model that differ in one setting."""

    model: str
    name: str
    """Name of the setting."""
    runs: tuple[Results, ...]
    """In the order of their values."""
    values: tuple[str, ...]
    """Value of each run."""


def variation(runs: Sequence[Results]) -> Variation:
    """Find the one setting in which runs differ, and sort the runs by it.

    Raises:
        UsageError: the runs are of several models, or do not differ in exactly one setting of
            those that are compared.
    """
    models = {run.model for run in runs}
    if len(models) > 1:
        raise UsageError(f"these runs are of several models: {', '.join(sorted(models))}")
    if len(runs) < 2:
        raise UsageError("name at least two runs that differ in one setting")
    asked = [run.model_settings for run in runs if run.model_settings is not None]
    if len(asked) < len(runs):
        raise UsageError("a run does not record its model settings")
    values = {
        name: [value(settings, bool(run.thinks)) for settings, run in zip(asked, runs, strict=True)]
        for name, value in COMPARED_SETTINGS.items()
    }
    differing = [name for name, found in values.items() if len(set(found)) > 1]
    others = [
        name.replace("_", " ")
        for name in FIXED_SETTINGS
        if len({getattr(settings, name) for settings in asked}) > 1
    ]
    if len(differing) != 1 or others:
        named = ", ".join(differing + others) or "none"
        raise UsageError(f"runs must differ in exactly one setting; these differ in: {named}")
    (name,) = differing
    if len(set(values[name])) < len(runs):
        raise UsageError(f"two of these runs have the same value: {', '.join(values[name])}")
    pairs = sorted(zip(values[name], runs, strict=True), key=lambda pair: _value_order(pair[0]))
    return Variation(
        model=printable(next(iter(models))),
        name=name,
        runs=tuple(run for _, run in pairs),
        values=tuple(value for value, _ in pairs),
    )


def _modality(settings: ModelSettings, thinks: bool) -> str:
    return {"image": "image", "text": "text", "both": "image and text"}[settings.modality]


def _test_time_scaling(settings: ModelSettings, thinks: bool) -> str:
    effort = settings.reasoning_effort
    if effort not in (None, "none"):
        return f"thinking, effort {effort}"
    if thinks:
        return "thinking"
    return {"io": "answer only (io)", "cot": "chain of thought (cot)"}[settings.style]


def _persona(settings: ModelSettings, thinks: bool) -> str:
    return (settings.persona or "no persona").replace("_", " ")


COMPARED_SETTINGS: Mapping[str, Callable[[ModelSettings, bool], str]] = {
    "modality": _modality,
    "test-time scaling": _test_time_scaling,
    "persona": _persona,
}
"""Name of a setting -> its value, given a run's model settings and whether the model thinks."""

VALUE_ORDER = (
    *("image", "text", "image and text"),
    *("answer only (io)", "chain of thought (cot)", "thinking"),
    *("no persona", "common welfare", "self interest", "careful"),
)
"""Order of values in a chart; others come after them."""

FIXED_SETTINGS = ("temperature", "attempts", "feedback", "answer_tokens", "detail")
"""Model settings that have to be equal in all runs."""


def _value_order(value: str) -> tuple[int, str]:
    return (VALUE_ORDER.index(value) if value in VALUE_ORDER else len(VALUE_ORDER), value)
