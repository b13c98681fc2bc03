"""Count the decisions, replies, tokens and cost in journals; also used for progress."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from vsbench.records.journal import (
    OUTCOMES,
    Attempt,
    Decision,
    Fault,
    JournalRecord,
    Outcome,
    TokenUsage,
    Verdict,
)
from vsbench.records.results import SeatResult, Usage


@dataclass
class Tally:
    """Counts of journal lines."""

    decisions: Counter[Outcome] = field(default_factory=Counter)
    attempts: Counter[Outcome] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    from_cache: int = 0
    expected_input: int = 0
    cost: float | None = None
    latency: float = 0.0

    def add(self, record: JournalRecord) -> None:
        """Count a line."""
        match record:
            case Decision() | Verdict():
                self.decisions[record.outcome] += 1
            case Attempt():
                self.attempts[record.outcome] += 1
                for name in TokenUsage.model_fields:
                    self.tokens[name] += getattr(record.usage, name)
                self.from_cache += record.from_cache
                if record.usage.input:
                    self.expected_input += record.expected_input
                if record.cost is not None:
                    self.cost = (self.cost or 0.0) + record.cost
                self.latency += record.latency
            case Fault():
                self.faults[record.kind] += 1

    def merge(self, other: Tally) -> None:
        """Add another tally's counts."""
        self.decisions += other.decisions
        self.attempts += other.attempts
        self.faults += other.faults
        self.tokens += other.tokens
        self.from_cache += other.from_cache
        self.expected_input += other.expected_input
        if other.cost is not None:
            self.cost = (self.cost or 0.0) + other.cost
        self.latency += other.latency

    @property
    def usage(self) -> Usage:
        """The counts of calls, as in results."""
        return Usage(
            replies=self.attempts.total(),
            faults=dict(sorted(self.faults.items())),
            from_cache=self.from_cache,
            expected_input=self.expected_input,
            cost=None if self.cost is None else round(self.cost, 6),
            latency=round(self.latency, 3),
            **{name: self.tokens[name] for name in TokenUsage.model_fields},
        )

    def seat_result(self, seat: int, player: str) -> SeatResult:
        """Return the counts as a seat's results."""
        return SeatResult(
            seat=seat,
            player=player,
            decisions={outcome: self.decisions[outcome] for outcome in OUTCOMES},
            attempts={outcome: self.attempts[outcome] for outcome in OUTCOMES},
            usage=self.usage,
        )
