"""Find the decisions and answers in which two runs differ, those that cost most first."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vsbench.records.comparison import Choice, ChoicePair
from vsbench.records.files import UnitKey
from vsbench.records.journal import Decision, JournalRecord, Outcome, Step, Verdict
from vsbench.scoring.episodes import Finished, finished
from vsbench.scoring.results import Judged
from vsbench.settings import Evaluation

MISREAD = 3
"""Misread elements that an answer in perception is shown by."""


@dataclass(frozen=True)
class RecordedEpisode:
    """A finished episode with its joint moves and the model's decisions."""

    finished: Finished
    score: float
    steps: tuple[Step, ...]
    decisions: Mapping[tuple[int, int], Decision]
    """By step and seat."""

    @classmethod
    def parse(cls, lines: Sequence[JournalRecord], score: float) -> RecordedEpisode | None:
        """Read an episode from its journal; None if it has not ended."""
        found = finished(lines)
        if found is None:
            return None
        return cls(
            finished=found,
            score=score,
            steps=tuple(line for line in lines if isinstance(line, Step)),
            decisions={
                (line.step, line.seat): line for line in lines if isinstance(line, Decision)
            },
        )

    def choice(self, step: Step, seat: int) -> tuple[str, Outcome]:
        """Return the action of a seat, and the outcome of its decision."""
        decision = self.decisions.get((step.step, seat))
        # Bots make no decisions.
        return step.moves.get(seat, ""), "ok" if decision is None else decision.outcome


@dataclass(frozen=True)
class Replays:
    """Where the episodes of a run are replayed."""

    source: str
    """Of the run, as commands take it."""
    prefix: str
    """Of the files' paths: a folder and the run's name, such as ``replays/base-``."""

    def choice(
        self, key: UnitKey, action: str, outcome: Outcome, step: int | None = None
    ) -> Choice:
        """Return the record of a choice, with the command that shows it."""
        page = f"{self.prefix}{key.page}.html"
        command = ["vsbench", "replay", self.source, "--html", key.written, "--to", page]
        return Choice(
            action=action,
            outcome=outcome,
            replay=shlex.join(command),
            page=page if step is None else f"{page}#step={step}",
        )


def worse_decisions(
    env: str,
    base: Mapping[int, RecordedEpisode],
    new: Mapping[int, RecordedEpisode],
    replays: tuple[Replays, Replays],
) -> Iterator[ChoicePair]:
    """Yield where paired episodes part in which the new run scored less.

    Up to the first move that differs both runs were in the same state. Episodes whose first
    different move is not the measured model's are left out.
    """
    for number in sorted(base.keys() & new.keys()):
        one, other = base[number], new[number]
        difference = other.score - one.score
        parted = _parting(one, other) if difference < 0 else None
        if parted is None:
            continue
        first, second, seat = parted
        key = UnitKey("decision", env, number)
        yield ChoicePair(
            evaluation="decision",
            environment=env,
            number=number,
            step=first.step,
            seat=seat,
            base=replays[0].choice(key, *one.choice(first, seat), first.step),
            new=replays[1].choice(key, *other.choice(second, seat), second.step),
            difference=difference,
        )


def worse_answers(
    evaluation: Evaluation,
    env: str,
    base: Mapping[int, Judged],
    new: Mapping[int, Judged],
    replays: tuple[Replays, Replays],
) -> Iterator[ChoicePair]:
    """Yield the samples that the new run answered worse."""
    for number in sorted(base.keys() & new.keys()):
        one, other = base[number], new[number]
        if other.percent < one.percent:
            key = UnitKey(evaluation, env, number)
            yield ChoicePair(
                evaluation=evaluation,
                environment=env,
                number=number,
                step=None,
                seat=one.opened.seat,
                base=replays[0].choice(key, _answer(one.verdict), one.verdict.outcome),
                new=replays[1].choice(key, _answer(other.verdict), other.verdict.outcome),
                difference=other.percent - one.percent,
            )


def worst(pairs: Iterable[ChoicePair], limit: int) -> tuple[ChoicePair, ...]:
    """Return the choices that cost most: the worst of each game, then the second worst, and so on.

    Points of different games say little of each other: one hand of poker may cost hundreds.
    """
    seen: Counter[tuple[Evaluation, str]] = Counter()
    ranked = []
    for pair in sorted(pairs, key=lambda pair: pair.difference):
        game = pair.evaluation, pair.environment
        ranked.append((seen[game], pair.difference, pair))
        seen[game] += 1
    ranked.sort(key=lambda each: each[:2])
    return tuple(pair for *_, pair in ranked[:limit])


def _parting(base: RecordedEpisode, new: RecordedEpisode) -> tuple[Step, Step, int] | None:
    """Return the first joint moves that differ, and the measured seat whose moves do."""
    for one, other in zip(base.steps, new.steps, strict=False):
        if one.moves != other.moves:
            for seat in base.finished.opened.measured:
                if one.moves.get(seat) != other.moves.get(seat):
                    return one, other, seat
            return None
    return None


def _answer(verdict: Verdict) -> str:
    """Return the action predicted, or what was misread."""
    if verdict.answer is not None:
        return verdict.answer
    if not verdict.misread:
        return "all elements right" if verdict.credit == 1 else ""
    listed = [
        f"{element} read as {answer or 'nothing'}, not {truth}"
        for element, (truth, answer) in list(verdict.misread.items())[:MISREAD]
    ]
    more = len(verdict.misread) - MISREAD
    return "; ".join([*listed, f"{more} more"] if more > 0 else listed)
