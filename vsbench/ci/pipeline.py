"""The steps of ``vsbench ci``: play, judge, keep what passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vsbench.ci.attempts import Work
from vsbench.ci.baselines import keep_green
from vsbench.ci.reports import bundled
from vsbench.ci.sequential import play_in_batches
from vsbench.ci.verdicts import Outcome, Played, judged
from vsbench.runner import runs
from vsbench.runner.budget import Budget
from vsbench.runner.observer import Observer


async def play(work: Work, observer: Observer, budget: Budget) -> list[Played]:
    """Play all runs to their ends, to their verdicts, or to the limits. Raises UsageError."""
    if work.config.settings.sequential:
        return [await play_in_batches(work, job, observer, budget) for job in work.jobs]
    prepared = [job.prepared() for job in work.jobs]
    return [Played(report) for report in await runs.play(prepared, work.settings, observer, budget)]


def judge_all(work: Work, played: Sequence[Played]) -> list[Outcome]:
    """Put the runs and their baselines beside the reports, compare them, and judge.

    Raises:
        UsageError: the reports cannot be written, or a baseline is damaged.
    """
    settings = work.config.settings
    return [
        judged(job, each, settings, bundled(job, settings.reports))
        for job, each in zip(work.jobs, played, strict=True)
    ]


def keep_passed(work: Work, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Keep runs that passed as the last green ones.

    A run that was stopped early is not kept: later ones could be compared over its part alone.

    Raises:
        UsageError: the store cannot be written.
    """
    settings = work.config.settings
    return [
        replace(outcome, kept=keep_green(settings, outcome.job.subject, outcome.job.directory))
        if outcome.judgement.verdict == "pass" and outcome.report.results.complete
        else outcome
        for outcome in outcomes
    ]
