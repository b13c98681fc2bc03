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
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from vsbench.evaluations.schedule import episode_plan
from vsbench.prompts import PromptPack
from vsbench.records.files import open_run
from vsbench.records.manifest import Manifest
from vsbench.replay.checks import SENSELESS, Check
from vsbench.replay.differences import DiffersError, Finding, Place
from vsbench.replay.episodes import EpisodeCheck
from vsbench.replay.figures import check_results
from vsbench.replay.moments import Episode
from vsbench.replay.prompts import CHANGED_PROMPTS, BlankPack, PromptTally, recorded_pack
from vsbench.replay.samples import SampleCheck
from vsbench.replay.survey import Survey, survey
from vsbench.replay.transcript import Answer, Records, Transcript
from vsbench.scoring.results import score
from vsbench.versions import versions
from vsbench_envs import registry

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
    """Scripted players' moves that they decided on again."""
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
    packs: Collection[str] | None = None,
) -> Verification:
    """Verify a run directory. It may have been written by anybody.

    Searching players use all processors. Call it from a thread, if an event loop is running.

    Args:
        directory: of one run.
        progress: called after each episode or sample.
        packs: fingerprints of the prompt packs that may be rendered; None for any. Templates are
            programs, so a service that verifies strangers' runs names those it knows. Prompts of
            other packs are not compared then, and no data sets but the shipped ones are opened.

    Raises:
        UsageError: the directory has no manifest that can be read, so nothing to hold it against.
        MissingExtraError: a game needs what is not installed here.
    """
    return asyncio.run(_verify(Path(directory), progress, packs))


async def _verify(
    directory: Path, progress: Progress, packs: Collection[str] | None
) -> Verification:
    manifest = open_run(directory)
    found = survey(directory, manifest, own_datasets=packs is None)
    records = Records.read(directory, found.keys)
    pack = recorded_pack(directory, manifest)
    known = pack if packs is None or manifest.prompts_sha256 in packs else None
    tally = PromptTally() if known else None
    episodes = [
        EpisodeCheck(_episode(manifest, found, unit, known), tally)
        for unit in records.units
        if isinstance(unit, Transcript)
    ]
    samples = [
        SampleCheck(found.samples[unit.key], unit, known or BlankPack(), manifest, tally)
        for unit in records.units
        if isinstance(unit, Answer)
    ]
    differing = await _run_all([*episodes, *samples], progress)
    finished = sum(unit.closed is not None for unit in records.units)
    planned = sum(
        len(plan.numbers(evaluation))
        for plan in found.plans.values()
        for evaluation in manifest.evaluations
    )
    return Verification(
        directory=directory,
        manifest=manifest,
        findings=(
            *found.findings,
            *([] if pack else [CHANGED_PROMPTS]),
            *records.findings,
            *differing,
            *(tally.findings(manifest.asking.modality == "text") if tally else []),
            *_check_results(directory, manifest, found, records),
        ),
        finished=finished,
        unfinished=planned - finished,
        steps=sum(check.steps for check in episodes),
        decisions=sum(check.decisions for check in episodes),
        scripted=sum(check.scripted for check in episodes),
        samples=sum(check.judged for check in samples),
        prompts=tally.same + len(tally.other) if tally else 0,
        versions=_changed_versions(manifest),
    )


def _episode(
    manifest: Manifest, found: Survey, transcript: Transcript, pack: PromptPack | None
) -> Episode:
    key = transcript.key
    return Episode(
        manifest=manifest,
        plan=episode_plan(manifest, found.plans[key.env], key.episode),
        game=registry.get(key.env),
        pack=pack or BlankPack(),
        transcript=transcript,
    )


async def _run_all(checks: Sequence[Check], progress: Progress) -> list[Finding]:
    """What differs in each episode or sample, if anything does."""
    # More than there are processors, so that turns are prepared while others are searched.
    room = asyncio.Semaphore(2 * (os.cpu_count() or 1))
    done = count(1)

    async def run(check: Check) -> Finding | None:
        async with room:
            finding = await check.run()
        progress(next(done), len(checks))
        return finding

    return [finding for finding in await asyncio.gather(*map(run, checks)) if finding]


def _check_results(
    directory: Path, manifest: Manifest, found: Survey, records: Records
) -> list[Finding]:
    senseless = any(finding.kind == "plan" for finding in found.findings)
    if senseless or len(records.journals) < len(found.keys):
        return []  # Without a plan or a journal there are no results to compare with.
    try:
        check_results(directory, score(manifest, records.journals))
    except DiffersError as error:
        return [error.finding]
    except SENSELESS as error:
        problem = f"{type(error).__name__}: {error}"
        return [Place().differs("results", "the journals", "senseless", problem).finding]
    return []


def _changed_versions(manifest: Manifest) -> dict[str, tuple[str | None, str | None]]:
    then, now = manifest.versions, versions()
    pairs = {name: (then.get(name), now.get(name)) for name in {**then, **now}}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
