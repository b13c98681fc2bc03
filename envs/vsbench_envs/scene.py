"""Pictures made of slots and texts made of blanks: one description for writing and for reading.

A :class:`Scene` is a background with named slots. A slot has a position and a sprite for each value
that it can show: drawing pastes the value's sprite, reading finds the sprite that is nearest to the
pixels. A game's :class:`SceneView` only maps percepts to the values of the slots and back. A
:class:`Template` does the same for text.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vsbench_envs.canvas import Palette
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import P, View

Pixels = NDArray[np.int16]

TOLERANCE = 20.0
"""Largest mean difference per channel (0..255) between pixels and a sprite. The tolerance covers
other builds of the font renderer and lossy copies: JPEG at quality 90 changes the pixels of a
small, colourful sprite by up to 15, and never brings them nearer to another sprite."""


class Slot(ABC):
    """A part of a picture that shows a value."""

    @abstractmethod
    def draw(self, image: Image.Image, value: Any) -> None:
        """Draw ``value``. Raises KeyError if the slot has no sprite for it."""

    @abstractmethod
    def read(self, pixels: Pixels) -> Any:
        """Read the value. Raises UnreadableError."""


class Choice(Slot):
    """Shows one of a few values by sprites of the same size.

    Args:
        at: upper left corner, in pixels.
        values: the possible values.
        sprite: makes the sprite of a value; called once per value, at first use.
    """

    def __init__(
        self,
        at: tuple[int, int],
        values: Sequence[Hashable],
        sprite: Callable[[Any], Image.Image],
    ) -> None:
        self.at = at
        self.values = tuple(values)
        self._sprite = sprite

    @cached_property
    def _sprites(self) -> dict[Hashable, Image.Image]:
        return {value: self._sprite(value) for value in self.values}

    @cached_property
    def _templates(self) -> Pixels:
        return np.stack([rgb(sprite) for sprite in self._sprites.values()])

    @cached_property
    def _exactly(self) -> dict[bytes, Hashable]:
        templates = (template.tobytes() for template in self._templates)
        return dict(zip(templates, self.values, strict=True))

    def draw(self, image: Image.Image, value: Any) -> None:
        """Paste the value's sprite."""
        image.paste(self._sprites[value], self.at)

    def read(self, pixels: Pixels) -> Any:
        """Read the value of the nearest sprite."""
        _, height, width, _ = self._templates.shape
        left, top = self.at
        seen = pixels[top : top + height, left : left + width]
        # Most pictures are exact copies, and looking a sprite up is far faster than comparing.
        if (exact := seen.tobytes()) in self._exactly:
            return self._exactly[exact]
        distances = np.abs(self._templates - seen).mean(axis=(1, 2, 3))
        best = int(distances.argmin())
        if distances[best] > TOLERANCE:
            raise UnreadableError(f"no known sprite at {self.at}")
        return self.values[best]


class Number(Slot):
    """Shows a whole number, right-aligned in ``width`` characters, sign included."""

    def __init__(
        self,
        at: tuple[int, int],
        width: int,
        palette: Palette,
        *,
        size: int,
        ink: str,
        on: str,
    ) -> None:
        self.width = width
        cell, height = round(size * 0.62), round(size * 1.1)

        def glyph(character: str) -> Image.Image:
            return palette.lettering(cell, height, character, size=size, ink=ink, on=on)

        left, top = at
        glyphs = {character: glyph(character) for character in " -0123456789"}
        self._cells = [
            Choice((left + cell * place, top), tuple(glyphs), glyphs.__getitem__)
            for place in range(width)
        ]

    def draw(self, image: Image.Image, value: Any) -> None:
        """Draw the number, character by character."""
        text = str(value).rjust(self.width)
        if len(text) > self.width:
            raise KeyError(f"{value} does not fit into {self.width} characters")
        for cell, character in zip(self._cells, text, strict=True):
            cell.draw(image, character)

    def read(self, pixels: Pixels) -> int:
        """Read the number from its characters."""
        text = "".join(cell.read(pixels) for cell in self._cells)
        try:
            return int(text)
        except ValueError:
            raise UnreadableError(f"{text!r} is not a number") from None


class Scene:
    """A background with named slots."""

    def __init__(self, background: Image.Image, slots: Mapping[str, Slot]) -> None:
        self.background = background
        self.slots = slots

    def draw(self, values: Mapping[str, Any]) -> Image.Image:
        """Draw the picture with a value in every slot."""
        image = self.background.copy()
        for name, slot in self.slots.items():
            slot.draw(image, values[name])
        return image

    def read(self, image: Image.Image) -> dict[str, Any]:
        """Read the value in every slot. Raises UnreadableError for any other picture."""
        pixels = rgb(reduced(image, self.background.size))
        return {name: slot.read(pixels) for name, slot in self.slots.items()}


def reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Reduce a picture that was enlarged by a whole number to its original size.

    Each block of pixels becomes its mean, which also evens out the effects of lossy encodings.

    Raises:
        UnreadableError: the size is not a multiple of the original one.
    """
    width, height = size
    factor = image.width // width
    if factor < 1 or image.size != (width * factor, height * factor):
        raise UnreadableError(f"the picture is {image.size}, where {size} was expected")
    return image if factor == 1 else image.convert("RGB").reduce(factor)


def rgb(image: Image.Image) -> Pixels:
    """The pixels, shape (height, width, 3); signed, so that differences do not wrap around."""
    return np.asarray(image.convert("RGB"), dtype=np.int16)


class SceneView(View[P]):
    """A view with one scene as its picture. Subclasses map percepts to slot values and back."""

    @cached_property
    @abstractmethod
    def scene(self) -> Scene:
        """The scene; built at first use, since its sprites take time."""

    @abstractmethod
    def values(self, percept: P) -> dict[str, Any]:
        """The value of each slot."""

    @abstractmethod
    def percept(self, values: Mapping[str, Any]) -> P:
        """Rebuild the percept from the slot values. May raise ValueError or LookupError."""

    def draw(self, percept: P) -> tuple[Image.Image, ...]:
        """Draw the percept as one picture."""
        return (self.scene.draw(self.values(percept)),)

    def read(self, images: Sequence[Image.Image]) -> P:
        """Read the percept from one picture; all slots must be consistent."""
        if len(images) != 1:
            raise UnreadableError(f"expected one picture, got {len(images)}")
        seen = self.scene.read(images[0])
        try:
            percept = self.percept(seen)
        except (ValueError, LookupError) as error:
            raise UnreadableError(f"the picture shows no valid state: {error}") from error
        if self.values(percept) != seen:
            raise UnreadableError("the picture contradicts itself")
        return percept


class Template:
    """A text with a blank for each ``{}``, to fill in and to read back.

    ``blank`` is the regular expression of a blank's content.
    """

    def __init__(self, text: str, blank: str = r"\w+") -> None:
        self.text = text
        # Words and numbers at both ends of the text must not be parts of longer ones.
        self._pattern = re.compile(
            rf"(?<!\w){re.escape(text).replace(re.escape('{}'), f'({blank})')}(?!\w)"
        )

    def fill(self, *values: object) -> str:
        """Fill a value into each blank."""
        return self.text.format(*values)

    def read(self, text: str) -> tuple[str, ...]:
        """Read the content of the blanks from a text that contains this one.

        Raises:
            UnreadableError: there is no match, or several with different values.
        """
        matches = {match.groups() for match in self._pattern.finditer(text)}
        if len(matches) != 1:
            raise UnreadableError(f"expected the text to describe one state, found {len(matches)}")
        return matches.pop()
