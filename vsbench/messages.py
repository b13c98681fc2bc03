"""Messages between the harness and models: text and pictures, and tokens as billed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Text:
    """A piece of text in a message."""

    text: str


@dataclass(frozen=True)
class Image:
    """A picture in a message, as PNG."""

    png: bytes = field(repr=False)


Part = Text | Image


@dataclass(frozen=True)
class Message:
    """A message of one role: text and pictures, in the order in which the model gets them."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts, joined by blank lines."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True)
class Usage:
    """Tokens as billed.

    ``output`` includes ``reasoning``; ``input`` includes ``cached`` and ``cache_written``.
    """

    input: int = 0
    output: int = 0
    reasoning: int = 0
    cached: int = 0
    cache_written: int = 0


NO_USAGE = Usage()
