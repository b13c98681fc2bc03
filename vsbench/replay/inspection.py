"""A run under examination, journal by journal, and then as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.evaluations.schedule import episode_plan
from vsbench.prompts import PromptPack
from vsbench.records.chain import Gap, Seal, chain_at, followed
from vsbench.records.files import RESULTS, EpisodeKey
from vsbench.records.journals import JournalFiles, chain_start, journal_of
from vsbench.records.manifest import Manifest
from vsbench.records.results import Results
from vsbench.replay.checks import REPLAY_ERRORS
from vsbench.replay.differences import DiffersError, Finding, Place
from vsbench.replay.episodes import EpisodeCheck
from vsbench.replay.figures import RUN, compare_results, read_results
from vsbench.replay.moments import Episode
from vsbench.replay.prompts import BlankPack, PromptTally
from vsbench.replay.samples import SampleCheck
from vsbench.replay.survey import Survey
from vsbench.replay.transcript import Answer, Transcript
from vsbench.scoring.results import score
from vsbench_envs import registry

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
    begun: dict[EpisodeKey, int] = field(default_factory=dict)
    """The number of each journal's first line."""
    damaged: bool = False
    """Whether a journal could not be read, so that nothing can be said of the whole."""

    async def unit(self, key: EpisodeKey) -> Finding | None:
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

    def _read(self, key: EpisodeKey) -> Transcript | Answer | None:
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
            plan=episode_plan(self.manifest, self.found.plans[key.env], key.episode),
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
