"""A kitchen as a part of a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PIL import Image

from vsbench_envs.overcooked.art import Content, Look, sprite
from vsbench_envs.overcooked.layout import COUNTER, DIRECTIONS, FLOOR, POT, Cell, Layout
from vsbench_envs.overcooked.percept import POTS, THINGS, Chef, Kitchen, Pot
from vsbench_envs.scene import Choice, Slot

LOOKS: tuple[Look, ...] = tuple(
    (seat, facing, holds) for seat in (0, 1) for facing in DIRECTIONS for holds in (None, *THINGS)
)
CONTENTS: dict[str, tuple[Content, ...]] = {
    FLOOR: (None, *LOOKS),
    COUNTER: (None, *THINGS),
    POT: POTS,
}
"""What can be seen on each kind of tile."""


@dataclass(frozen=True)
class Panel:
    """Where a kitchen is drawn, and how large its cells are."""

    layout: Layout
    left: int
    top: int
    side: int

    def place(self, cell: Cell) -> tuple[int, int]:
        """The upper left pixel of a cell."""
        return self.left + cell[0] * self.side, self.top + cell[1] * self.side

    def furnish(self, image: Image.Image) -> None:
        """Draw the empty kitchen."""
        for cell, tile in self.layout.tiles.items():
            image.paste(sprite(self.side, tile), self.place(cell))

    def slots(self) -> Iterator[tuple[str, Slot]]:
        """A slot for every tile whose content can change, by the cell's label."""
        for cell in self._changing():
            tile = self.layout.tiles[cell]
            paint = partial(sprite, self.side, tile)
            yield self.layout.labels[cell], Choice(self.place(cell), CONTENTS[tile], paint)

    def values(self, kitchen: Kitchen) -> dict[str, Any]:
        """The content of every slot."""
        contents: dict[Cell, Content] = dict.fromkeys(self._changing())
        contents |= zip(self.layout.pots, kitchen.pots, strict=True)
        contents |= zip(self.layout.counters, kitchen.counters, strict=True)
        for seat, chef in enumerate(kitchen.chefs):
            contents[chef.at] = (seat, chef.facing, chef.holds)
        return {self.layout.labels[cell]: content for cell, content in contents.items()}

    def kitchen(self, values: Mapping[str, Any]) -> Kitchen:
        """The kitchen that the slots show.

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

    def _changing(self) -> tuple[Cell, ...]:
        return (*self.layout.floor, *self.layout.pots, *self.layout.counters)
