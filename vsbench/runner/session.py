"""One model's run: every unit of work opened at once, every fact journalled, the end told."""

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
from vsbench.runner.calls import CallGivenUpError, ModelCalls
from vsbench.runner.directory import write_results
from vsbench.runner.journal import Journal, JournalWriteError, RunChain
from vsbench.runner.limits import Limits, RunStoppedError
from vsbench.runner.observer import Observer, RunReport
from vsbench.scoring.results import results_of

LEAVES_UNFINISHED = (RunStoppedError, CallGivenUpError, JournalWriteError)
"""Ends of an episode after which it can be resumed."""


class Session:
    """A run directory at work. Whoever opens it holds the directory's lock until it has run.

    Raises:
        UsageError: a journal is damaged or of another run.
    """

    def __init__(
        self,
        directory: Path,
        manifest: Manifest,
        pack: PromptPack,
        calls: Mapping[str, ModelCalls],
        limits: Limits,
        observer: Observer,
        samples_at_once: int = 128,
        datasets: Path | None = None,
    ) -> None:
        self._directory = directory
        self._manifest = manifest
        self._pack = pack
        self._limits = limits
        self._observer = observer
        self._calls = calls
        # An episode is a long chain and should begin early. Samples can wait, and had better: each
        # that is being asked about keeps its pictures in memory.
        self._room_for_samples = asyncio.Semaphore(samples_at_once)
        self._beginning = asyncio.Lock()
        chain = RunChain(directory)
        self._work = [
            (unit, Journal(directory, unit.key, self._tell, chain))
            for unit in units(manifest, datasets)
        ]
        for unit, journal in self._work:
            check_opening(unit, journal)
        chain.go_on(journal.content for _, journal in self._work)

    async def run(self) -> RunReport:
        """Play what is unfinished."""
        with reporting_defects(self._directory):
            self._observer.opened(
                self._directory,
                self._manifest,
                [(journal.key, line) for _, journal in self._work for line in journal.past],
            )
            self._enter_past(journal for _, journal in self._work)
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
            if not isinstance(problem, LEAVES_UNFINISHED):
                raise problem
        return problems

    async def _play(
        self, unit: Unit, journal: Journal, models: Mapping[str, VLMPlayer]
    ) -> Exception | None:
        try:
            async with self._room(unit):
                await self._take_turn()
                self._limits.check()
                await unit.play(models, journal)
        except (RunStoppedError, CallGivenUpError) as error:
            return error
        except Exception as error:
            # Something is wrong with the run as a whole; what is under way may still end.
            self._limits.stop("failure", str(error))
            return error
        return None

    def _room(self, unit: Unit) -> AbstractAsyncContextManager[None]:
        return nullcontext() if unit.key.evaluation == "decision" else self._room_for_samples

    async def _take_turn(self) -> None:
        """Let one unit begin in each pass of the event loop.

        What comes before a first call (replaying to a state, drawing, writing the prompt) takes
        the processor. Thousands of units that did it all at once would keep the calls of the first
        from being made, and their replies from being read.
        """
        async with self._beginning:
            await asyncio.sleep(0)

    def _tell(self, key: UnitKey, record: JournalRecord) -> None:
        self._observer.happened(self._directory, key, record)

    def _enter_past(self, journals: Iterable[Journal]) -> None:
        for journal in journals:
            for line in journal.past:
                if isinstance(line, Attempt):
                    self._limits.spent(line.cost or 0.0, line.usage.input + line.usage.output)

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
            exit=_exit(results, self._limits),
            why=tuple(why),
            odd_replies={k: n for calls in self._calls.values() for k, n in calls.remarks.items()},
        )


def _exit(results: Results, limits: Limits) -> Exit:
    if results.complete:
        return Exit.COMPLETE
    cause = limits.stopped.cause if limits.stopped else None
    if cause == "interrupt":
        return Exit.INTERRUPTED
    return Exit.BUDGET if cause in ("cost", "tokens", "time") else Exit.INCOMPLETE
