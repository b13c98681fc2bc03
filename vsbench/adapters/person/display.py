"""How a request is shown to a person: calmly, what is new standing out from what is not."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.columns import Columns
from rich.console import Console
from rich.text import Text as Line

from vsbench.adapters.base import Image, Part, Request, Text
from vsbench.adapters.person import picture
from vsbench.adapters.sighted import STRINGS

PATIENCE = 0.7
"""Seconds before it is said that others are still thinking."""

_SECTIONS = re.compile(r"^(?=# )", re.MULTILINE)
_CLAUSES = re.compile(r"(?<=[.;]) ")
_JSON_LINE = re.compile(r"^\s*\{\s*\"", re.MULTILINE)


class Display:
    """A console for the texts and a folder for the pictures; None keeps no pictures."""

    def __init__(self, console: Console, folder: Path | None) -> None:
        self._console = console
        self._folder = folder
        self._rules: set[str] = set()
        self._known: set[str] = set()
        """What the last situation said."""
        self._status = console.status(Line("the others are thinking", style="dim"))
        self._later: asyncio.TimerHandle | None = None

    def ask(self, request: Request) -> tuple[str, ...]:
        """Show the last message of a request; the legal actions in it, in the order of numbers."""
        self.stop_waiting()
        self._console.print()
        for message in request.messages:
            if message.role == "system":
                self._brief(message.text)
        parts, labels = listed(request.messages[-1].parts)
        if any(message.role == "assistant" for message in request.messages):
            self._say(parts)  # What was wrong with the last answer; the situation is the same.
        else:
            self.situation(parts)
        if labels:
            self._console.print()
            self._console.print(Columns(_numbered(labels), padding=(0, 3)))
        return labels

    def situation(self, parts: Sequence[Part]) -> None:
        """Where to see the pictures; then the texts, what the last ones said too toned down."""
        if pngs := [part.png for part in parts if isinstance(part, Image)]:
            self._show(pngs)
        self._known = self._say(parts)

    def prompt(self) -> None:
        """Where the person types."""
        self._console.print(Line("> ", style="bold"), end="")
        self._console.file.flush()

    def leave(self) -> None:
        """Nothing more will be typed."""
        self._console.print()

    def wait(self) -> None:
        """An answer was given; say so if the next question takes a while."""
        self._later = asyncio.get_running_loop().call_later(PATIENCE, self._status.start)

    def stop_waiting(self) -> None:
        """Something else is about to be shown."""
        if self._later is not None:
            self._later.cancel()
        self._status.stop()

    def _brief(self, text: str) -> None:
        """Role and rules: all of them at first, later what is new, as for another seat."""
        lines = [line for section in _for_people(text) for line in section.splitlines()]
        new = [line for line in lines if line not in self._rules] if self._rules else lines
        for line in new:
            heading = line.startswith("# ")
            self._console.print(Line(line.removeprefix("# "), style="bold" if heading else ""))
        if new:
            self._console.rule(style="dim")
        self._rules.update(lines)

    def _say(self, parts: Sequence[Part]) -> set[str]:
        """Print texts, and return their clauses."""
        texts = [part.text for part in parts if isinstance(part, Text)]
        lines = [_CLAUSES.split(line) for line in "\n".join(texts).splitlines()]
        for clauses in lines:
            toned = [Line(c, style="dim" if c in self._known else "") for c in clauses]
            self._console.print(Line(" ").join(toned))
        return {clause for clauses in lines for clause in clauses}

    def _show(self, pngs: Sequence[bytes]) -> None:
        if self._folder is None:
            return
        try:
            where = f"picture: {picture.save(pngs, self._folder)}"
        except OSError as error:
            where = f"The picture could not be saved: {error.strerror}."
        self._console.print(Line(where, style="dim"), soft_wrap=True)


def listed(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """A message cut at its list of legal actions: what stands before it, and the actions.

    The list is the last JSON array of strings in the last part. Without one there are no actions.
    """
    *before, last = parts
    arrays = list(STRINGS.finditer(last.text)) if isinstance(last, Text) else []
    if not arrays:
        return parts, ()
    text = Text(arrays[-1].string[: arrays[-1].start()].strip())
    return (*before, text), tuple(json.loads(arrays[-1].group()))


def _for_people(text: str) -> list[str]:
    """The sections of a text, but for those on the JSON that models are to answer with."""
    return [part for part in _SECTIONS.split(text) if not _JSON_LINE.search(part)]


def _numbered(labels: tuple[str, ...]) -> Iterator[Line]:
    width = len(str(len(labels)))
    for number, label in enumerate(labels, 1):
        yield Line.assemble((f"{number:{width}} ", "bold"), label)
