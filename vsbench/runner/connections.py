"""How many calls a provider gets at once: as many as it takes, found by trying.

Additive increase, multiplicative decrease, as TCP does with its window: every window's worth of
replies allows one call more, a call that the provider turns away allows fewer. Until the first one
is turned away, every reply allows one call more. A size that was too large is tried again now and
then only: a provider's limit seldom moves, and every try costs somebody a call.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vsbench.adapters.base import OverloadedError, RateLimitedError

FIRST_WINDOW = 8
"""Calls at once in the beginning."""

FIRST_DECREASE = 0.5
"""After growth by doubling, the right window is anywhere between this and the whole."""

DECREASE = 0.85
"""Once the right window is nearly known. It loses little, and comes back in a few windows."""

HOLD = 8
"""Windows of replies before a size that was too large is tried again."""

Place = asyncio.Future[None]


class NoConnectionError(RateLimitedError):
    """The provider takes no calls for longer than anybody is to wait: none was made."""


class Connections:
    """The calls under way to one provider. Who waits is served in order."""

    def __init__(self, most: int, patience: float = 900.0) -> None:
        self._most = most
        self._patience = patience
        """Seconds for which a call waits for a provider that takes none."""
        self._window = float(min(most, FIRST_WINDOW))
        self._doubling = True
        self._busy = 0
        self._again: deque[Place] = deque()
        """Calls that were turned away go before new ones."""
        self._new: deque[Place] = deque()
        self._decreased = -1.0
        """When the window was made smaller."""
        self._too_large = float("inf")
        self._hold = 0
        """Replies to wait for before the window may be too large again."""
        self._closed_until = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._dissolved = False

    @property
    def window(self) -> int:
        """How many calls may be under way now."""
        return max(1, int(self._window))

    @asynccontextmanager
    async def slot(self, *, again: bool = False) -> AsyncIterator[None]:
        """Hold a connection while a call is made; calls made ``again`` go before new ones.

        What the call raises tells whether the provider takes more, or fewer.

        Raises:
            NoConnectionError: the provider takes no calls for longer than anybody is to wait.
        """
        await self._enter(again)
        started = time.monotonic()
        try:
            yield
        except RateLimitedError as error:
            self._turned_away(started)
            self.pause(error.retry_after or 0.0)
            raise
        except OverloadedError as error:
            # A provider that fails says nothing of how many calls it takes when it does not.
            self.pause(error.retry_after or 0.0)
            raise
        else:
            self._served()
        finally:
            self._busy -= 1
            self._admit()

    def pause(self, seconds: float) -> None:
        """Let no call begin for so long, since the provider would turn it away."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)
        if self._refusal() is None:
            return
        for place in (*self._again, *self._new):
            if not place.done() and (refusal := self._refusal()) is not None:
                place.set_exception(refusal)
        self._again.clear()
        self._new.clear()

    def dissolve(self) -> None:
        """Keep nobody waiting any more: the run has stopped, and whoever comes in finds that."""
        self._dissolved = True
        self._admit()

    def _refusal(self) -> NoConnectionError | None:
        """Why nobody may wait, if the pause is too long for it."""
        pause = self._closed_until - time.monotonic()
        if pause <= self._patience or self._dissolved:
            return None
        return NoConnectionError(
            f"the provider takes no calls for another {pause:.0f} s", retry_after=pause
        )

    async def _enter(self, again: bool) -> None:
        if (refusal := self._refusal()) is not None:
            raise refusal
        place: Place = asyncio.get_running_loop().create_future()
        (self._again if again else self._new).append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._busy -= 1
                self._admit()
            raise

    def _admit(self) -> None:
        """Let in who can come in, now or when the pause is over."""
        pause = self._closed_until - time.monotonic()
        if pause > 0 and not self._dissolved:
            if (self._again or self._new) and self._alarm is None:
                self._alarm = asyncio.get_running_loop().call_later(pause, self._wake)
            return
        while (self._again or self._new) and (self._busy < self.window or self._dissolved):
            place = (self._again or self._new).popleft()
            if not place.done():
                self._busy += 1
                place.set_result(None)

    def _wake(self) -> None:
        self._alarm = None
        self._admit()

    def _served(self) -> None:
        self._hold -= 1
        # A window that is not used says nothing about a larger one.
        if self._busy >= self.window:
            self._window += 1.0 if self._doubling else 1.0 / self._window
        most = self._too_large - 1 if self._hold > 0 else self._most
        self._window = max(1.0, min(self._window, most, self._most))

    def _turned_away(self, started: float) -> None:
        # Calls that began before the last decrease tell of the window that was.
        if started <= self._decreased:
            return
        factor = FIRST_DECREASE if self._doubling else DECREASE
        self._too_large = min(self._window, float(self._busy))
        self._window = max(1.0, factor * self._too_large)
        self._hold = HOLD * self.window
        self._doubling = False
        self._decreased = time.monotonic()
