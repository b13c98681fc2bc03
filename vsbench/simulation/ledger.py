"""What a simulated provider served, and what it did not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counts:
    """Counted calls; every call that came to an end is in exactly one of the first five kinds."""

    finished_calls: int = 0
    """Answered, and so paid; spoiled answers included."""
    failed_calls: int = 0
    """Ended by a fault of the infrastructure."""
    rejected_calls: int = 0
    """Turned away as bad requests, or for model_settings a model that is none."""
    unauthorised_calls: int = 0
    """Turned away for want of the key."""
    abandoned_calls: int = 0
    """Given up by the caller before the answer."""
    calls: int = 0
    """Received."""
    distinct_finished_requests: int = 0
    """Different bodies among the finished calls: fewer than these if a call was paid twice."""
    repeated: dict[str, int] = field(default_factory=dict)
    """Request -> times finished, where more than once. A request's name begins the id of each of
    its calls (``NAME-1``, ``NAME-2``), which callers find in the header that names a call. Where a
    protocol has no seeds, the same question may rightly come up again."""
    input_tokens: int = 0
    output_tokens: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    """Injected, by name."""


class Ledger:
    """Keeps the counts, and knows which requests they are of."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._seen: Counter[str] = Counter()
        self._finished: Counter[str] = Counter()

    def receive(self, request: str) -> int:
        """Note a call; how often this request has been seen by now."""
        self.counts.calls += 1
        self._seen[request] += 1
        return self._seen[request]

    def inject(self, fault: str) -> None:
        """Note a fault."""
        self.counts.faults[fault] = self.counts.faults.get(fault, 0) + 1

    def finish(self, request: str, input_tokens: int, output_tokens: int) -> None:
        """Note an answered call."""
        counts = self.counts
        counts.finished_calls += 1
        counts.input_tokens += input_tokens
        counts.output_tokens += output_tokens
        self._finished[request] += 1
        counts.distinct_finished_requests = len(self._finished)
        if self._finished[request] > 1:
            counts.repeated[request] = self._finished[request]
