"""A person at the terminal, asked like any model: ``person/terminal``.

The person gets the same request as a model would: its text is printed, its pictures are saved to a
file that an image viewer can follow, and what is typed is the reply. Legal actions are numbered,
and a number typed stands for its action. How a reply is read, journalled and scored is no matter
of this adapter.
"""

from __future__ import annotations

import asyncio
import sys

import rich

from vsbench.adapters.base import AdapterOptions, PlayerLeftError, Reply, Request
from vsbench.adapters.options import refuse_options
from vsbench.adapters.person.display import Display
from vsbench.adapters.person.keyboard import Keyboard
from vsbench.errors import UsageError
from vsbench_envs.errors import UnknownNameError

TERMINAL = "terminal"
MODEL = f"person/{TERMINAL}"
"""The full id of whoever sits at this terminal."""

LEAVE = ("q", "quit")
"""Typed instead of an answer, as is the end of the input (Ctrl-D)."""


def person(name: str, options: AdapterOptions) -> Person:
    """The model ``person/terminal``: standard input and output.

    Raises:
        UnknownNameError: people are reached in no other way.
        UsageError: there is no standard input.
        BadRequestError: it takes no options.
    """
    refuse_options("person", options.extra)
    if name != TERMINAL:
        raise UnknownNameError("way to reach a person", name, [TERMINAL])
    if sys.stdin is None:
        raise UsageError(f"{MODEL} reads answers from the standard input, and there is none")
    return Person(Keyboard(sys.stdin.fileno()), Display(rich.get_console(), options.pictures))


class Person:
    """An adapter whose model is a person. Questions are put one at a time."""

    max_output_tokens: int | None = None
    address = TERMINAL

    def __init__(self, keyboard: Keyboard, display: Display) -> None:
        self._keyboard = keyboard
        self._display = display
        self._turn = asyncio.Lock()
        self._left = False

    async def complete(self, request: Request) -> Reply:
        """Show the request and wait for a line that is not empty.

        Raises:
            PlayerLeftError: there will be no more answers.
        """
        async with self._turn:
            labels = () if self._left else self._display.ask(request)
            answer = await self._answer(labels)
            self._display.wait()
        return Reply(answer, served_model=MODEL)

    async def close(self) -> None:
        """Stop showing that the game goes on."""
        self._display.stop_waiting()

    async def _answer(self, labels: tuple[str, ...]) -> str:
        while not self._left:
            self._display.prompt()
            line = await self._keyboard.line()
            if line is None or (line.lower() in LEAVE and line not in labels):
                self._left = True
                self._display.leave()
            elif line:
                return meant(line, labels)
        raise PlayerLeftError("the player left the table")


def meant(line: str, labels: tuple[str, ...]) -> str:
    """What a line says: a number stands for the label in its place, unless it is a label itself."""
    place = int(line) if line.isdecimal() and line not in labels else 0
    return labels[place - 1] if 1 <= place <= len(labels) else line
