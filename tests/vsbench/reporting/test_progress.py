"""How long a run will take, told by a clock that tests set."""

import pytest

from vsbench import api
from vsbench.records.files import EpisodeKey
from vsbench.records.journal import JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.reporting.displays import _footer
from vsbench.reporting.progress import RunProgress
from vsbench.settings import Evaluation, RunSettings


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Replay:
    """A run under the clock: one reply after the other, each of which took so long."""

    def __init__(self, manifest: Manifest) -> None:
        self.clock = Clock()
        self.run = RunProgress(manifest, (), self.clock)

    def reply(self, evaluation: Evaluation, env: str, number: int, latency: float) -> None:
        self.tell(evaluation, env, number, _attempt(latency))

    def tell(self, evaluation: Evaluation, env: str, number: int, record: JournalRecord) -> None:
        self.run.add(EpisodeKey(evaluation, env, number), record)


def _attempt(latency: float) -> JournalRecord:
    from canned import attempt_line

    return attempt_line(latency=latency)
