"""The judgement of a gate on a comparison: did it get worse, and are we sure?

All scores of a comparison are tested together, and one false alarm in twenty unchanged models is
allowed in total. ``docs/STATISTICS.md`` explains the rule and gives its measured error rates.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vsbench.errors import UsageError
from vsbench.records.comparison import ComparedFigure, Comparison, Difference, Judgement, Verdict
from vsbench.records.frames import OVERALL
from vsbench.scoring.differences import LEVEL, detectable, top_up
from vsbench.scoring.intervals import Mean
from vsbench.settings import EVALUATION_TITLES, Evaluation
from vsbench_envs import registry

OVERALL_SHARE = 0.8
"""Share of the false alarms allowed that overall scores get; games share the rest."""

TOLERANCE = 3.0
"""Points by which an overall score may drop by default."""

GAME_TOLERANCE = 10.0
"""Points by which a game's score may drop by default."""

Points = Mapping[Evaluation, float]


@dataclass(frozen=True)
class Hypothesis:
    """That a score did not drop by more than is tolerated."""

    evaluation: Evaluation
    environment: str
    difference: Difference
    tolerance: float

    @property
    def mean(self) -> Mean:
        """The difference as a mean."""
        return _mean(self.difference)

    @property
    def largest_level(self) -> float:
        """Probability that an unchanged model drops by more than the tolerance."""
        from scipy.special import stdtr

        return float(stdtr(self.difference.df, -max(self.tolerance, 0.0) / self.difference.error))

    def dropped(self, level: float) -> bool:
        """Whether it dropped significantly at a level, and by more than is tolerated."""
        return self.difference.p_worse <= level and self.difference.value < -self.tolerance


def default_tolerance(detect: float | None) -> float:
    """Points by which an overall score may drop by default: below what must not go unnoticed."""
    return TOLERANCE if detect is None else min(TOLERANCE, detect / 2)


def judge(
    comparison: Comparison,
    tolerance: Points | None = None,
    game_tolerance: Points | None = None,
    detect: Points | None = None,
    level: float = LEVEL,
) -> Judgement:
    """Judge whether the new run is worse than the base run.

    *Regression*: an overall score or a game's score dropped significantly, and by more than is
    tolerated. *Inconclusive*: a score could not be compared, or the comparison would miss a drop
    that must not go unnoticed. Otherwise *pass*.

    Args:
        comparison: The comparison of two runs.
        tolerance: Evaluation -> points by which its overall score may drop, by default 3,
            or half of the drop that must not go unnoticed.
        game_tolerance: Evaluation -> points by which a game's score may drop, by default 10.
        detect: Evaluation -> points of a drop of the overall score that must not go unnoticed.
            Evaluations that were not compared are ignored.
        level: Probability of a false alarm, over all scores.

    Raises:
        UsageError: a drop that must not go unnoticed is tolerated.
    """
    scores = [figure for figure in comparison.figures if figure.figure == "score"]
    evaluations = list(dict.fromkeys(figure.evaluation for figure in scores))
    detect = {e: detect[e] for e in evaluations if detect and e in detect}
    tolerance = {e: default_tolerance(detect.get(e)) for e in evaluations} | dict(tolerance or {})
    game_tolerance = dict.fromkeys(evaluations, GAME_TOLERANCE) | dict(game_tolerance or {})
    for evaluation, drop in detect.items():
        if drop <= tolerance[evaluation]:
            raise UsageError(
                f"a drop of {drop:g} points in {EVALUATION_TITLES[evaluation]} cannot be looked "
                f"for, since a drop of {tolerance[evaluation]:g} is tolerated; lower the tolerance "
                "or look for a larger drop"
            )
    heads = _tested([f for f in scores if f.is_overall], tolerance)
    # The score of a single game is the overall score.
    several = {e for e in evaluations if sum(f.evaluation == e for f in scores) > 2}
    games = _tested(
        [f for f in scores if not f.is_overall and f.evaluation in several],
        game_tolerance,
    )
    dropped = regressions(level, heads, games)
    shared = shared_level(overall_level(level, games), heads)
    found = {h.evaluation: detectable(h.mean, shared, h.tolerance) for h in heads}
    missing = [f for f in scores if f.difference is None]
    unseen = {e: drop for e, drop in detect.items() if found.get(e, math.inf) > drop}
    verdict: Verdict = "pass"
    if dropped:
        verdict = "regression"
    elif unseen or not found or any(figure.is_overall for figure in missing):
        verdict = "inconclusive"
    return Judgement(
        verdict=verdict,
        reasons=(
            *(_dropped(test) for test in dropped),
            *(
                _what_would_decide(scores, e, drop, found.get(e), shared, tolerance.get(e, 0.0))
                for e, drop in unseen.items()
            ),
            *(_not_compared(figure) for figure in missing),
            *(_held(test, found[test.evaluation]) for test in heads if test not in dropped),
        )
        or ("No score was compared.",),
        tolerance={e: tolerance[e] for e in evaluations},
        game_tolerance={e: game_tolerance[e] for e in evaluations},
        detectable=found,
        regressions=tuple((test.evaluation, test.environment) for test in dropped),
    )


def shared_level(total: float, tests: Sequence[Hypothesis]) -> float:
    """Return the level at which the false alarms of all tests add up to a total (Tarone, 1990).

    A test whose tolerance alone makes false alarms rarer than that needs less, and leaves the rest
    to the others.
    """
    left, level = total, total
    needs = sorted(test.largest_level for test in tests)
    for place, need in enumerate(needs):
        level = left / (len(needs) - place)
        if need > level:
            return level
        left -= need
    return total


def overall_level(level: float, games: Collection[object]) -> float:
    """The part of the false alarms allowed that overall scores get."""
    return level * (OVERALL_SHARE if games else 1.0)


def regressions(
    level: float, heads: Sequence[Hypothesis], games: Sequence[Hypothesis]
) -> list[Hypothesis]:
    """Return the scores that dropped significantly and by more than is tolerated.

    Args:
        level: Probability of a false alarm, over all scores.
        heads: The overall scores.
        games: The scores of games.
    """
    share = overall_level(level, games)
    return [*_rejected(share, heads), *_rejected(level - share, games)]


def _rejected(total: float, tests: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Reject hypotheses by the step-down procedure of Holm (1979)."""
    left, rejected = list(tests), []
    while found := [test for test in left if test.dropped(shared_level(total, left))]:
        rejected += found
        left = [test for test in left if test not in found]
    return rejected


def _tested(figures: Iterable[ComparedFigure], tolerance: Points) -> list[Hypothesis]:
    return [
        Hypothesis(f.evaluation, f.environment, f.difference, tolerance[f.evaluation])
        for f in figures
        if f.difference is not None
    ]


def _dropped(test: Hypothesis) -> str:
    found = test.difference
    return (
        f"{_named(test)} dropped by {-found.value:.1f} points "
        f"(95 % interval of the change: {found.low:.1f} to {found.high:.1f}, "
        f"p = {found.p_worse:.2g}), more than the {test.tolerance:g} tolerated."
    )


def _held(test: Hypothesis, points: float) -> str:
    found = test.difference
    return (
        f"{_named(test)} changed by {found.value:+.1f} points "
        f"(95 % interval: {found.low:.1f} to {found.high:.1f}), no significant drop beyond the "
        f"{test.tolerance:g} tolerated. A drop of {points:.1f} points would have been found."
    )


def _not_compared(figure: ComparedFigure) -> str:
    why = f": {figure.note}" if figure.note else "."
    return f"{_named(figure)} was not compared{why}"


def score_title(evaluation: Evaluation, environment: str) -> str:
    """Name a score, such as ``Hanabi (decision-making)``; an overall one by its evaluation."""
    title = EVALUATION_TITLES[evaluation]
    if environment == OVERALL:
        return title
    return f"{registry.get(environment).spec.title} ({title})"


def _named(score: Hypothesis | ComparedFigure) -> str:
    """Name a score at the beginning of a sentence."""
    title = score_title(score.evaluation, score.environment)
    return title[0].upper() + title[1:]


def _what_would_decide(
    scores: Sequence[ComparedFigure],
    evaluation: Evaluation,
    drop: float,
    found: float | None,
    level: float,
    tolerance: float,
) -> str:
    """Say how many units of each game would find a drop."""
    title = EVALUATION_TITLES[evaluation]
    if found is None:
        return f"A drop of {drop:g} points in {title} cannot be found: it was not compared."
    games = {
        f.environment: f.difference
        for f in scores
        if f.evaluation == evaluation and not f.is_overall and f.difference is not None
    }
    units = top_up({name: _mean(each) for name, each in games.items()}, drop, level, tolerance)
    what = "episodes" if evaluation == "decision" else "samples"
    missed = (
        f"A drop of {drop:g} points in {title} could go unnoticed: "
        f"this comparison finds drops of {found:.1f} points or more"
    )
    if units is None:
        return f"{missed}, and no feasible number of {what} would be enough."
    counts = {registry.get(name).spec.title: n * games[name].unit for name, n in units.items()}
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{missed}. It would take these {what}: {listed}."


def _mean(found: Difference) -> Mean:
    return Mean(found.value, found.error, found.df, found.n)
