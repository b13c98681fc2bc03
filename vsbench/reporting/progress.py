"""How far runs have come, counted from their journal lines, and how long they will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vsbench.bots import bot_name
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import EnvironmentPlan, Manifest
from vsbench.reporting.pace import Pace
from vsbench.runner.observer import Line
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry


@dataclass
class EnvironmentProgress:
    """How far one evaluation in one environment has come."""

    planned: int
    typical_length: float
    """Steps of an episode, before any has ended."""
    typical_replies: float = 1.0
    """Replies for a step, before any has come."""
    finished: int = 0
    steps: int = 0
    """Joint moves played, or samples judged."""
    open_steps: dict[int, int] = field(default_factory=dict)
    """Episodes under way, and their steps so far."""
    tally: Tally = field(default_factory=Tally)
    _ended_steps: int = 0

    def add(self, key: UnitKey, record: JournalRecord) -> None:
        """Take in a line."""
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
        """Episodes played, those under way by their share of the usual length."""
        begun = (min(0.9, steps / self.typical_length) for steps in self.open_steps.values())
        return self.finished + sum(begun)

    @property
    def length(self) -> float:
        """Steps expected of an episode: the mean of those played, and of one as is usual."""
        return (self.typical_length + self._ended_steps) / (1 + self.finished)

    @property
    def replies(self) -> float:
        """Replies expected for a step, by those so far."""
        if not self.typical_replies:
            return 0.0
        steps = self.typical_length  # As many steps as usual weigh like one episode.
        return (steps * self.typical_replies + self.tally.attempts.total()) / (steps + self.steps)

    @property
    def steps_left(self) -> float:
        """Steps to go in all episodes."""
        unopened = self.planned - self.finished - len(self.open_steps)
        return unopened * self.length + sum(map(self._steps_left, self.open_steps.values()))

    @property
    def work_left(self) -> float:
        """Replies and steps to go."""
        return self.steps_left * (1 + self.replies)

    def longest_left(self) -> float:
        """Seconds that the longest chain of replies takes: what no connection can shorten."""
        replies = self.tally.attempts.total() - self.tally.from_cache
        if self.finished == self.planned or not replies:
            return 0.0
        unopened = self.finished + len(self.open_steps) < self.planned
        steps = max(map(self._steps_left, self.open_steps.values()), default=0.0)
        longest = max(steps, self.length if unopened else 0.0)
        # Seats that decide at the same time wait for each other, and not for one another's turn.
        return longest * self.tally.latency / replies

    def _steps_left(self, played: int) -> float:
        # One that is longer than usual may always end with its next step.
        return max(1.0, self.length - played)


class RunProgress:
    """One run's environments and what it waits for."""

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
            (evaluation, plan.env): _progress(manifest, plan, evaluation)
            for evaluation in manifest.evaluations
            for plan in manifest.environments
            if plan.numbers(evaluation)
        }
        for key, record in past:
            self.environments[key.evaluation, key.env].add(key, record)
        self.begun = False
        """Whether anything has come back since this part of the run began."""
        self.retry: tuple[str, float] | None = None
        """Why a call is made again, and when."""
        self._pace = Pace()

    def add(self, key: UnitKey, record: JournalRecord) -> None:
        """Take in a line."""
        self.environments[key.evaluation, key.env].add(key, record)
        if record.type == "attempt":
            self._pace.add(self._now(), record.latency)
        elif record.type in ("step", "verdict"):
            self._pace.add(self._now(), 0.0)
        elif record.type == "fault" and record.wait is not None:
            self.retry = (record.kind, self._now() + record.wait)
        self.begun = self.begun or record.type in ("attempt", "step", "verdict", "fault")

    @property
    def elapsed(self) -> float:
        """Seconds since this part of the run began."""
        return self._now() - self.started

    @property
    def eta(self) -> float | None:
        """Seconds to go; None before there is a pace.

        The larger of two bounds on how fast chains of work can be done side by side (Graham, 1966):
        all work at the pace of late, and the longest chain at the time that a reply takes.
        """
        if not (work := sum(env.work_left for env in self.environments.values())):
            return 0.0
        pace = self._pace.at(self._now())
        if pace is None:
            return None
        return max(work / pace, *(env.longest_left() for env in self.environments.values()))

    @property
    def tally(self) -> Tally:
        """The counts of all environments."""
        total = Tally()
        for environment in self.environments.values():
            total.merge(environment.tally)
        return total


def _progress(
    manifest: Manifest, plan: EnvironmentPlan, evaluation: Evaluation
) -> EnvironmentProgress:
    planned = len(plan.numbers(evaluation))
    if evaluation != "decision":
        return EnvironmentProgress(planned, 1.0, float(bot_name(manifest.model) is None))
    spec = registry.get(plan.env).spec
    models = sum(bot_name(player) is None for player in plan.seats.players)
    replies = models if spec.simultaneous else models / spec.seats
    return EnvironmentProgress(planned, spec.typical_length, replies)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
