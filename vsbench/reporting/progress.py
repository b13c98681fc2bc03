"""How far runs have come, counted from their journal lines."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from vsbench.records.files import EpisodeKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.runner.observer import Line
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation
from vsbench_envs import registry


@dataclass
class EnvironmentProgress:
    """How far one evaluation in one environment has come."""

    planned: int
    typical_length: int
    finished: int = 0
    steps: int = 0
    began_with: float = 0.0
    """Episodes or samples that an earlier part of the run had done."""
    open_steps: dict[int, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def add(self, key: EpisodeKey, record: JournalRecord) -> None:
        """Take in a line."""
        self.tally.add(record)
        if record.type == "step":
            self.steps += 1
            self.open_steps[key.episode] = record.step + 1
        elif record.type in ("end", "verdict"):
            self.finished += 1
            self.open_steps.pop(key.episode, None)

    @property
    def done(self) -> float:
        """Episodes played, those under way by their share of the usual length."""
        begun = (min(0.9, steps / self.typical_length) for steps in self.open_steps.values())
        return self.finished + sum(begun)

    def remaining(self, elapsed: float) -> float | None:
        """Seconds to go at the pace so far; None before there is one."""
        gained = self.done - self.began_with
        if self.finished == self.planned:
            return 0.0
        return elapsed * (self.planned - self.done) / gained if gained > 0 else None


def _usual_steps(evaluation: Evaluation, env: str) -> int:
    return registry.get(env).spec.typical_length if evaluation == "decision" else 1


class RunProgress:
    """One run's environments and what it waits for."""

    def __init__(self, manifest: Manifest, past: Iterable[Line]) -> None:
        self.model = manifest.model
        self.started = time.monotonic()
        self.environments = {
            (evaluation, plan.env): EnvironmentProgress(planned, _usual_steps(evaluation, plan.env))
            for evaluation in manifest.evaluations
            for plan in manifest.environments
            if (planned := len(plan.numbers(evaluation)))
        }
        for key, record in past:
            self.environments[key.evaluation, key.env].add(key, record)
        for environment in self.environments.values():
            environment.began_with = environment.done
        self.retry: tuple[str, float] | None = None
        """Why a call is made again, and when."""

    def add(self, key: EpisodeKey, record: JournalRecord) -> None:
        """Take in a line."""
        self.environments[key.evaluation, key.env].add(key, record)
        if record.type == "fault" and record.wait is not None:
            self.retry = (record.kind, time.monotonic() + record.wait)

    @property
    def elapsed(self) -> float:
        """Seconds since this part of the run began."""
        return time.monotonic() - self.started

    @property
    def eta(self) -> float | None:
        """Seconds to go: the environments run side by side, so the slowest counts."""
        left = [env.remaining(self.elapsed) for env in self.environments.values()]
        known = [seconds for seconds in left if seconds is not None]
        return max(known) if len(known) == len(left) and known else None

    @property
    def tally(self) -> Tally:
        """The counts of all environments."""
        total = Tally()
        for environment in self.environments.values():
            total.merge(environment.tally)
        return total


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
