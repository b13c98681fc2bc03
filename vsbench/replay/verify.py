"""Verification: is this what a run with these seeds, players and replies would have recorded?

Everything in a run directory but the models' replies, and what calls took, follows from
``run.json``. So it is derived again and compared: seeds and seats, every scripted move, how every
reply was read and what it led to, the prompts, states and rewards step by step, ends, verdicts,
results. In each episode the first difference is named. What replies said cannot be proved by any
replay.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from vsbench.blocking import run_blocking
from vsbench.records.files import EpisodeKey, open_run
from vsbench.records.manifest import Manifest
from vsbench.replay.differences import Finding
from vsbench.replay.inspection import Inspection
from vsbench.replay.prompts import recorded_prompts
from vsbench.replay.survey import survey
from vsbench.versions import versions

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
    keys: Sequence[EpisodeKey], inspection: Inspection, progress: Progress
) -> list[Finding]:
    """What differs in each episode or sample, if anything does."""
    # More than there are processors, so that turns are prepared while others are searched.
    room = asyncio.Semaphore(2 * (os.cpu_count() or 1))
    done = count(1)

    async def run(key: EpisodeKey) -> Finding | None:
        async with room:
            finding = await inspection.unit(key)
        progress(next(done), len(keys))
        return finding

    return [finding for finding in await asyncio.gather(*map(run, keys)) if finding]


def _changed_versions(manifest: Manifest) -> dict[str, tuple[str | None, str | None]]:
    then, now = manifest.versions, versions()
    pairs = {name: (then.get(name), now.get(name)) for name in {**then, **now}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
