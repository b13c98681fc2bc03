"""Run one model: start all units, journal every event, report the results."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from vsbench.defects import reporting_defects
from vsbench.errors import Exit
from vsbench.evaluations.units import Unit, check_opening
from vsbench.planning.units import units
from vsbench.players.vlm import VLMPlayer
from vsbench.prompts import PromptPack
from vsbench.records.files import UnitKey
from vsbench.records.journal import Attempt, JournalRecord
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results
from vsbench.runner.budget import Budget, RunStoppedError
from vsbench.runner.calls import CallGivenUpError, ModelCalls
from vsbench.runner.directory import write_results
from vsbench.runner.journal import Journal, JournalWriteError, RunChain
from vsbench.runner.observer import Observer, RunReport
from vsbench.scoring.results import results_of

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
        samples_at_once: number of samples in progress.
        datasets: a file or folder with data sets, unless they are the shipped ones.

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
        samples_at_once: int = 128,
        datasets: Path | None = None,
    ) -> None:
        self._directory = directory
        self._manifest = manifest
        self._pack = pack
        self._budget = budget
        self._observer = observer
        self._calls = calls
        # Episodes are long chains of calls and should start early. Samples can wait: each one in
        # progress keeps its pictures in memory.
        self._sample_slots = asyncio.Semaphore(samples_at_once)
        self._starting = asyncio.Lock()
        chain = RunChain(directory)
        self._work = [
            (unit, Journal(directory, unit.key, self._on_record, chain))
            for unit in units(manifest, datasets)
        ]
        for unit, journal in self._work:
            check_opening(unit, journal)
        chain.resume(journal.content for _, journal in self._work)

    async def run(self) -> RunReport:
        """Play all unfinished units."""
        with reporting_defects(self._directory):
            self._observer.opened(
                self._directory,
                self._manifest,
                [(journal.key, line) for _, journal in self._work for line in journal.past],
            )
            self._book_past(journal for _, journal in self._work)
            report = self._report(await self._play_all(self._work))
            self._observer.closed(report)
            return report

    async def _play_all(self, work: Sequence[tuple[Unit, Journal]]) -> list[Exception]:
        models = {
            model: VLMPlayer(
                self._pack, self._manifest.model_settings, self._manifest.models[model], calls.ask
            )
            for model, calls in self._calls.items()
        }
        ends = await asyncio.gather(*(self._play(*pair, models) for pair in work))
        problems = [end for end in ends if end is not None]
        for problem in problems:
            if not isinstance(problem, RESUMABLE):
                raise problem
        return problems

    async def _play(
        self, unit: Unit, journal: Journal, models: Mapping[str, VLMPlayer]
    ) -> Exception | None:
        try:
            async with self._slot(unit):
                await self._wait_to_start()
                self._budget.check()
                await unit.play(models, journal)
        except (RunStoppedError, CallGivenUpError) as error:
            return error
        except Exception as error:
            # Something is wrong with the run as a whole; calls in progress may still complete.
            self._budget.stop("failure", str(error))
            return error
        return None

    def _slot(self, unit: Unit) -> AbstractAsyncContextManager[None]:
        return nullcontext() if unit.key.evaluation == "decision" else self._sample_slots

    async def _wait_to_start(self) -> None:
        """Start one unit in each iteration of the event loop.

        What precedes a first call (replaying to a state, drawing, rendering the prompt) is CPU
        work. Thousands of units that did it all at once would delay the calls of the first ones.
        """
        async with self._starting:
            await asyncio.sleep(0)

    def _on_record(self, key: UnitKey, record: JournalRecord) -> None:
        self._observer.happened(self._directory, key, record)

    def _book_past(self, journals: Iterable[Journal]) -> None:
        for journal in journals:
            for line in journal.past:
                if isinstance(line, Attempt):
                    self._budget.spend(line.cost or 0.0, line.usage.input + line.usage.output)

    def _report(self, problems: list[Exception]) -> RunReport:
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
            exit=_exit(results, self._budget),
            why=tuple(why),
            odd_replies={k: n for calls in self._calls.values() for k, n in calls.hints.items()},
        )


def _exit(results: Results, budget: Budget) -> Exit:
    if results.complete:
        return Exit.COMPLETE
    cause = budget.stopped.cause if budget.stopped else None
    if cause == "interrupt":
        return Exit.INTERRUPTED
    return Exit.BUDGET if cause in ("cost", "tokens", "time") else Exit.INCOMPLETE
