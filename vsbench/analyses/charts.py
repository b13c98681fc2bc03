"""What is to be drawn of runs, as plain data: panels of means with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vsbench.analyses.settings import Variation
from vsbench.errors import UsageError
from vsbench.records.manifest import BOT
from vsbench.records.results import EnvironmentResult, Figure, Results, SampleResult
from vsbench.reporting.figures import in_order, title
from vsbench.reporting.labels import labels
from vsbench.reporting.overall import label_of_runs
from vsbench.reporting.tables import TITLES
from vsbench.settings import Evaluation
from vsbench_envs import registry

RETURNS, PERCENT = "normalised return", "percent right"

SOCIAL = "Social behaviours by player"


@dataclass(frozen=True)
class Series:
    """What one run, or one player of it, has in a panel."""

    name: str
    points: Mapping[str, Figure]
    """Group -> mean and interval."""
    look: int
    """Which marker it has; what belongs together in several panels looks alike."""
    colour: int
    """Which colour it has."""


@dataclass(frozen=True)
class Panel:
    """One pair of axes: a line for each group, a mark for each series."""

    title: str
    groups: tuple[str, ...]
    series: tuple[Series, ...]
    lines: Mapping[str, float] = field(default_factory=dict)
    """Values that run through all groups, by name."""
    ticks: Mapping[str, float] = field(default_factory=dict)
    """Group -> what guessing is worth in it."""


@dataclass(frozen=True)
class Chart:
    """Everything that is drawn into a file."""

    title: str
    axis: str
    """What the figures are."""
    panels: tuple[Panel, ...]
    shared: bool = True
    """Whether all panels have the same scale."""
    window: tuple[float, float] | None = None
    """The part of the scale that is worth showing; what lies outside is marked at the edge. None:
    all of it, from zero on."""


def scores(runs: Sequence[Results], evaluation: Evaluation | None = None) -> Chart:
    """Runs by game, and overall.

    Raises:
        UsageError: none has such figures.
    """
    evaluation = evaluation or _first_evaluation(runs)
    return _by_game(
        runs, labels(runs), evaluation, "Decision-making" if evaluation == "decision" else ""
    )


def settings(variation: Variation, evaluation: Evaluation | None = None) -> Chart:
    """Runs of one model that differ in one setting, by game.

    Raises:
        UsageError: none has such figures.
    """
    runs = variation.runs
    evaluation = evaluation or _first_evaluation(runs)
    told = f"{variation.model}: {variation.name}"
    return _by_game(runs, variation.values, evaluation, told)


def behaviours(runs: Sequence[Results]) -> Chart:
    """What each player did in the mixed-motive games, by run.

    Raises:
        UsageError: no run has played one.
    """
    names = labels(runs)
    envs = in_order(part.env for run in runs for part in run.environments)
    panels = [
        panel
        for env in envs
        if registry.get(env).spec.kind == "mixed-motive"
        and (panel := _behaviours(env, runs, names)) is not None
    ]
    if not panels:
        raise UsageError("no run has finished an episode of a mixed-motive game")
    told = f"{names[0]}: social behaviours by player" if len(runs) == 1 else SOCIAL
    return Chart(told, "times in an episode", tuple(panels), shared=False)


def sources(runs: Sequence[Results]) -> Chart:
    """Predictions by who played, in each game.

    Raises:
        UsageError: no run has predicted anything.
    """
    names = labels(runs)
    panels = []
    for env in in_order(part.env for part in _samples(runs, "reasoning")):
        parts = [_sample(run, env, "reasoning") for run in runs]
        groups = sorted({source for part in parts if part for source in part.by_source})
        shown = {source: source.removeprefix(BOT) for source in groups}
        chances = [part.chance for part in parts if part and part.chance is not None]
        panels.append(
            Panel(
                title=title(env),
                groups=tuple(shown.values()),
                series=tuple(
                    Series(
                        name,
                        {shown[source]: found for source, found in part.by_source.items()},
                        place,
                        place,
                    )
                    for place, (name, part) in enumerate(zip(names, parts, strict=True))
                    if part is not None
                ),
                lines={"guessing": chances[0]} if chances else {},
            )
        )
    if not any(panel.groups for panel in panels):
        raise UsageError("no run has predicted anything of players that are known")
    shown_panels = tuple(panel for panel in panels if panel.groups)
    return Chart("Predictions by who played", PERCENT, shown_panels, window=(-3.0, 103.0))


def _by_game(
    runs: Sequence[Results], names: Sequence[str], evaluation: Evaluation, told: str
) -> Chart:
    by_run = [_scores(run, evaluation) for run in runs]
    envs = in_order(env for figures in by_run for env in figures)
    if not envs:
        raise UsageError(f"no run has figures of {TITLES[evaluation]}")
    overall = label_of_runs(runs, evaluation)
    groups = {env: title(env) for env in envs}
    series = []
    for place, (name, run, figures) in enumerate(zip(names, runs, by_run, strict=True)):
        points = {groups[env]: figure for env, figure in figures.items()}
        if (mean := run.overall.get(evaluation)) is not None:
            points[overall] = mean
        series.append(Series(name, points, place, place))
    ticks = {}
    for part in _samples(runs, evaluation):
        if part.chance is not None:
            ticks[groups[part.env]] = part.chance
    panel = Panel(
        title="",
        groups=(*groups.values(), *((overall,) if len(envs) > 1 else ())),
        series=tuple(series),
        lines={"random play": 0.0, "oracle": 100.0} if evaluation == "decision" else {},
        ticks=ticks,
    )
    heading = told or TITLES[evaluation].capitalize()
    if told and evaluation != "decision":
        heading = f"{told} ({TITLES[evaluation]})"
    if evaluation == "decision":
        return Chart(heading, RETURNS, (panel,), window=_window(panel))
    return Chart(heading, PERCENT, (panel,), window=(-3.0, 103.0))


WIDEST = (-60.0, 160.0)
"""Returns that are shown in any case: a few hands of poker may be worth far more."""

NARROWEST = (-5.0, 105.0)


def _window(panel: Panel) -> tuple[float, float]:
    figures = [figure for series in panel.series for figure in series.points.values()]
    ends = [end for f in figures for end in (f.mean, f.low, f.high) if end is not None]
    low = max(min(ends, default=0.0) - 5, WIDEST[0])
    high = min(max(ends, default=0.0) + 5, WIDEST[1])
    return min(low, NARROWEST[0]), max(high, NARROWEST[1])


def _behaviours(env: str, runs: Sequence[Results], names: Sequence[str]) -> Panel | None:
    spec = registry.get(env).spec
    series = []
    for place, (name, run) in enumerate(zip(names, runs, strict=True)):
        part = _environment(run, env)
        split = part.behaviours_by_seat if part else {}
        for seat, role in enumerate(spec.roles):
            points = {
                event.replace("_", " "): by_seat[str(seat)]
                for event, by_seat in split.items()
                if str(seat) in by_seat
            }
            if points:
                player = role.removeprefix("the ")
                told = player if len(runs) == 1 else f"{name}, {player}"
                series.append(Series(told, points, place, seat))
    groups = tuple(event.replace("_", " ") for event in spec.events)
    return Panel(title(env), groups, tuple(series)) if series else None


def _scores(run: Results, evaluation: Evaluation) -> dict[str, Figure]:
    parts: Iterable[EnvironmentResult | SampleResult] = (
        run.environments if evaluation == "decision" else _samples([run], evaluation)
    )
    return {part.env: part.score for part in parts if part.score is not None}


def _first_evaluation(runs: Sequence[Results]) -> Evaluation:
    for evaluation in TITLES:
        if any(_scores(run, evaluation) for run in runs):
            return evaluation
    raise UsageError("no run has finished anything yet")


def _samples(runs: Sequence[Results], evaluation: Evaluation) -> list[SampleResult]:
    return [part for run in runs for part in run.samples if part.evaluation == evaluation]


def _sample(run: Results, env: str, evaluation: Evaluation) -> SampleResult | None:
    return next((part for part in _samples([run], evaluation) if part.env == env), None)


def _environment(run: Results, env: str) -> EnvironmentResult | None:
    return next((part for part in run.environments if part.env == env), None)
