"""Adaptive concurrency: limits the calls in progress to one provider (AIMD).

Additive increase, multiplicative decrease, as in TCP congestion control (Chiu and Jain, 1989): a
window's worth of replies adds one call, a rate-limited call shrinks the window. As in slow start,
every reply adds one call until the first is rate-limited. A window that was too large is tried
again only rarely: a provider's limit seldom moves, and every attempt costs a call.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from heapq import heappop, heappush
from itertools import count

from vsbench.adapters.base import OverloadedError, RateLimitedError

log = logging.getLogger(__name__)

FIRST_WINDOW = 8
"""Concurrent calls at the start."""

FIRST_DECREASE = 0.5
"""Factor after slow start, when the right window is between half of the window and all of it."""

DECREASE = 0.85
"""Factor once the right window is nearly known. It costs little and is recovered soon."""

HOLD = 8
"""Windows of replies before a size that was too large is tried again."""

RANK: ContextVar[float] = ContextVar("rank", default=0.0)
"""Rank of the episode or sample that a task plays: calls of the lowest are made first, so that a
run that is interrupted has finished as many of the first ones as possible."""

Waiter = asyncio.Future[None]


class ProviderPausedError(RateLimitedError):
    """The provider accepts no calls for longer than calls may wait. None was made."""


class ConcurrencyLimiter:
    """Limits the calls in progress to one provider.

    Of the calls that wait, retries are admitted first, then those of the lowest :data:`RANK`, then
    those that have waited longest.

    Args:
        limit: largest number of concurrent calls.
        patience: seconds for which a call waits while the provider accepts none.
    """

    def __init__(self, limit: int, patience: float = 900.0) -> None:
        self._limit = limit
        self._patience = patience
        self._window = float(min(limit, FIRST_WINDOW))
        self._slow_start = True
        self._in_progress = 0
        self._waiting: list[tuple[bool, float, int, Waiter]] = []
        """A heap: whether it is a new call, its rank, its number in order of arrival."""
        self._arrivals = count()
        self._decreased_at = -1.0
        self._too_large = float("inf")
        """The window, or the part of it in use, when a call was last rate-limited."""
        self._hold = 0
        """Replies to wait for before that size is tried again."""
        self._paused_until = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._released = False

    @property
    def window(self) -> int:
        """Number of calls that may be in progress now."""
        return max(1, int(self._window))

    @asynccontextmanager
    async def slot(self, *, again: bool = False) -> AsyncIterator[None]:
        """Hold a slot while a call is made; retries (``again``) go before new calls.

        The window follows from what the call raises.

        Raises:
            ProviderPausedError: the provider accepts no calls for longer than calls may wait.
        """
        await self._enter(again)
        started = time.monotonic()
        try:
            yield
        except RateLimitedError as error:
            self._shrink(started)
            self.pause(error.retry_after or 0.0)
            raise
        except OverloadedError as error:
            # An overloaded provider says nothing about the number of calls it usually accepts.
            self.pause(error.retry_after or 0.0)
            raise
        else:
            self._grow()
        finally:
            self._in_progress -= 1
            self._admit()

    def pause(self, seconds: float) -> None:
        """Start no call for this long."""
        if seconds > 0:
            log.info("the provider accepts no calls for %.1f s", seconds)
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
        if self._refusal() is None:
            return
        for *_, waiter in self._waiting:
            if not waiter.done() and (refusal := self._refusal()) is not None:
                waiter.set_exception(refusal)
        self._waiting.clear()

    def release_all(self) -> None:
        """Admit all waiting calls: the run has stopped, and each of them will find that out."""
        self._released = True
        self._admit()

    def _refusal(self) -> ProviderPausedError | None:
        """Make the error for waiting calls if the pause is too long, or else return None."""
        pause = self._paused_until - time.monotonic()
        if pause <= self._patience or self._released:
            return None
        return ProviderPausedError(
            f"the provider accepts no calls for another {pause:.0f} s", retry_after=pause
        )

    async def _enter(self, again: bool) -> None:
        if (refusal := self._refusal()) is not None:
            raise refusal
        waiter: Waiter = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (not again, RANK.get(), next(self._arrivals), waiter))
        self._admit()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._in_progress -= 1
                self._admit()
            raise

    def _admit(self) -> None:
        """Admit waiting calls, now or when the pause is over."""
        pause = self._paused_until - time.monotonic()
        if pause > 0 and not self._released:
            if self._waiting and self._alarm is None:
                self._alarm = asyncio.get_running_loop().call_later(pause, self._wake)
            return
        while self._waiting and (self._in_progress < self.window or self._released):
            *_, waiter = heappop(self._waiting)
            if not waiter.done():
                self._in_progress += 1
                waiter.set_result(None)

    def _wake(self) -> None:
        self._alarm = None
        self._admit()

    def _grow(self) -> None:
        self._hold -= 1
        # A window that is not full says nothing about a larger one.
        if self._in_progress >= self.window:
            self._window += 1.0 if self._slow_start else 1.0 / self._window
        limit = self._too_large - 1 if self._hold > 0 else self._limit
        self._window = max(1.0, min(self._window, limit, self._limit))

    def _shrink(self, started: float) -> None:
        # Calls from before the last decrease were made within the old window.
        if started <= self._decreased_at:
            return
        factor = FIRST_DECREASE if self._slow_start else DECREASE
        self._too_large = min(self._window, float(self._in_progress))
        self._window = max(1.0, factor * self._too_large)
        self._hold = HOLD * self.window
        self._slow_start = False
        self._decreased_at = time.monotonic()
        log.info("rate-limited: at most %d concurrent calls from now on", self.window)
