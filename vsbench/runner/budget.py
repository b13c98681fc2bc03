"""The budget of a command: limits of cost, tokens and time, and the signal to stop."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vsbench.errors import VSBenchError
from vsbench.records.journal import Attempt

log = logging.getLogger(__name__)

StopCause = Literal["cost", "tokens", "time", "interrupt", "failure"]


class RunStoppedError(VSBenchError):
    """No more calls may be made; unfinished episodes can be resumed."""

    def __init__(self, cause: StopCause, why: str) -> None:
        super().__init__(why)
        self.cause = cause


@dataclass(frozen=True)
class Expense:
    """The cost of calls in US dollars and tokens, billed or expected."""

    dollars: float
    tokens: int

    @classmethod
    def of(cls, call: Attempt) -> Expense:
        """What a recorded call was billed."""
        return cls(call.cost or 0.0, call.usage.input + call.usage.output)

    def __add__(self, other: Expense) -> Expense:
        return Expense(self.dollars + other.dollars, self.tokens + other.tokens)

    def __sub__(self, other: Expense) -> Expense:
        return Expense(self.dollars - other.dollars, self.tokens - other.tokens)


NO_EXPENSE = Expense(0.0, 0)


class Budget:
    """Account of all calls of one command, over all its models and runs.

    Args:
        max_cost: US dollars; None for no limit.
        max_tokens: input and output tokens together; None for no limit.
        time_limit: seconds from now; None for no limit.
        clock: seconds that never go backwards.
    """

    def __init__(
        self,
        max_cost: float | None = None,
        max_tokens: int | None = None,
        time_limit: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_cost = max_cost
        self._max_tokens = max_tokens
        self._clock = clock
        self._deadline = None if time_limit is None else clock() + time_limit
        self._time_limit = time_limit
        self.spent = NO_EXPENSE
        """By this process and by earlier parts of its runs."""
        self._booked: set[Path] = set()
        """Runs whose earlier expenses are part of that."""
        self._reserved = NO_EXPENSE
        self._settled = asyncio.Event()
        self.stopped: RunStoppedError | None = None
        self.stopping = asyncio.Event()
        """Set when the run must stop."""
        self.on_stop: list[Callable[[], None]] = []
        """Callbacks for the moment when the run must stop."""

    def spend(self, dollars: float, tokens: int) -> None:
        """Book an expense."""
        self.spent += Expense(dollars, tokens)

    def book_past(self, run: Path, spent: Expense) -> None:
        """Book what earlier parts of a run spent, once."""
        if run not in self._booked:
            self._booked.add(run)
            self.spent += spent

    def stop(self, cause: StopCause, why: str) -> None:
        """Allow no more calls. Only the first cause counts."""
        if self.stopped is None:
            log.info("stopping (%s): %s", cause, why)
            self.stopped = RunStoppedError(cause, why)
            self.stopping.set()
            self._settled.set()
            for callback in self.on_stop:
                callback()

    @property
    def timed(self) -> bool:
        """Whether there is a limit of time."""
        return self._deadline is not None

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self.timed or self._max_cost is not None or self._max_tokens is not None

    def shortage(self, expected: Expense, seconds: float, what: str) -> RunStoppedError | None:
        """Return the error of the limit that leaves too little; None if all leave enough.

        Args:
            expected: the expense of what is to be begun, and of what is in progress.
            seconds: that it takes.
            what: it is, such as an episode.
        """
        total = self.spent + expected
        left = math.inf if self._deadline is None else self._deadline - self._clock()
        cause: StopCause
        if left < seconds:
            cause, limit = "time", f"{self._time_limit:g} s"
        elif self._max_cost is not None and total.dollars > self._max_cost:
            cause, limit = "cost", f"${self._max_cost:g}"
        elif self._max_tokens is not None and total.tokens > self._max_tokens:
            cause, limit = "tokens", f"{self._max_tokens} tokens"
        else:
            return None
        return RunStoppedError(cause, f"too little is left of the limit of {limit} for {what}")

    @contextmanager
    def deadline(self) -> Iterator[None]:
        """Stop the run when its time is up, even while no call is made."""
        if self._deadline is None:
            yield
            return
        remaining = self._deadline - self._clock()
        alarm = asyncio.get_running_loop().call_later(remaining, self._time_is_up)
        try:
            yield
        finally:
            alarm.cancel()

    def _time_is_up(self) -> None:
        self.stop("time", f"reached the limit of {self._time_limit:g} s")

    @asynccontextmanager
    async def reserve(self, expected: Expense) -> AsyncIterator[None]:
        """Reserve the expected expense of a call while it is made.

        Near a limit, a call waits until those in progress have settled.

        Raises:
            RunStoppedError: this call would exceed a limit.
        """
        self.check()
        while not self._fits(expected, self._reserved):
            if not self._fits(expected, NO_EXPENSE):
                self.stop(*self._exceeded_by(expected))
            self.check()
            self._settled.clear()
            await self._settled.wait()
        self._reserved += expected
        try:
            yield
        finally:
            self._reserved -= expected
            self._settled.set()

    def _fits(self, expected: Expense, reserved: Expense) -> bool:
        total = self.spent + reserved + expected
        return (self._max_cost is None or total.dollars <= self._max_cost) and (
            self._max_tokens is None or total.tokens <= self._max_tokens
        )

    def _exceeded_by(self, expected: Expense) -> tuple[StopCause, str]:
        if self._max_cost is not None and self.spent.dollars + expected.dollars > self._max_cost:
            return "cost", f"reached the limit of ${self._max_cost:g}"
        return "tokens", f"reached the limit of {self._max_tokens} tokens"

    def check(self) -> None:
        """Raise RunStoppedError if the run has been stopped or its time is up."""
        if self._deadline is not None and self._clock() >= self._deadline:
            self._time_is_up()
        if self.stopped is not None:
            # A new one each time: an exception keeps all frames that it passed through alive.
            raise RunStoppedError(self.stopped.cause, str(self.stopped))

    async def sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until the run stops. Raises RunStoppedError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        self.check()
