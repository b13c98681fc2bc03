"""Settings of a simulated provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vsbench.simulation.faults import ALL, FAULTS, ODD
from vsbench_envs.errors import UnknownNameError


@dataclass(frozen=True)
class SimulationSettings:
    """Settings of a simulated provider.

    Raises:
        ValueError: a number is out of range.
        UnknownNameError: a fault is unknown.
    """

    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free one."""
    policy: str = "oracle"
    """The policy of every model name except ``sighted/...`` and ``blind/...``: a sighted policy;
    ``legal``, which picks a random listed action; or ``blind``, which plays like the oracle as far
    as the text alone allows; or a mixture, ``oracle=0.8,random=0.2``."""
    dataset: Path | None = None
    """Published sets, a file or a folder, whose questions the oracle answers correctly."""
    seed: int = 0
    """Seed of faults and delays."""
    latency: float = 0.0
    """Mean seconds from a call to its answer."""
    jitter: float = 0.0
    """Most seconds by which the latency varies, uniformly to both sides."""
    faults: float = 0.0
    """Share of calls with faults, spread evenly over all faults that ``rates`` does not list."""
    odd: float = 0.0
    """Share of calls with odd replies, spread evenly over all that ``rates`` does not list."""
    odd_in_turn: bool = False
    """Whether the first calls get each odd reply once, in order."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Fault -> share of calls, for single faults."""
    stall: float = 10.0
    """Seconds of silence before a stalled connection closes."""
    retry_after: float = 0.5
    """``Retry-After`` of rate limits, in seconds."""
    capacity: int | None = None
    """Most concurrent calls; others are rejected as by a rate limit. None sets no limit."""
    context: int | None = None
    """Most tokens of prompt and answer together; calls for more are rejected. None: no limit."""
    key: str | None = None
    """The key that callers must send; None accepts any."""

    def __post_init__(self) -> None:
        for name in self.rates:
            if name not in ALL:
                raise UnknownNameError("fault", name, list(ALL))
        for name in ("latency", "jitter", "stall", "retry_after"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is {getattr(self, name)}, but must not be negative")
        if self.capacity is not None and self.capacity < 1:
            raise ValueError(f"capacity is {self.capacity}, but one call must be possible")
        if self.context is not None and self.context < 1:
            raise ValueError(f"context is {self.context}, but must be a number of tokens")
        if not 0 <= self.port < 2**16:
            raise ValueError(f"there is no port {self.port}")
        shares = (self.faults, self.odd, *self.rates.values(), sum(self.fault_rates.values()))
        if not all(0 <= share <= 1 + 1e-9 for share in shares):
            raise ValueError("the rates of faults lie between 0 and 1, and add up to 1 at most")

    @property
    def fault_rates(self) -> dict[str, float]:
        """Return the share of calls of each fault."""
        default, odd = ([name for name in of if name not in self.rates] for of in (FAULTS, ODD))
        return {
            **{name: self.faults / len(default) for name in default},
            **{name: self.odd / len(odd) for name in odd},
            **self.rates,
        }
