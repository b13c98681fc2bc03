"""A person at the terminal, called like any model: ``person/terminal``.

The person gets the same request as a model: its text is printed, its pictures are saved to a file
that an image viewer can follow, and the line that is typed is the reply. Legal actions are
numbered, and a number stands for its action. Parsing, journals and scores are as for any model.
"""

from __future__ import annotations

import asyncio
import os
import sys

import rich

from vsbench.adapters.base import (
    Adapter,
    AdapterOptions,
    PlayerLeftError,
    Reply,
    Request,
    refuse_options,
)
from vsbench.adapters.person.display import Display
from vsbench.errors import UsageError
from vsbench_envs.errors import UnknownNameError

TERMINAL = "terminal"
MODEL = f"person/{TERMINAL}"
"""The full id of the person at this terminal."""

QUIT = ("q", "quit")
"""Lines that leave the game, as the end of the input does (Ctrl-D)."""

CHUNK = 4096
"""Bytes that are read at once; a terminal delivers one line at a time."""


def person(name: str, options: AdapterOptions) -> Person:
    """Open ``person/terminal``: standard input and output.

    Raises:
        UnknownNameError: any other name.
        UsageError: there is no standard input.
        BadRequestError: an option is given: there are none.
    """
    refuse_options("person", options.extra)
    if name != TERMINAL:
        raise UnknownNameError("person", name, [TERMINAL])
    if sys.stdin is None:
        raise UsageError(f"{MODEL} needs a standard input to read answers from")
    return Person(Keyboard(sys.stdin.fileno()), Display(rich.get_console(), options.pictures))


class Person(Adapter):
    """An adapter whose model is a person. Questions are asked one at a time."""

    address = TERMINAL

    def __init__(self, keyboard: Keyboard, display: Display) -> None:
        self._keyboard = keyboard
        self._display = display
        self._turn = asyncio.Lock()
        self._left = False

    async def complete(self, request: Request) -> Reply:
        """Show the request, and wait for a line that is not empty.

        Raises:
            PlayerLeftError: the person has left.
        """
        async with self._turn:
            labels = () if self._left else self._display.ask(request)
            answer = await self._answer(labels)
            self._display.wait()
        return Reply(answer, served_model=MODEL)

    async def close(self) -> None:
        """Stop the status line."""
        self._display.stop_waiting()

    async def _answer(self, labels: tuple[str, ...]) -> str:
        while not self._left:
            self._display.prompt()
            line = await self._keyboard.read_line()
            if line is None or (line.lower() in QUIT and line not in labels):
                self._left = True
                self._display.leave()
            elif line:
                return parse_line(line, labels)
        raise PlayerLeftError("the player left the game")


def parse_line(line: str, labels: tuple[str, ...]) -> str:
    """Return the label of a number, unless the line is a label itself; else the line."""
    number = int(line) if line.isdecimal() and line not in labels else 0
    return labels[number - 1] if 1 <= number <= len(labels) else line


class Keyboard:
    """The lines of a file descriptor (terminal, pipe or file), without blocking the event loop."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        """Bytes beyond the last line."""

    async def read_line(self) -> str | None:
        """Read the next line, stripped of spaces; None at the end of the input."""
        while b"\n" not in self._buffer:
            await self._readable()
            chunk = os.read(self._descriptor, CHUNK)
            if not chunk:
                last, self._buffer = self._buffer, b""
                return _text(last) or None
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return _text(line)

    async def _readable(self) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._descriptor, ready.set)
        except PermissionError:
            return  # A file on disk is always ready.
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").strip()
