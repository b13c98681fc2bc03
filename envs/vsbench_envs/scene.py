"""Pictures made of slots, so that drawing and reading are one description.

A :class:`Scene` is a still background and named slots. A slot knows its place and the sprite of
each value it can show: drawing pastes the value's sprite, reading finds the value whose sprite is
nearest to the pixels. A game's view only says which values a percept puts into which slots.
"""

from __future__ import annotations

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
"""Mean difference by channel (0..255) up to which pixels still count as a sprite. The slack is for
other builds of the font renderer and for lossy copies: JPEG at quality 90 moves the pixels of a
small, colourful sprite by up to 15, and never nearer to another one."""


class Slot(ABC):
    """A place in a picture that shows a value."""

    @abstractmethod
    def draw(self, image: Image.Image, value: Any) -> None:
        """Show ``value``. Raises KeyError if the slot has no sprite for it."""

    @abstractmethod
    def read(self, pixels: Pixels) -> Any:
        """The value shown. Raises UnreadableError."""


class Choice(Slot):
    """Shows one of a few values, by sprites of one size."""

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
        """Find the sprite, or else the nearest."""
        _, height, width, _ = self._templates.shape
        left, top = self.at
        seen = pixels[top : top + height, left : left + width]
        # Unscathed pictures are the rule, and looking a sprite up is far quicker than comparing.
        if (exact := seen.tobytes()) in self._exactly:
            return self._exactly[exact]
        distances = np.abs(self._templates - seen).mean(axis=(1, 2, 3))
        best = int(distances.argmin())
        if distances[best] > TOLERANCE:
            raise UnreadableError(f"nothing known is drawn at {self.at}")
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
        """Spell the number out."""
        text = str(value).rjust(self.width)
        if len(text) > self.width:
            raise KeyError(f"{value} does not fit into {self.width} characters")
        for cell, character in zip(self._cells, text, strict=True):
            cell.draw(image, character)

    def read(self, pixels: Pixels) -> int:
        """Read the characters."""
        text = "".join(cell.read(pixels) for cell in self._cells)
        try:
            return int(text)
        except ValueError:
            raise UnreadableError(f"{text!r} is not a number") from None


class Scene:
    """A background and the slots on it."""

    def __init__(self, background: Image.Image, slots: Mapping[str, Slot]) -> None:
        self.background = background
        self.slots = slots

    def draw(self, values: Mapping[str, Any]) -> Image.Image:
        """The picture that shows a value in every slot."""
        image = self.background.copy()
        for name, slot in self.slots.items():
            slot.draw(image, values[name])
        return image

    def read(self, image: Image.Image) -> dict[str, Any]:
        """The value in every slot. Raises UnreadableError when it is another kind of picture."""
        pixels = rgb(reduced(image, self.background.size))
        return {name: slot.read(pixels) for name, slot in self.slots.items()}


def reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture at the size in which it was drawn: enlargements by a whole number are undone.

    Each block of pixels becomes its mean, which also evens out what a lossy encoding did to it.

    Raises:
        UnreadableError: the picture has another size.
    """
    width, height = size
    factor = image.width // width
    if factor < 1 or image.size != (width * factor, height * factor):
        raise UnreadableError(f"the picture is {image.size}, where {size} was expected")
    return image if factor == 1 else image.convert("RGB").reduce(factor)


def rgb(image: Image.Image) -> Pixels:
    """The pixels as (height, width, 3), signed so that differences do not wrap round."""
    return np.asarray(image.convert("RGB"), dtype=np.int16)


class SceneView(View[P]):
    """A view whose pictures are one scene: say which values a percept shows, and the reverse."""

    @cached_property
    @abstractmethod
    def scene(self) -> Scene:
        """The scene; built at first use, since its sprites take a while."""

    @abstractmethod
    def values(self, percept: P) -> dict[str, Any]:
        """The value in each slot."""

    @abstractmethod
    def percept(self, values: Mapping[str, Any]) -> P:
        """The percept that shows these values. May raise ValueError or LookupError."""

    def draw(self, percept: P) -> tuple[Image.Image, ...]:
        """The percept as one picture."""
        return (self.scene.draw(self.values(percept)),)

    def read(self, images: Sequence[Image.Image]) -> P:
        """The percept in a picture that agrees with itself in every slot."""
        if len(images) != 1:
            raise UnreadableError(f"expected one picture, got {len(images)}")
        seen = self.scene.read(images[0])
        try:
            percept = self.percept(seen)
        except (ValueError, LookupError) as error:
            raise UnreadableError(f"the picture makes no sense: {error}") from error
        if self.values(percept) != seen:
            raise UnreadableError("the picture contradicts itself")
        return percept
