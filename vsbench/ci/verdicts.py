"""Judge a run by its comparison with the baseline, and by its share of stand-ins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vsbench.ci.attempts import Job
from vsbench.ci.config import CISettings
from vsbench.errors import Exit
from vsbench.records.comparison import Comparison, Judgement
from vsbench.records.manifest import Manifest
from vsbench.runner.observer import RunReport
from vsbench.scoring.comparison import ComparedRun, compare
from vsbench.scoring.differences import LEVEL
from vsbench.scoring.gate import default_tolerance, judge, score_title
from vsbench.scoring.sequential import Look
from vsbench.settings import Evaluation

CHOICES = 8
"""Decisions and answers that differ most, in reports."""


@dataclass(frozen=True)
class Played:
    """A run, played to its end, to its verdict, or to a limit."""

    report: RunReport
    look: Look | None = None
    """The look that decided about the episodes; None if they were not looked at in between."""


@dataclass(frozen=True)
class Outcome:
    """What became of a model's run."""

    job: Job
    report: RunReport
    judgement: Judgement
    comparison: Comparison | None = None
    """With its baseline; None without one."""
    kept: str = ""
    """Where the run is kept as the last green one; empty if it is not."""

    @property
    def unjudged(self) -> bool:
        """Whether it passed because there was nothing to compare it with."""
        return self.comparison is None and self.judgement.verdict == "pass"

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for."""
        # Without a verdict, the limit or the interruption that is the reason counts.
        if self.judgement.verdict == "no verdict" and self.report.exit != Exit.INCOMPLETE:
            return self.report.exit
        return self.judgement.exit


def exit_code(outcomes: Sequence[Outcome]) -> Exit:
    """The exit code of all runs: of several, the one that matters most."""
    codes = {outcome.exit for outcome in outcomes}
    order = (Exit.INTERRUPTED, Exit.INCOMPLETE, Exit.BUDGET, Exit.INCONCLUSIVE, Exit.COMPLETE)
    return next(code for code in order if code in codes)


def judged(job: Job, played: Played, settings: CISettings, sources: tuple[str, str]) -> Outcome:
    """Compare a run with its baseline, and judge.

    Args:
        job: the run.
        played: how far it was played.
        settings: of the gate.
        sources: where reports say that the baseline and the run are.

    Raises:
        UsageError: the baseline is damaged.
    """
    report = played.report
    new = ComparedRun.open(job.directory, sources[1])
    if report.exit == Exit.INTERRUPTED:
        return Outcome(job, report, _no_verdict(report))
    comparison = None
    if job.baseline.directory is None:
        judgement = Judgement(verdict="pass", reasons=(_without_baseline(job),))
    else:
        base = ComparedRun.open(job.baseline.directory, sources[0])
        comparison = _named(compare(base, new, choices=CHOICES), job, base.manifest)
        judgement = _by_comparison(comparison, played.look, settings)
    if report.exit != Exit.COMPLETE and not _decided(comparison, judgement, settings):
        judgement = _no_verdict(report)
    judgement = _with_floor(judgement, new.stand_ins, settings.max_stand_ins)
    if comparison is not None:
        comparison = comparison.model_copy(update={"judgement": judgement})
    return Outcome(job, report, judgement, comparison)


def _named(comparison: Comparison, job: Job, base: Manifest) -> Comparison:
    """Name the runs of a comparison as the configuration does."""
    name, model = job.subject.name, job.manifest.model
    new = name if name in (model, job.subject.model) else f"{name} ({model})"
    other = "" if base.model == model else f" of {base.model}"
    old = (
        f"the last green run{other}, {base.created:%Y-%m-%d}"
        if job.baseline.green
        else f"the baseline{other}"
    )
    return comparison.model_copy(
        update={
            "base": comparison.base.model_copy(update={"label": old}),
            "new": comparison.new.model_copy(update={"label": new}),
        }
    )


def _by_comparison(comparison: Comparison, look: Look | None, settings: CISettings) -> Judgement:
    if look is None:
        return _gate(comparison, settings, LEVEL)
    # The look has judged the episodes. What else there is shares the false alarms with it.
    others = tuple(each for each in comparison.figures if each.evaluation != "decision")
    own = _of_look(look, settings)
    if not others:
        return own
    level = LEVEL - level_of_look(comparison.evaluations)
    return _merged([own, _gate(comparison.model_copy(update={"figures": others}), settings, level)])


def level_of_look(evaluations: Sequence[Evaluation]) -> float:
    """The share of the gate's false alarms that looks at the episodes get."""
    return LEVEL if len(evaluations) == 1 else LEVEL / 2


def tolerance_of(evaluation: Evaluation, settings: CISettings) -> float:
    """The points by which an overall score may drop."""
    default = default_tolerance(settings.detect.get(evaluation))
    return settings.tolerance.get(evaluation, default)


def _gate(comparison: Comparison, settings: CISettings, level: float) -> Judgement:
    return judge(
        comparison,
        tolerance=settings.tolerance,
        game_tolerance=settings.game_tolerance,
        detect=settings.detect,
        level=level,
    )


def _of_look(look: Look, settings: CISettings) -> Judgement:
    changed = (
        f"decision-making changed by {look.value:+.1f} points "
        f"(confidence sequence: {look.low:.1f} to {look.high:.1f})"
    )
    dropped = ", ".join(score_title("decision", name) for name in look.regressions)
    what = {
        "regression": f"A drop beyond noise in {dropped}: {changed}.",
        "pass": f"No drop that matters: {changed}.",
        "inconclusive": (
            f"Too few episodes are planned: {changed}. All of them find a drop of "
            f"{look.detectable:.1f} points with 80 % probability; plan more to find a smaller one."
        ),
    }
    saved = f"Stopped early: {100 * look.saved:.0f} % of the planned tokens of episodes were saved."
    return Judgement(
        verdict=look.verdict or "no verdict",
        reasons=(
            what.get(look.verdict or "", f"So far {changed}."),
            *([saved] if look.saved else []),
        ),
        tolerance={"decision": tolerance_of("decision", settings)},
        detectable={"decision": look.detectable},
        regressions=tuple(("decision", name) for name in look.regressions),
    )


def _merged(parts: Sequence[Judgement]) -> Judgement:
    """One judgement of several, as bad as the worst of them; its reasons come first."""
    order = ("regression", "no verdict", "inconclusive", "pass")
    ranked = sorted(parts, key=lambda part: order.index(part.verdict))
    return Judgement(
        verdict=ranked[0].verdict,
        reasons=tuple(reason for part in ranked for reason in part.reasons),
        tolerance={key: value for part in parts for key, value in part.tolerance.items()},
        game_tolerance={key: value for part in parts for key, value in part.game_tolerance.items()},
        detectable={key: value for part in parts for key, value in part.detectable.items()},
        regressions=tuple(each for part in parts for each in part.regressions),
    )


def _decided(comparison: Comparison | None, judgement: Judgement, settings: CISettings) -> bool:
    """Whether the part that was played decides: a drop was found, or would have been.

    Figures are taken over the finished prefix, so a run that a limit has stopped is not biased.
    """
    if comparison is None:
        return False
    return judgement.verdict == "regression" or (
        judgement.verdict == "pass" and settings.detect.keys() >= set(comparison.evaluations)
    )


def _no_verdict(report: RunReport) -> Judgement:
    why = "; ".join(report.why) or "the run is incomplete"
    todo = (
        "Raise the limit and start again to go on."
        if report.exit == Exit.BUDGET
        else "Start again to go on."
    )
    return Judgement(verdict="no verdict", reasons=(f"{why}. {todo}",))


def _without_baseline(job: Job) -> str:
    return f"nothing to compare with, since {job.baseline.note}."


def _with_floor(judgement: Judgement, share: float | None, most: float | None) -> Judgement:
    """Fail a run of which too many moves and answers were unusable."""
    if share is None or most is None or 100 * share <= most:
        return judgement
    reason = (
        f"{100 * share:.1f} % of the model's moves and answers were unusable and replaced; "
        f"at most {most:g} % are allowed."
    )
    return judgement.model_copy(
        update={"verdict": "regression", "reasons": (reason, *judgement.reasons)}
    )
