"""Show requests to a person: new text stands out from repeated text, and pictures go to a file."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image as Pillow
from rich.columns import Columns
from rich.console import Console
from rich.text import Text as Line

from vsbench.adapters.base import Image, Part, Request, Text
from vsbench.adapters.sighted import STRING_ARRAYS
from vsbench_envs.canvas import decode

WAIT = 0.7
"""Seconds after an answer before the status line appears."""

PICTURE = "now.png"
"""The file with the latest pictures."""

GAP = 8
"""Pixels between pictures of one state."""

_SECTIONS = re.compile(r"^(?=# )", re.MULTILINE)
_CLAUSES = re.compile(r"(?<=[.;]) ")
_JSON_LINE = re.compile(r"^\s*\{\s*\"", re.MULTILINE)


class Display:
    """A console for texts, and a folder for pictures; None saves no pictures."""

    def __init__(self, console: Console, folder: Path | None, wait: float = WAIT) -> None:
        self._console = console
        self._folder = folder
        self._wait = wait
        self._rules: set[str] = set()
        self._known: set[str] = set()
        """Clauses of the last state."""
        self._status = console.status(Line("waiting for the others", style="dim"))
        self._later: asyncio.TimerHandle | None = None

    def ask(self, request: Request) -> tuple[str, ...]:
        """Show the last message of a request; return its legal actions, in the order of numbers."""
        self.stop_waiting()
        self._console.print()
        for message in request.messages:
            if message.role == "system":
                self._brief(message.text)
        parts, labels = split_actions(request.messages[-1].parts)
        if any(message.role == "assistant" for message in request.messages):
            self._print(parts)  # Feedback on the last answer; the state is the same.
        else:
            self.show_state(parts)
        if labels:
            self._console.print()
            self._console.print(Columns(_numbered(labels), padding=(0, 3)))
        return labels

    def show_state(self, parts: Sequence[Part]) -> None:
        """Show where the pictures are, then the texts; repeated clauses are dimmed."""
        if pngs := [part.png for part in parts if isinstance(part, Image)]:
            self._save(pngs)
        self._known = self._print(parts)

    def prompt(self) -> None:
        """Print the prompt."""
        self._console.print(Line("> ", style="bold"), end="")
        self._console.file.flush()

    def leave(self) -> None:
        """End the line of the prompt."""
        self._console.print()

    def wait(self) -> None:
        """Show a status line if the next question takes a while."""
        self._later = asyncio.get_running_loop().call_later(self._wait, self._status.start)

    def stop_waiting(self) -> None:
        """Hide the status line."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._status.stop()

    @property
    def waiting(self) -> bool:
        """Whether the status line is shown, or will be."""
        return self._later is not None

    def _brief(self, text: str) -> None:
        """Print role and rules: all of them at first, later only new lines, as for another seat."""
        lines = [line for section in _for_people(text) for line in section.splitlines()]
        new = [line for line in lines if line not in self._rules] if self._rules else lines
        for line in new:
            heading = line.startswith("# ")
            self._console.print(Line(line.removeprefix("# "), style="bold" if heading else ""))
        if new:
            self._console.rule(style="dim")
        self._rules.update(lines)

    def _print(self, parts: Sequence[Part]) -> set[str]:
        """Print texts, and return their clauses."""
        texts = [part.text for part in parts if isinstance(part, Text)]
        lines = [_CLAUSES.split(line) for line in "\n".join(texts).splitlines()]
        for clauses in lines:
            styled = [Line(c, style="dim" if c in self._known else "") for c in clauses]
            self._console.print(Line(" ").join(styled))
        return {clause for clauses in lines for clause in clauses}

    def _save(self, pngs: Sequence[bytes]) -> None:
        if self._folder is None:
            return
        try:
            where = f"picture: {save_pictures(pngs, self._folder)}"
        except OSError as error:
            where = f"cannot save the picture: {error.strerror}"
        self._console.print(Line(where, style="dim"), soft_wrap=True)


def split_actions(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Split a message into the parts before its list of legal actions, and the actions.

    The list is the last JSON array of strings in the last part; without one there are no actions.
    """
    *before, last = parts
    arrays = list(STRING_ARRAYS.finditer(last.text)) if isinstance(last, Text) else []
    if not arrays:
        return parts, ()
    text = Text(arrays[-1].string[: arrays[-1].start()].strip())
    return (*before, text), tuple(json.loads(arrays[-1].group()))


def _for_people(text: str) -> list[str]:
    """The sections of a text, except those on the JSON form of answers."""
    return [part for part in _SECTIONS.split(text) if not _JSON_LINE.search(part)]


def _numbered(labels: tuple[str, ...]) -> Iterator[Line]:
    width = len(str(len(labels)))
    for number, label in enumerate(labels, 1):
        yield Line.assemble((f"{number:{width}} ", "bold"), label)


def save_pictures(pngs: Sequence[bytes], folder: Path) -> Path:
    """Replace the picture in a folder, and return its path; several are placed side by side.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PICTURE
    # Replaced atomically, so that a viewer never reads half a picture.
    part = path.with_suffix(".part")
    part.write_bytes(pngs[0] if len(pngs) == 1 else side_by_side(pngs))
    return part.replace(path)


def side_by_side(pngs: Sequence[bytes]) -> bytes:
    """Combine PNGs into one, the first on the left."""
    frames = [decode(png).convert("RGB") for png in pngs]
    width = sum(frame.width for frame in frames) + GAP * (len(frames) - 1)
    row = Pillow.new("RGB", (width, max(frame.height for frame in frames)), "white")
    left = 0
    for frame in frames:
        row.paste(frame, (left, 0))
        left += frame.width + GAP
    png = io.BytesIO()
    row.save(png, "PNG")
    return png.getvalue()
