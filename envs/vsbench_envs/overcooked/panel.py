"""A kitchen in a part of the picture, drawn at some size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PIL import Image

from vsbench_envs.overcooked.art import Content, Look, sprite
from vsbench_envs.overcooked.brushwork import PALETTE
from vsbench_envs.overcooked.layout import COUNTER, DIRECTIONS, FLOOR, POT, Cell, Layout, name
from vsbench_envs.overcooked.percept import COOKING_STEPS, RECIPE, THINGS, Chef, Kitchen, Pot
from vsbench_envs.scene import Choice, Slot

CAPTION = 30
"""The height of a panel's title."""

LOOKS: tuple[Look, ...] = tuple(
    (seat, facing, holds) for seat in (0, 1) for facing in DIRECTIONS for holds in (None, *THINGS)
)
# A pot that is started has a step less to go when it is first seen.
POTS = (
    *(Pot(onions) for onions in range(RECIPE + 1)),
    *(Pot(onions, left) for onions in range(1, RECIPE + 1) for left in range(COOKING_STEPS)),
)
CONTENTS: dict[str, tuple[Content, ...]] = {
    FLOOR: (None, *LOOKS),
    COUNTER: (None, *THINGS),
    POT: POTS,
}
"""What can be seen on each kind of tile."""


@dataclass(frozen=True)
class Panel:
    """Where a kitchen is drawn, and how large; ``title`` tells its slots from other panels'."""

    title: str
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
        """A slot for every tile whose content can change."""
        for cell in self._changing():
            tile = self.layout.tiles[cell]
            paint = partial(sprite, self.side, tile)
            yield self._slot(cell), Choice(self.place(cell), CONTENTS[tile], paint)

    def caption(self, shown: bool) -> Image.Image:
        """The panel's title above it, or that there is nothing to show yet."""
        width = self.layout.size[0] * self.side
        text = self.title if shown else "no earlier step"
        return PALETTE.lettering(width, CAPTION - 2, text, size=17, ink="grout", on="ink")

    def values(self, kitchen: Kitchen | None) -> dict[str, Any]:
        """The content of every slot; without a kitchen, that of an empty one without chefs."""
        contents: dict[Cell, Content] = dict.fromkeys(self._changing())
        contents |= dict.fromkeys(self.layout.pots, Pot())
        if kitchen:
            contents |= zip(self.layout.pots, kitchen.pots, strict=True)
            contents |= zip(self.layout.counters, kitchen.counters, strict=True)
            for seat, chef in enumerate(kitchen.chefs):
                contents[chef.at] = (seat, chef.facing, chef.holds)
        return {self._slot(cell): content for cell, content in contents.items()}

    def kitchen(self, values: Mapping[str, Any]) -> Kitchen | None:
        """The kitchen that the slots show; None when no chef is in it.

        Raises:
            KeyError: only one chef is in it.
        """
        chefs: dict[int, Chef] = {}
        for cell in self.layout.floor:
            if look := values[self._slot(cell)]:
                seat, facing, holds = look
                chefs[seat] = Chef(cell, facing, holds)
        if not chefs:
            return None
        return Kitchen(
            (chefs[0], chefs[1]),
            tuple(values[self._slot(cell)] for cell in self.layout.pots),
            tuple(values[self._slot(cell)] for cell in self.layout.counters),
        )

    def _changing(self) -> tuple[Cell, ...]:
        return (*self.layout.floor, *self.layout.pots, *self.layout.counters)

    def _slot(self, cell: Cell) -> str:
        return f"{self.title}, {name(cell)}"
