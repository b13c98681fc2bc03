"""Results of reasoning and perception from their journals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vsbench.records.journal import OUTCOMES, JournalRecord, SampleOpened, Verdict
from vsbench.records.results import Figure, SampleResult
from vsbench.scoring.intervals import figure, wilson
from vsbench.scoring.tally import Tally
from vsbench.settings import Evaluation

THIRDS = ("first", "second", "last")
MISREAD = 20
"""Confusions that results list."""


@dataclass(frozen=True)
class Judged:
    """A sample and what the answer to it was worth."""

    opened: SampleOpened
    verdict: Verdict

    @property
    def percent(self) -> float:
        """The credit."""
        return 100 * self.verdict.credit


def judged(journals: Iterable[Sequence[JournalRecord]]) -> tuple[list[Judged], Tally]:
    """The samples that have a verdict, and the calls that all of them took."""
    done, tally = [], Tally()
    for lines in journals:
        for line in lines:
            tally.add(line)
        if lines and isinstance(lines[0], SampleOpened) and isinstance(lines[-1], Verdict):
            done.append(Judged(lines[0], lines[-1]))
    return done, tally


def score_samples(
    evaluation: Evaluation, env: str, planned: int, done: Sequence[Judged], tally: Tally
) -> SampleResult:
    """The figures of one environment."""
    reasoning = evaluation == "reasoning"

    def share(samples: Sequence[Judged]) -> Figure:
        if reasoning:
            return wilson([sample.verdict.credit for sample in samples])
        return figure([sample.percent for sample in samples])

    def split(by: Callable[[SampleOpened], str | int | None]) -> dict[str, Figure]:
        parts: dict[str, list[Judged]] = {}
        for sample in done:
            if (part := by(sample.opened)) is not None:
                parts.setdefault(str(part), []).append(sample)
        return {name: share(parts[name]) for name in sorted(parts)}

    chances = [s.verdict.chance for s in done if s.verdict.chance is not None]
    outcomes = Counter(sample.verdict.outcome for sample in done)
    confusions = Counter(pair for s in done for pair in s.verdict.misread.values())
    return SampleResult(
        evaluation="reasoning" if reasoning else "perception",
        env=env,
        planned=planned,
        finished=len(done),
        score=share(done) if done else None,
        chance=100 * sum(chances) / len(chances) if chances else None,
        by_source=split(lambda opened: opened.source),
        by_seat=split(lambda opened: opened.target),
        by_third=split(lambda opened: None if opened.third is None else THIRDS[opened.third]),
        unusable={name: outcomes[name] for name in OUTCOMES if name != "ok" and outcomes[name]},
        misread=tuple((*pair, times) for pair, times in confusions.most_common(MISREAD)),
        usage=tally.usage,
    )
