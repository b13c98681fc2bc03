"""Limits of money, tokens and time, and the ways in which a run is told to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

StopCause = Literal["cost", "tokens", "time", "interrupt", "failure"]


class RunStoppedError(Exception):
    """No more calls may be made; what is under way is left to be resumed."""

    def __init__(self, cause: StopCause, why: str) -> None:
        super().__init__(why)
        self.cause = cause


@dataclass(frozen=True)
class Expense:
    """What a call costs, known or expected."""

    dollars: float
    tokens: int

    def __add__(self, other: Expense) -> Expense:
        return Expense(self.dollars + other.dollars, self.tokens + other.tokens)

    def __sub__(self, other: Expense) -> Expense:
        return Expense(self.dollars - other.dollars, self.tokens - other.tokens)


NOTHING = Expense(0.0, 0)


class Limits:
    """The account of all calls of one command, whichever models they go to."""

    def __init__(
        self,
        max_cost: float | None = None,
        max_tokens: int | None = None,
        time_limit: float | None = None,
    ) -> None:
        self._max_cost = max_cost
        self._max_tokens = max_tokens
        self._deadline = None if time_limit is None else time.monotonic() + time_limit
        self._time_limit = time_limit
        self.dollars = 0.0
        self.tokens = 0
        self._held = NOTHING
        self._settled = asyncio.Event()
        self.stopped: RunStoppedError | None = None
        self.stopping = asyncio.Event()
        """Set when the run is told to stop, for those who wait."""
        self.on_stop: list[Callable[[], None]] = []
        """Called once when the run is told to stop."""

    def spent(self, dollars: float, tokens: int) -> None:
        """Enter an expense, of this process or of an earlier part of the run."""
        self.dollars += dollars
        self.tokens += tokens

    def stop(self, cause: StopCause, why: str) -> None:
        """Let no more calls begin. The first cause stands."""
        if self.stopped is None:
            self.stopped = RunStoppedError(cause, why)
            self.stopping.set()
            self._settled.set()
            for call in self.on_stop:
                call()

    @contextmanager
    def deadline(self) -> Iterator[None]:
        """Stop the run when its time is up, even while everybody waits."""
        if self._deadline is None:
            yield
            return
        left = self._deadline - time.monotonic()
        alarm = asyncio.get_running_loop().call_later(left, self._time_is_up)
        try:
            yield
        finally:
            alarm.cancel()

    def _time_is_up(self) -> None:
        self.stop("time", f"the limit of {self._time_limit:g} s is reached")

    @asynccontextmanager
    async def admit(self, expected: Expense) -> AsyncIterator[None]:
        """Hold an expected expense while a call is made.

        Near a limit, a call waits for those under way to show what they really take.

        Raises:
            RunStoppedError: this call would pass a limit.
        """
        self.check()
        while not self._fits(expected, self._held):
            if not self._fits(expected, NOTHING):
                self.stop(*self._passed_by(expected))
            self.check()
            self._settled.clear()
            await self._settled.wait()
        self._held += expected
        try:
            yield
        finally:
            self._held -= expected
            self._settled.set()

    def _fits(self, expected: Expense, held: Expense) -> bool:
        ahead = Expense(self.dollars, self.tokens) + held + expected
        return (self._max_cost is None or ahead.dollars <= self._max_cost) and (
            self._max_tokens is None or ahead.tokens <= self._max_tokens
        )

    def _passed_by(self, expected: Expense) -> tuple[StopCause, str]:
        if self._max_cost is not None and self.dollars + expected.dollars > self._max_cost:
            return "cost", f"the limit of ${self._max_cost:g} is reached"
        return "tokens", f"the limit of {self._max_tokens} tokens is reached"

    def check(self) -> None:
        """Raise RunStoppedError if the run is to stop or its time is up."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self._time_is_up()
        if self.stopped is not None:
            # A new one each time: an exception holds on to everything that it passed through.
            raise RunStoppedError(self.stopped.cause, str(self.stopped))

    async def sleep(self, seconds: float) -> None:
        """Wait, but not past the end of the run. Raises RunStoppedError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        self.check()
