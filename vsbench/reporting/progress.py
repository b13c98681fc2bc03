"""Progress of runs, counted from their journal records, and the estimated time to go."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vsbench.bots import bot_name
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.runner.observer import Line
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry

WINDOW = 60.0
"""Seconds over which the pace is averaged."""

MIN_SAMPLES = 8
"""Pieces of work before a pace is reported, since the first ones reflect start-up."""

MAX_SAMPLES = 32
"""Pieces of work kept although they are older than the window."""


class Pace:
    """Pieces of work per second, over a sliding window.

    An average since the start would long be distorted by a slow start.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._done: deque[float] = deque()

    def add(self, now: float, duration: float) -> None:
        """Count a piece of work that took ``duration`` seconds and ended now."""
        if self._began is None:
            self._began = now - duration
        self._done.append(now)
        self._drop_old(now)

    def at(self, now: float) -> float | None:
        """Pieces per second; None with fewer than ``MIN_SAMPLES``."""
        self._drop_old(now)
        if self._began is None or len(self._done) < MIN_SAMPLES:
            return None
        return len(self._done) / max(now - self._began, 1e-3)

    def _drop_old(self, now: float) -> None:
        while len(self._done) > MAX_SAMPLES and self._done[0] < now - WINDOW:
            self._began = self._done.popleft()


@dataclass
class EnvironmentProgress:
    """Progress of one evaluation in one environment."""

    planned: int
    typical_length: float
    """Steps of an episode, expected before any has ended."""
    typical_replies: float = 1.0
    """Replies per step, expected before any has come."""
    finished: int = 0
    steps: int = 0
    """Joint moves played, or samples scored."""
    open_steps: dict[int, int] = field(default_factory=dict)
    """Number of each unfinished episode -> its steps so far."""
    tally: Tally = field(default_factory=Tally)
    _ended_steps: int = 0

    def add(self, key: UnitKey, record: JournalRecord) -> None:
        """Count a journal record."""
        self.tally.add(record)
        if record.type == "step":
            self.steps += 1
            self.open_steps[key.number] = record.step + 1
        elif record.type == "verdict":
            self.steps += 1
            self._ended_steps += 1
            self.finished += 1
        elif record.type == "end":
            self._ended_steps += self.open_steps.pop(key.number, 0)
            self.finished += 1

    @property
    def done(self) -> float:
        """Finished episodes or samples; open episodes by their share of the typical length."""
        shares = (min(0.9, steps / self.typical_length) for steps in self.open_steps.values())
        return self.finished + sum(shares)

    @property
    def length(self) -> float:
        """Expected steps of an episode: the mean over finished ones and one of typical length."""
        return (self.typical_length + self._ended_steps) / (1 + self.finished)

    @property
    def replies(self) -> float:
        """Expected replies per step, from those so far."""
        if not self.typical_replies:
            return 0.0
        steps = self.typical_length  # The prior weighs as much as one episode.
        return (steps * self.typical_replies + self.tally.attempts.total()) / (steps + self.steps)

    @property
    def steps_left(self) -> float:
        """Expected steps to go in all episodes."""
        unopened = self.planned - self.finished - len(self.open_steps)
        return unopened * self.length + sum(map(self._steps_left, self.open_steps.values()))

    @property
    def work_left(self) -> float:
        """Expected replies and steps to go."""
        return self.steps_left * (1 + self.replies)

    def longest_left(self) -> float:
        """Expected seconds of the longest chain of replies, which concurrency cannot shorten."""
        replies = self.tally.attempts.total() - self.tally.from_cache
        if self.finished == self.planned or not replies:
            return 0.0
        unopened = self.finished + len(self.open_steps) < self.planned
        steps = max(map(self._steps_left, self.open_steps.values()), default=0.0)
        longest = max(steps, self.length if unopened else 0.0)
        # Seats that move simultaneously wait for the slowest, not for each other's turns.
        return longest * self.tally.latency / replies

    def _steps_left(self, played: int) -> float:
        # An episode longer than expected may end with its next step.
        return max(1.0, self.length - played)


class RunProgress:
    """Progress of one run."""

    def __init__(
        self,
        manifest: Manifest,
        past: Iterable[Line],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = manifest.model
        self._now = now
        self.started = now()
        self.environments = {
            (evaluation, plan.env): _environment_progress(manifest, plan, evaluation)
            for evaluation in manifest.evaluations
            for plan in manifest.environments
            if plan.numbers(evaluation)
        }
        for key, record in past:
            self.environments[key.evaluation, key.env].add(key, record)
        self.active = False
        """Whether anything has come back since the run was started or resumed."""
        self.retry: tuple[str, float] | None = None
        """Kind of the last fault that is retried, and when."""
        self._pace = Pace()

    def add(self, key: UnitKey, record: JournalRecord) -> None:
        """Count a journal record."""
        self.environments[key.evaluation, key.env].add(key, record)
        if record.type == "attempt":
            self._pace.add(self._now(), record.latency)
        elif record.type in ("step", "verdict"):
            self._pace.add(self._now(), 0.0)
        elif record.type == "fault" and record.wait is not None:
            self.retry = (record.kind, self._now() + record.wait)
        self.active = self.active or record.type in ("attempt", "step", "verdict", "fault")

    @property
    def elapsed(self) -> float:
        """Seconds since the run was started or resumed."""
        return self._now() - self.started

    @property
    def eta(self) -> float | None:
        """Estimated seconds to go; None before there is a pace.

        The larger of two lower bounds for scheduling chains of work in parallel (Graham, 1966):
        all work at the current pace, and the longest chain at the mean latency of a reply.
        """
        if not (work := sum(env.work_left for env in self.environments.values())):
            return 0.0
        pace = self._pace.at(self._now())
        if pace is None:
            return None
        return max(work / pace, *(env.longest_left() for env in self.environments.values()))

    @property
    def tally(self) -> Tally:
        """The tallies of all environments, merged."""
        total = Tally()
        for environment in self.environments.values():
            total.merge(environment.tally)
        return total


def _environment_progress(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation
) -> EnvironmentProgress:
    planned = len(plan.numbers(evaluation))
    if evaluation != "decision":
        return EnvironmentProgress(planned, 1.0, float(bot_name(manifest.model) is None))
    spec = registry.get(plan.env).spec
    models = sum(bot_name(player) is None for player in plan.seats.players)
    replies = models if spec.simultaneous else models / spec.seats
    return EnvironmentProgress(planned, spec.typical_length, replies)


def format_duration(seconds: float) -> str:
    """Format seconds as ``h:mm:ss`` or ``m:ss``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
