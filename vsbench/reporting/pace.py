"""How fast work is done lately."""

from __future__ import annotations

from collections import deque

WINDOW = 60.0
"""Seconds that are looked back on."""

FEWEST = 8
"""Pieces of work that a pace is taken from: the first ones tell of the start."""

MEMORY = 32
"""Pieces that are looked back on where fewer are done in a window."""


class Pace:
    """Pieces of work in a second, over a sliding window.

    A pace over all that was done would long remember a slow start.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._done: deque[float] = deque()

    def add(self, now: float, lasted: float) -> None:
        """Count a piece of work that took ``lasted`` seconds until now."""
        if self._began is None:
            self._began = now - lasted
        self._done.append(now)
        self._forget(now)

    def at(self, now: float) -> float | None:
        """Pieces in a second; None while too few are done to tell."""
        self._forget(now)
        if self._began is None or len(self._done) < FEWEST:
            return None
        return len(self._done) / max(now - self._began, 1e-3)

    def _forget(self, now: float) -> None:
        while len(self._done) > MEMORY and self._done[0] < now - WINDOW:
            self._began = self._done.popleft()
