"""Lines that a person types, awaited without holding up the event loop."""

from __future__ import annotations

import asyncio
import os

CHUNK = 4096
"""Bytes read at once; a terminal hands over a line at a time."""


class Keyboard:
    """The lines that arrive at a file descriptor: a terminal, a pipe or a file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ahead = b""
        """What has arrived beyond the last line."""

    async def line(self) -> str | None:
        """The next line, without spaces around it; None when there are no more."""
        while b"\n" not in self._ahead:
            await self._arrival()
            chunk = os.read(self._descriptor, CHUNK)
            if not chunk:
                last, self._ahead = self._ahead, b""
                return _text(last) or None
            self._ahead += chunk
        line, _, self._ahead = self._ahead.partition(b"\n")
        return _text(line)

    async def _arrival(self) -> None:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._descriptor, arrived.set)
        except PermissionError:
            return  # A file on disk never keeps anybody waiting.
        try:
            await arrived.wait()
        finally:
            loop.remove_reader(self._descriptor)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").strip()
