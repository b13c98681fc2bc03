"""Run one model: play its units, journal every event, report the results."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from vsbench.defects import reporting_defects
from vsbench.errors import Exit
from vsbench.evaluations.units import check_opening
from vsbench.logs import UNIT
from vsbench.planning.units import UnitQueue, unit_queues
from vsbench.players.vlm import VLMPlayer
from vsbench.prompts import PromptPack
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.records.journals import JournalFiles, open_journal
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results
from vsbench.runner.budget import NO_EXPENSE, Budget, RunStoppedError
from vsbench.runner.calls import CallGivenUpError, ModelCalls
from vsbench.runner.concurrency import RANK
from vsbench.runner.directory import write_results
from vsbench.runner.journal import Journal, JournalWriteError, RunChain
from vsbench.runner.observer import Line, Observer, RunReport
from vsbench.runner.schedule import Lane, Schedule, Until
from vsbench.scoring.results import results_of

log = logging.getLogger(__name__)

RESUMABLE = (RunStoppedError, CallGivenUpError, JournalWriteError)
"""Errors that leave an episode unfinished, to be resumed later."""


class Session:
    """Plays the units of a run directory. The caller holds the directory's lock meanwhile.

    Args:
        directory: of the run.
        manifest: of the run.
        pack: the prompts of the run.
        calls: of each model in a seat, by full id.
        budget: shared with all runs of the command.
        observer: follows the run.
        schedule: begins the units; shared with all runs of the command.
        datasets: a file or folder with data sets, unless they are the shipped ones.
        until: how many units to play.

    Raises:
        UsageError: a journal is damaged or of another run.
    """

    def __init__(
        self,
        directory: Path,
        manifest: Manifest,
        pack: PromptPack,
        calls: Mapping[str, ModelCalls],
        budget: Budget,
        observer: Observer,
        schedule: Schedule | None = None,
        datasets: Path | None = None,
        until: Until = MappingProxyType({}),
    ) -> None:
        self._directory = directory
        self._manifest = manifest
        self._budget = budget
        self._observer = observer
        self._calls = calls
        self._schedule = schedule or Schedule(budget)
        self._models = {
            model: VLMPlayer(pack, manifest.model_settings, manifest.models[model], one.ask)
            for model, one in calls.items()
        }
        self._problems: list[Exception] = []
        self._chain = RunChain(directory)
        past = JournalFiles(directory, manifest)
        self._began = tuple(past)
        """Units that have a journal."""
        self._lanes = {
            queue.name: self._lane(queue, past, until.get(queue.name))
            for queue in unit_queues(manifest, datasets)
        }
        self._chain.resume(past)
        spent = (lane.forecast.spent for lane in self._lanes.values())
        budget.book_past(directory, sum(spent, NO_EXPENSE))

    def _lane(self, queue: UnitQueue, past: JournalFiles, until: int | None) -> Lane:
        """Check what an earlier part of the run has recorded of a queue, and go on from there."""
        lane = Lane(queue, until)
        for number in queue.numbers:
            key = queue.key(number)
            if (records := past.get(key)) is not None:
                check_opening(queue.unit(number), key.path(self._directory), records)
                lane.recall(number, records)
        return lane

    async def run(self) -> RunReport:
        """Play all unfinished units."""
        log.info(
            "%s in %s; begun before: %d episodes and samples",
            self._manifest.model,
            self._directory,
            len(self._began),
        )
        with reporting_defects(self._directory):
            self._observer.opened(self._directory, self._manifest, self._past_lines())
            stops = await self._schedule.play(tuple(self._lanes.values()), self._play)
            for problem in self._problems:
                if not isinstance(problem, RESUMABLE):
                    raise problem
            report = self._report([*self._problems, *stops])
            self._observer.closed(report)
            return report

    def _past_lines(self) -> Iterator[Line]:
        """Read the lines of an earlier part of the run again, a journal at a time."""
        for key in self._began:
            for line in open_journal(self._directory, key).records:
                yield key, line

    async def _play(self, lane: Lane, number: int, rank: float) -> None:
        RANK.set(rank)
        unit = lane.queue.unit(number)
        UNIT.set(f"{unit.key.evaluation}/{unit.key.env}/{number}")
        log.debug("begin or resume")
        try:
            self._budget.check()
            await unit.play(
                self._models,
                Journal(self._directory, unit.key, self._on_record, self._chain),
            )
        except (RunStoppedError, CallGivenUpError) as error:
            log.info("left unfinished: %s", error)
            self._problems.append(error)
        except Exception as error:
            # Something is wrong with the run as a whole; calls in progress may still complete.
            self._problems.append(error)
            self._budget.stop("failure", str(error))

    def _on_record(self, key: UnitKey, record: JournalRecord) -> None:
        self._schedule.add(self._lanes[key.evaluation, key.env], key.number, record)
        self._observer.happened(self._directory, key, record)

    def _report(self, problems: Sequence[Exception]) -> RunReport:
        results = results_of(self._directory, self._manifest)
        why = list(dict.fromkeys(str(problem) for problem in problems))
        try:
            write_results(self._directory, results)
        except OSError as error:
            why.append(f"results.json could not be written: {error.strerror}")
        return RunReport(
            directory=self._directory,
            manifest=self._manifest,
            results=results,
            exit=_exit(results, problems, self._budget),
            why=tuple(why),
            odd_replies={k: n for calls in self._calls.values() for k, n in calls.hints.items()},
        )


def _exit(results: Results, problems: Sequence[Exception], budget: Budget) -> Exit:
    if results.complete or not problems:
        return Exit.COMPLETE
    stops = [budget.stopped, *problems]
    causes = {stop.cause for stop in stops if isinstance(stop, RunStoppedError)}
    if "interrupt" in causes:
        return Exit.INTERRUPTED
    return Exit.BUDGET if causes & {"cost", "tokens", "time"} else Exit.INCOMPLETE
