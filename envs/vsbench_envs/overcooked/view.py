"""The view of Overcooked: a picture of the kitchen now, and of each of the three steps before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import View
from vsbench_envs.overcooked.art import COLOURS, PALETTE, ChefLook, Content, sprite
from vsbench_envs.overcooked.layout import COUNTER, DIRECTIONS, FLOOR, POT, Cell, Layout
from vsbench_envs.overcooked.rules import (
    FRAMES,
    POTS,
    THINGS,
    Chef,
    Kitchen,
    OvercookedPercept,
    Pot,
)
from vsbench_envs.overcooked.text import describe, facts, labels, parse
from vsbench_envs.scene import Choice, Number, Scene, Slot

WIDTH, MAX_HEIGHT = 456, 504
"""Size of a picture: small, since a model gets four of them, but held items are recognisable."""
MARGIN, HEADER = 8, 56
BANNER = (316, 44)

Moment = tuple[int, int, Kitchen]
"""Content of one picture: seat, step and kitchen."""


class KitchenView(View[OvercookedPercept]):
    """A picture of each moment, oldest first: the own chef, the step and the kitchen."""

    frames = FRAMES

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        columns, rows = layout.size
        side = min((WIDTH - 2 * MARGIN) // columns, (MAX_HEIGHT - HEADER - MARGIN) // rows)
        self._panel = Panel(layout, (WIDTH - columns * side) // 2, HEADER, side)
        self._height = HEADER + rows * side + MARGIN

    def draw(self, percept: OvercookedPercept) -> tuple[Image.Image, ...]:
        """Draw one picture for each kitchen."""
        first = percept.step + 1 - len(percept.kitchens)
        return tuple(
            self._draw((percept.seat, step, kitchen))
            for step, kitchen in enumerate(percept.kitchens, first)
        )

    def draw_for_perception(self, percept: OvercookedPercept) -> tuple[Image.Image, ...]:
        """Draw the kitchen now."""
        return (self._draw((percept.seat, percept.step, percept.now)),)

    def facts(self, percept: OvercookedPercept) -> Mapping[str, str]:
        """State the held item and the latest joint actions."""
        return facts(percept)

    def describe(self, percept: OvercookedPercept) -> str:
        """Describe the same kitchens in words."""
        return describe(self.layout, percept)

    def drawn(self, percept: OvercookedPercept) -> OvercookedPercept:
        """The percept without the joint actions, which only facts state."""
        return replace(percept, joint_actions=())

    def read(self, images: Sequence[Image.Image]) -> OvercookedPercept:
        """Read the kitchens in one to four pictures of consecutive steps."""
        if not 1 <= len(images) <= FRAMES:
            raise UnreadableError(f"expected one to {FRAMES} pictures, got {len(images)}")
        seats, steps, kitchens = zip(*map(self._read, images), strict=True)
        if len(set(seats)) > 1 or steps != tuple(range(steps[0], steps[0] + len(steps))):
            raise UnreadableError("the pictures are not of consecutive steps, values by one chef")
        return OvercookedPercept(seats[0], self.layout.name, steps[-1], kitchens)

    def _read_text(self, text: str) -> OvercookedPercept:
        return parse(self.layout, text)

    def labels(self, percept: OvercookedPercept) -> dict[str, str]:
        """Label every cell of the kitchen now."""
        return labels(self.layout, percept.now)

    @cached_property
    def scene(self) -> Scene:
        """The common scene of all pictures: a header, and the kitchen."""
        background = PALETTE.sprite(WIDTH, self._height, "ink", _paint_header)
        self._panel.paint_background(background)
        slots: dict[str, Slot] = {
            "seat": Choice((MARGIN, 6), (0, 1), _banner),
            "step": Number((WIDTH - MARGIN - 40, 14), 2, PALETTE, size=28, ink="white", on="ink"),
        }
        return Scene(background, slots | dict(self._panel.slots()))

    def _draw(self, moment: Moment) -> Image.Image:
        seat, step, kitchen = moment
        return self.scene.draw({"seat": seat, "step": step} | self._panel.values(kitchen))

    def _read(self, image: Image.Image) -> Moment:
        values = self.scene.read(image)
        try:
            kitchen = self._panel.kitchen(values)
        except KeyError as error:
            raise UnreadableError("a chef is missing in the picture") from error
        if not self._panel.values(kitchen).items() <= values.items():
            raise UnreadableError("the picture contradicts itself")
        return values["seat"], values["step"], kitchen


def _paint_header(brush: Brush) -> None:
    brush.text((WIDTH - MARGIN - 46, 29), "step", 24, "white", "rm")


def _banner(seat: int) -> Image.Image:
    """Paint the banner that names the own chef."""
    width, height = BANNER

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), COLOURS[seat], radius=10)
        brush.text((62, height / 2), f"You are the {COLOURS[seat]} chef", 22, "white", "lm")

    banner = PALETTE.sprite(width, height, "ink", paint)
    portrait = sprite(height - 8, FLOOR, (seat, "down", None))
    banner.paste(portrait, (10, 4))
    return banner


LOOKS: tuple[ChefLook, ...] = tuple(
    (seat, facing, holds) for seat in (0, 1) for facing in DIRECTIONS for holds in (None, *THINGS)
)
CONTENTS: dict[str, tuple[Content, ...]] = {
    FLOOR: (None, *LOOKS),
    COUNTER: (None, *THINGS),
    POT: POTS,
}
"""Possible contents of each kind of tile."""


@dataclass(frozen=True)
class Panel:
    """The area of a picture that shows a kitchen.

    ``left`` and ``top`` are its upper left corner, ``side`` is the size of a cell, in pixels.
    """

    layout: Layout
    left: int
    top: int
    side: int

    def position(self, cell: Cell) -> tuple[int, int]:
        """The upper left pixel of a cell."""
        return self.left + cell[0] * self.side, self.top + cell[1] * self.side

    def paint_background(self, image: Image.Image) -> None:
        """Draw the empty kitchen."""
        for cell, tile in self.layout.tiles.items():
            image.paste(sprite(self.side, tile), self.position(cell))

    def slots(self) -> Iterator[tuple[str, Slot]]:
        """A slot for every tile whose content can change, named by the cell's label."""
        for cell in self._dynamic_cells():
            tile = self.layout.tiles[cell]
            paint = partial(sprite, self.side, tile)
            yield self.layout.labels[cell], Choice(self.position(cell), CONTENTS[tile], paint)

    def values(self, kitchen: Kitchen) -> dict[str, Any]:
        """The content of every slot."""
        contents: dict[Cell, Content] = dict.fromkeys(self._dynamic_cells())
        contents |= zip(self.layout.pots, kitchen.pots, strict=True)
        contents |= zip(self.layout.counters, kitchen.counters, strict=True)
        for seat, chef in enumerate(kitchen.chefs):
            contents[chef.at] = (seat, chef.facing, chef.holds)
        return {self.layout.labels[cell]: content for cell, content in contents.items()}

    def kitchen(self, values: Mapping[str, Any]) -> Kitchen:
        """Rebuild the kitchen from the values of the slots.

        Raises:
            KeyError: a chef is missing.
        """
        labels = self.layout.labels
        chefs: dict[int, Chef] = {}
        for cell in self.layout.floor:
            if look := values[labels[cell]]:
                seat, facing, holds = look
                chefs[seat] = Chef(cell, facing, holds)
        pots: tuple[Pot, ...] = tuple(values[labels[cell]] for cell in self.layout.pots)
        counters = tuple(values[labels[cell]] for cell in self.layout.counters)
        return Kitchen((chefs[0], chefs[1]), pots, counters)

    def _dynamic_cells(self) -> tuple[Cell, ...]:
        return (*self.layout.floor, *self.layout.pots, *self.layout.counters)
