"""Verify a run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from vsbench.blocking import run_blocking
from vsbench.errors import UsageError
from vsbench.planning.units import episode_plan
from vsbench.prompts import PromptPack
from vsbench.reconstruction.episode import Episode
from vsbench.reconstruction.exchanges import BlankPack, recorded_prompts
from vsbench.reconstruction.findings import DiffersError, Finding, Place
from vsbench.reconstruction.transcript import Answer, Transcript
from vsbench.records.chain import Gap, Seal, chain_at, followed
from vsbench.records.files import RESULTS, UnitKey, open_run
from vsbench.records.journals import JournalFiles, chain_start, journal_of
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results
from vsbench.scoring.results import score
from vsbench.verification.inventory import Survey, survey
from vsbench.verification.results import RUN, compare_results, read_results
from vsbench.verification.units import REPLAY_ERRORS, EpisodeCheck, PromptTally, SampleCheck
from vsbench.versions import versions
from vsbench_envs import registry

DRAWING = {"vsbench", "pillow"}
"""The software that pictures depend on."""

Progress = Callable[[int, int], None]
"""Told after each episode or sample: how many are checked, and of how many."""


@dataclass(frozen=True)
class Verification:
    """What came of verifying a run."""

    directory: Path
    manifest: Manifest
    findings: tuple[Finding, ...]
    finished: int
    """Episodes with an end, and samples with a verdict."""
    unfinished: int
    """Those that are planned and have none, begun or not; as far as they go, they are verified."""
    steps: int
    """Joint moves that led where they were recorded to lead."""
    decisions: int
    """Models' decisions that follow from their replies."""
    scripted: int
    """Bots' moves that they decided on again."""
    samples: int
    """Samples whose verdict follows from what was answered."""
    prompts: int
    """Questions that were rendered again and compared."""
    versions: dict[str, tuple[str | None, str | None]]
    """Software whose version differs: at the run's time, and here. A place to look for reasons."""

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the record; it may still be unfinished."""
        return not any(finding.counts for finding in self.findings)


def verify(
    directory: str | Path,
    progress: Progress = lambda done, total: None,
    *,
    datasets: Path | None = None,
    trust_prompts: bool = False,
) -> Verification:
    """Verify a run directory. It may have been written by anybody.

    Searching players use all processors. Call it from a thread, if an event loop is running.
    Journals are read one after the other, and none is kept.

    Args:
        directory: of one run.
        progress: called after each episode or sample.
        datasets: a file or folder with the data sets that the run asks about, unless they ship.
        trust_prompts: whether to render a pack that is not one of ours. Templates are programs: it
            is done in a process of its own, with limits. Otherwise such prompts are not compared,
            which is a finding.

    Raises:
        UsageError: the directory has no manifest that can be read, so nothing to hold it against.
        MissingExtraError: a game needs what is not installed here.
    """
    return run_blocking(_verify(Path(directory), progress, datasets, trust_prompts))


async def _verify(
    directory: Path, progress: Progress, datasets: Path | None, trust_prompts: bool
) -> Verification:
    manifest = open_run(directory)
    found = survey(directory, manifest, datasets)
    pack, doubts = recorded_prompts(directory, manifest, trust_prompts)
    inspection = Inspection(directory, manifest, found, pack)
    try:
        differing = await _run_all(found.keys, inspection, progress)
    finally:
        if pack is not None:
            pack.close()
    planned = sum(
        len(plan.numbers(evaluation))
        for plan in found.plans.values()
        for evaluation in manifest.evaluations
    )
    changed = _changed_versions(manifest)
    counts, tally = inspection.counts, inspection.tally
    return Verification(
        directory=directory,
        manifest=manifest,
        findings=(
            *found.findings,
            *doubts,
            *differing,
            *tally.findings(drawn_alike=not changed.keys() & DRAWING),
            *inspection.check_whole(),
        ),
        finished=counts.finished,
        unfinished=planned - counts.finished,
        steps=counts.steps,
        decisions=counts.decisions,
        scripted=counts.scripted,
        samples=counts.samples,
        prompts=tally.rendered,
        versions=changed,
    )


async def _run_all(
    keys: Sequence[UnitKey], inspection: Inspection, progress: Progress
) -> list[Finding]:
    """What differs in each episode or sample, if anything does."""
    # More than there are processors, so that turns are prepared while others are searched.
    room = asyncio.Semaphore(2 * (os.cpu_count() or 1))
    done = count(1)

    async def run(key: UnitKey) -> Finding | None:
        async with room:
            finding = await inspection.unit(key)
        progress(next(done), len(keys))
        return finding

    return [finding for finding in await asyncio.gather(*map(run, keys)) if finding]


def _changed_versions(manifest: Manifest) -> dict[str, tuple[str | None, str | None]]:
    then, now = manifest.versions, versions()
    pairs = {name: (then.get(name), now.get(name)) for name in {**then, **now}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


NAMED = 3
"""Episodes that a finding names."""


@dataclass
class Counts:
    """What was derived again."""

    finished: int = 0
    steps: int = 0
    decisions: int = 0
    scripted: int = 0
    samples: int = 0


@dataclass
class Inspection:
    """Examines a run. Of a journal that is done with, only its place in the chain is kept."""

    directory: Path
    manifest: Manifest
    found: Survey
    pack: PromptPack | None
    """To render prompts again; None to leave them alone."""
    tally: PromptTally = field(default_factory=PromptTally)
    counts: Counts = field(default_factory=Counts)
    seals: list[Seal] = field(default_factory=list)
    begun: dict[UnitKey, int] = field(default_factory=dict)
    """The number of each journal's first line."""
    damaged: bool = False
    """Whether a journal could not be read, so that nothing can be said of the whole."""

    async def unit(self, key: UnitKey) -> Finding | None:
        """Examine an episode or sample, and return the first thing that differs."""
        try:
            unit = self._read(key)
        except DiffersError as error:
            return error.finding
        if unit is None:
            return None
        self.counts.finished += unit.closed is not None
        prompts = self.tally if self.pack else None
        if isinstance(unit, Answer):
            sample = self.found.samples[key]
            answer = SampleCheck(sample, unit, self.pack or BlankPack(), self.manifest, prompts)
            finding = await answer.run()
            self.counts.samples += answer.judged
            return finding
        episode = EpisodeCheck(self._episode(unit), prompts)
        finding = await episode.run()
        self.counts.steps += episode.steps
        self.counts.decisions += episode.decisions
        self.counts.scripted += episode.scripted
        return finding

    def _read(self, key: UnitKey) -> Transcript | Answer | None:
        """The lines of a journal, in an order that makes sense; None if there are none."""
        try:
            journal = journal_of(self.directory, key)
        except UsageError as error:
            self.damaged = True
            raise Place(key).differs("file", "the journal", "damaged", str(error)) from None
        if not journal.records:
            return None
        self.seals += journal.seals
        self.begun[key] = journal.seals[0].line
        kind = Transcript if key.evaluation == "decision" else Answer
        unit = kind.of(key, journal.records)
        if unit is not None and unit.closed is not None:
            # A crash tears the last line, but none comes after the end.
            Place(key).expect("order", "after the end", "a torn line" if journal.torn else "", "")
        return unit

    def _episode(self, transcript: Transcript) -> Episode:
        key = transcript.key
        return Episode(
            manifest=self.manifest,
            plan=episode_plan(self.manifest, self.found.plans[key.env], key.number),
            game=registry.get(key.env),
            pack=self.pack or BlankPack(),
            transcript=transcript,
        )

    def check_whole(self) -> list[Finding]:
        """What speaks against the run as a whole, once all its journals have been examined."""
        senseless = any(finding.kind == "plan" for finding in self.found.findings)
        if senseless or self.damaged:
            return []  # Without a plan or a journal there is nothing to compare with.
        chain = followed(chain_start(self.directory), self.seals)
        findings = [self._missing(chain.gaps)] if chain.gaps else []
        if chain.broken is not None:
            about = f"line {chain.broken} of the run"
            findings.append(RUN.differs("chain", about, "another line", "the one written").finding)
        try:
            findings += self._check_results(chain.head.lines)
        except DiffersError as error:
            findings.append(error.finding)
        except (UsageError, *REPLAY_ERRORS) as error:
            problem = f"{type(error).__name__}: {error}"
            findings.append(RUN.differs("results", "the journals", "senseless", problem).finding)
        return findings

    def _missing(self, gaps: Sequence[Gap]) -> Finding:
        """Lines that are gone, and the journals that were begun since then."""
        first = gaps[0].first
        later = [str(Place(key)) for key, line in self.begun.items() if line > first]
        names = ", ".join(later[:NAMED]) + (" and more" if len(later) > NAMED else "")
        since = f"; begun since, perhaps again: {names}" if names else ""
        count = sum(gap.count for gap in gaps)
        recorded = f"{count} missing, the first is number {first}{since}"
        return RUN.differs("chain", "lines that the run wrote", recorded, "none missing").finding

    def _check_results(self, lines: int) -> list[Finding]:
        """Hold ``results.json`` against the journals as they stood when it was written.

        Raises:
            DiffersError: it is not what they amounted to.
        """
        recorded = read_results(self.directory, Results)
        if recorded is None:
            there = "the figures can be worked out again"
            return [RUN.differs("stale", RESULTS, "not written", there).finding]
        head = recorded.head
        chain = chain_at(self.seals, chain_start(self.directory), head.lines)
        RUN.expect("results", f"{RESULTS} › head › chain", head.chain, chain)
        journals = JournalFiles(self.directory, self.manifest, head.lines)
        compare_results(recorded, score(self.manifest, journals, head=head))
        if head.lines < lines:
            now = f"{lines} lines"
            return [RUN.differs("stale", RESULTS, f"of the first {head.lines} lines", now).finding]
        return []
