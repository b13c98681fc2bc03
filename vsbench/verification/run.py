"""Verify a run: derive what it recorded again, and compare.

Everything in a run directory follows from ``run.json``, except the models' replies and what calls
cost in time and tokens. So it is derived again and compared: seeds and seats, every bot's move, how
every reply was read and what it led to, prompts, states and rewards step by step, ends, verdicts,
results. The first difference in each episode is reported. Whether a model really gave these replies
cannot be verified.
"""

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
from vsbench.reconstruction.exchanges import recorded_prompts
from vsbench.reconstruction.findings import Finding, Location, MismatchError
from vsbench.reconstruction.transcript import EpisodeTranscript, SampleTranscript
from vsbench.records.chain import Gap, Seal, chain_at, follow_chain
from vsbench.records.files import RESULTS, UnitKey, open_run
from vsbench.records.journals import JournalFiles, chain_start, open_journal
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results
from vsbench.scoring.results import score
from vsbench.verification.inventory import Inventory, take_inventory
from vsbench.verification.results import RUN, compare_results, load_results, results_missing
from vsbench.verification.units import (
    REPLAY_ERRORS,
    EpisodeCheck,
    PromptTally,
    SampleCheck,
)
from vsbench.versions import versions
from vsbench_envs import registry

DRAWING_PACKAGES = {"vsbench", "pillow"}
"""Packages that determine pixels."""

MAX_NAMED = 3
"""Episodes that a finding names."""

Progress = Callable[[int, int], None]
"""Called after each episode or sample with the number verified and the total."""


@dataclass(frozen=True)
class Verification:
    """The outcome of verifying a run."""

    directory: Path
    manifest: Manifest
    findings: tuple[Finding, ...]
    finished: int
    """Episodes with an end, and samples with a verdict."""
    unfinished: int
    """The other planned episodes and samples; the recorded part of those that have begun is
    verified."""
    steps: int
    """Joint moves that lead to the recorded state."""
    decisions: int
    """Models' decisions that follow from their replies."""
    bot_moves: int
    """Bots' moves that were decided again."""
    samples: int
    """Samples whose verdict follows from the answer."""
    prompts: int
    """Prompts that were rendered again and compared."""
    versions: dict[str, tuple[str | None, str | None]]
    """Packages whose version differs: at the time of the run, and here. They may explain
    differences."""

    @property
    def ok(self) -> bool:
        """Whether no finding is an error; the run may still be unfinished."""
        return not any(finding.is_error for finding in self.findings)


def verify(
    directory: str | Path,
    progress: Progress | None = None,
    *,
    datasets: Path | None = None,
    trust_prompts: bool = False,
) -> Verification:
    """Verify a run directory, which may come from an untrusted source.

    Bots that search use all processors. In an event loop, call it from a thread. Journals are read
    one at a time.

    Args:
        directory: of one run.
        progress: called after each episode or sample.
        datasets: file or folder with the run's data sets, unless they ship.
        trust_prompts: render prompts of an unknown pack. Templates are programs; they run in a
            process with limits. Without it, such prompts are not compared, which is a finding.

    Raises:
        UsageError: the directory has no readable manifest.
        MissingExtraError: a game needs an extra that is not installed.
    """
    return run_blocking(
        _verify(Path(directory), progress or (lambda done, total: None), datasets, trust_prompts)
    )


async def _verify(
    directory: Path, progress: Progress, datasets: Path | None, trust_prompts: bool
) -> Verification:
    manifest = open_run(directory)
    inventory = take_inventory(directory, manifest, datasets)
    pack, doubts = recorded_prompts(directory, manifest, trust_prompts)
    tally = PromptTally()
    check = RunCheck(directory, manifest, inventory, pack, None if doubts else tally)
    try:
        differences = await _check_units(inventory.keys, check, progress)
    finally:
        pack.close()
    planned = sum(
        len(plan.numbers(evaluation))
        for plan in inventory.plans.values()
        for evaluation in manifest.evaluations
    )
    changed = _changed_versions(manifest)
    counts = check.counts
    return Verification(
        directory=directory,
        manifest=manifest,
        findings=(
            *inventory.findings,
            *doubts,
            *differences,
            *tally.findings(same_software=not changed.keys() & DRAWING_PACKAGES),
            *check.check_whole(),
        ),
        finished=counts.finished,
        unfinished=planned - counts.finished,
        steps=counts.steps,
        decisions=counts.decisions,
        bot_moves=counts.bot_moves,
        samples=counts.samples,
        prompts=tally.rendered,
        versions=changed,
    )


async def _check_units(
    keys: Sequence[UnitKey], check: RunCheck, progress: Progress
) -> list[Finding]:
    """The first finding of each episode or sample that has one."""
    # More at a time than there are processors, so that turns are prepared while others search.
    slots = asyncio.Semaphore(2 * (os.cpu_count() or 1))
    done = count(1)

    async def run(key: UnitKey) -> Finding | None:
        async with slots:
            finding = await check.check_unit(key)
        progress(next(done), len(keys))
        return finding

    return [finding for finding in await asyncio.gather(*map(run, keys)) if finding]


def _changed_versions(manifest: Manifest) -> dict[str, tuple[str | None, str | None]]:
    then, now = manifest.versions, versions()
    pairs = {name: (then.get(name), now.get(name)) for name in {**then, **now}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass
class Counts:
    """Numbers of things verified; see :class:`Verification`."""

    finished: int = 0
    steps: int = 0
    decisions: int = 0
    bot_moves: int = 0
    samples: int = 0


@dataclass
class RunCheck:
    """Verifies a run journal by journal, then as a whole.

    Of a journal that is verified, only its seals are kept.
    """

    directory: Path
    manifest: Manifest
    inventory: Inventory
    pack: PromptPack
    prompts: PromptTally | None
    """Compares prompts; None if they cannot be rendered again."""
    counts: Counts = field(default_factory=Counts)
    seals: list[Seal] = field(default_factory=list)
    first_lines: dict[UnitKey, int] = field(default_factory=dict)
    """The number of each journal's first line."""
    damaged: bool = False
    """Whether a journal could not be read, so that the whole cannot be verified."""

    async def check_unit(self, key: UnitKey) -> Finding | None:
        """Verify an episode or sample, and return the first difference."""
        try:
            transcript = self._read(key)
        except MismatchError as error:
            return error.finding
        if transcript is None:
            return None
        counts = self.counts
        counts.finished += transcript.closed is not None
        if isinstance(transcript, SampleTranscript):
            asked = self.inventory.samples[key]
            sample = SampleCheck(asked, transcript, self.pack, self.manifest, self.prompts)
            finding = await sample.run()
            counts.samples += sample.verdicts
            return finding
        episode = EpisodeCheck(self._episode(transcript), self.prompts)
        finding = await episode.run()
        counts.steps += episode.steps
        counts.decisions += episode.decisions
        counts.bot_moves += episode.bot_moves
        return finding

    def _read(self, key: UnitKey) -> EpisodeTranscript | SampleTranscript | None:
        """Parse a journal; None if it is empty. Raises MismatchError if it is damaged."""
        location = Location(key)
        try:
            journal = open_journal(self.directory, key)
        except UsageError as error:
            self.damaged = True
            raise location.mismatch("file", "the journal", "damaged", str(error)) from None
        if not journal.records:
            return None
        self.seals += journal.seals
        self.first_lines[key] = journal.seals[0].line
        kind = EpisodeTranscript if key.evaluation == "decision" else SampleTranscript
        transcript = kind.parse(key, journal.records)
        if transcript is not None and transcript.closed is not None:
            # A crash tears the last line, but the runner writes none after the end.
            location.expect("order", "after the end", "a torn line" if journal.torn else "", "")
        return transcript

    def _episode(self, transcript: EpisodeTranscript) -> Episode:
        key = transcript.key
        return Episode(
            manifest=self.manifest,
            plan=episode_plan(self.manifest, self.inventory.plans[key.env], key.number),
            game=registry.get(key.env),
            pack=self.pack,
            transcript=transcript,
        )

    def check_whole(self) -> list[Finding]:
        """Verify the chain and the results, once all journals have been verified."""
        invalid_plan = any(finding.kind == "plan" for finding in self.inventory.findings)
        if invalid_plan or self.damaged:
            return []
        chain = follow_chain(chain_start(self.directory), self.seals)
        findings = [self._missing_lines(chain.gaps)] if chain.gaps else []
        if chain.broken is not None:
            subject = f"line {chain.broken} of the run"
            error = RUN.mismatch("chain", subject, "another line", "the one that was written")
            findings.append(error.finding)
        try:
            findings += self._check_results(chain.head.lines)
        except MismatchError as error:
            findings.append(error.finding)
        except (UsageError, *REPLAY_ERRORS) as error:
            problem = f"{type(error).__name__}: {error}"
            findings.append(RUN.mismatch("results", "the journals", "invalid", problem).finding)
        return findings

    def _missing_lines(self, gaps: Sequence[Gap]) -> Finding:
        """Report missing lines, and the journals that were begun after them."""
        first = gaps[0].first
        later = [str(Location(key)) for key, line in self.first_lines.items() if line > first]
        names = ", ".join(later[:MAX_NAMED]) + (" and more" if len(later) > MAX_NAMED else "")
        since = f"; begun later, perhaps again: {names}" if names else ""
        total = sum(gap.count for gap in gaps)
        recorded = f"{total} missing, the first is number {first}{since}"
        return RUN.mismatch("chain", "the run's lines", recorded, "none missing").finding

    def _check_results(self, lines: int) -> list[Finding]:
        """Compare ``results.json`` with the journals as they were when it was written.

        Raises:
            MismatchError: at the first figure that differs.
        """
        recorded = load_results(self.directory, Results)
        if recorded is None:
            return [results_missing(RUN)]
        head = recorded.head
        chain = chain_at(self.seals, chain_start(self.directory), head.lines)
        RUN.expect("results", f"{RESULTS} › head › chain", head.chain, chain)
        journals = JournalFiles(self.directory, self.manifest, head.lines)
        compare_results(recorded, score(self.manifest, journals, head=head))
        if head.lines < lines:
            then, now = f"of the first {head.lines} lines", f"{lines} lines"
            return [RUN.mismatch("stale", RESULTS, then, now).finding]
        return []
