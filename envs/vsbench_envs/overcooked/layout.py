"""Floor plans of kitchens: counters, pots, dispensers, serving windows and starting cells."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from string import ascii_lowercase

Cell = tuple[int, int]
"""Column and row; (0, 0) is the upper left corner."""

DIRECTIONS: dict[str, Cell] = {"up": (0, -1), "down": (0, 1), "right": (1, 0), "left": (-1, 0)}

FLOOR, COUNTER, POT, ONIONS, DISHES, SERVING = " XPODS"


@dataclass(frozen=True, eq=False)
class Layout:
    """A floor plan, enclosed by furniture.

    Layouts compare by identity, so that caches find their tables quickly.

    Raises:
        ValueError: the rows are not a valid kitchen.
    """

    name: str
    rows: tuple[str, ...]
    """One letter per cell; the chefs of seats 0 and 1 start on the cells 1 and 2."""

    def __post_init__(self) -> None:
        letters = "".join(self.rows)
        if len({len(row) for row in self.rows}) != 1:
            raise ValueError(f"the rows of kitchen {self.name!r} differ in length")
        if unknown := set(letters) - set(" XPODS12"):
            raise ValueError(f"kitchen {self.name!r} has unknown cells: {sorted(unknown)}")
        if any(letters.count(chef) != 1 for chef in "12"):
            raise ValueError(f"kitchen {self.name!r} needs one chef 1 and one chef 2")
        edge = self.rows[0] + self.rows[-1] + "".join(row[0] + row[-1] for row in self.rows)
        if set(edge) & set(" 12"):
            raise ValueError(f"kitchen {self.name!r} is open at its edge")

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return len(self.rows[0]), len(self.rows)

    @cached_property
    def tiles(self) -> dict[Cell, str]:
        """Cell -> letter, in reading order; starting cells are floor."""
        return {
            (x, y): FLOOR if tile in "12" else tile
            for y, row in enumerate(self.rows)
            for x, tile in enumerate(row)
        }

    @cached_property
    def starts(self) -> tuple[Cell, Cell]:
        """The starting cell of each seat's chef."""
        places = {tile: (x, y) for y, row in enumerate(self.rows) for x, tile in enumerate(row)}
        return places["1"], places["2"]

    @cached_property
    def floor(self) -> tuple[Cell, ...]:
        """The cells that chefs can walk on."""
        return self.places(FLOOR)

    @cached_property
    def pots(self) -> tuple[Cell, ...]:
        """The pots, in the order of ``Kitchen.pots``."""
        return self.places(POT)

    @cached_property
    def counters(self) -> tuple[Cell, ...]:
        """The counters next to the floor, in the order of ``Kitchen.counters``."""
        reach = {ahead(cell, facing) for cell in self.floor for facing in DIRECTIONS}
        return tuple(cell for cell in self.places(COUNTER) if cell in reach)

    @cached_property
    def labels(self) -> dict[Cell, str]:
        """Cell -> name as in chess: ``a1`` is the bottom left."""
        _, rows = self.size
        return {(x, y): f"{ascii_lowercase[x]}{rows - y}" for x, y in self.tiles}

    def places(self, tile: str) -> tuple[Cell, ...]:
        """The cells with this letter, in reading order."""
        return tuple(cell for cell, letter in self.tiles.items() if letter == tile)


def ahead(cell: Cell, facing: str) -> Cell:
    """The neighbouring cell in a direction."""
    dx, dy = DIRECTIONS[facing]
    return cell[0] + dx, cell[1] + dy


def _shipped() -> dict[str, Layout]:
    drawings: dict[str, str] = tomllib.loads(
        files(__package__).joinpath("layouts.toml").read_text("utf-8")
    )
    return {name: Layout(name, tuple(text.splitlines())) for name, text in drawings.items()}


LAYOUTS = _shipped()
"""The kitchens of ``layouts.toml``, by name."""
