"""How a grid game looks and reads: the board, who you are, and the table of events.

The picture has no coordinates; text and perception name cells as in chess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import combinations, product
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.grid import panel
from vsbench_envs.grid.art import PALETTE, Frame, paint_player
from vsbench_envs.grid.board import CELLS, Cell, name
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.grid.rules import Event
from vsbench_envs.scene import Choice, Scene, SceneView, Slot
from vsbench_envs.template import Template

WIDTH, HEIGHT = 768, 540
CELL = 92
LEFT, TOP = 20, 60

Contents = tuple[str, ...]
"""What a cell holds: names of things, then of players."""

PLAYER_SPOTS: Mapping[int, tuple[tuple[float, float, float], ...]] = {
    0: (),
    1: ((46, 48, 38),),
    2: ((24, 48, 25), (68, 48, 25)),
    3: ((24, 26, 21), (68, 26, 21), (46, 68, 21)),
}
"""Where so many players stand in a cell: x, y, radius."""
ON_THING = ((46, 47, 26),)
"""Where a player stands on a thing."""


class GridView(SceneView[GridPercept]):
    """One picture of the board and its table; a game brings names, artwork and events.

    ``shared_cells`` says whether a player can stand on a thing and leave it there.
    """

    def __init__(
        self,
        title: str,
        *,
        colours: Sequence[str],
        things: Sequence[str],
        artwork: Mapping[str, Callable[[Frame], None]],
        events: Sequence[Event],
        shared_cells: bool = False,
    ) -> None:
        self.title = title
        self.colours = tuple(colours)
        self.players = tuple(f"{colour} player" for colour in colours)
        self.things = tuple(things)
        self.artwork = artwork
        self.events = tuple(events)
        self.shared_cells = shared_cells

    def contents(self, percept: GridPercept) -> dict[Cell, Contents]:
        """What each cell holds."""
        names = (*self.things, *self.players)
        cells = (*percept.things, *percept.players)
        return {
            cell: tuple(what for what, at in zip(names, cells, strict=True) if at == cell)
            for cell in CELLS
        }

    def values(self, percept: GridPercept) -> dict[str, Any]:
        """The contents of each cell, the seat, and the counts by event and seat."""
        values: dict[str, Any] = {
            name(cell): contents for cell, contents in self.contents(percept).items()
        }
        values["seat"] = percept.seat
        for event, counts in zip(self.events, percept.counts, strict=True):
            for seat in self._counted(event):
                values[f"{event.key} {seat}"] = counts[seat]
        return values

    def percept(self, values: Mapping[str, Any]) -> GridPercept:
        """From where everything is seen; things that look the same in the order of their cells."""
        seen: dict[str, list[Cell]] = {what: [] for what in (*self.things, *self.players)}
        for cell in sorted(CELLS):
            for what in values[name(cell)]:
                seen[what].append(cell)
        return GridPercept(
            values["seat"],
            tuple(seen[player].pop(0) for player in self.players),
            tuple(seen[thing].pop(0) for thing in self.things),
            tuple(self._counts(event, values) for event in self.events),
        )

    def labels(self, percept: GridPercept) -> dict[str, str]:
        """The 25 cells: ``empty``, or what they hold, joined by ``and``."""
        return {
            name(cell): " and ".join(contents) or "empty"
            for cell, contents in self.contents(percept).items()
        }

    def describe(self, percept: GridPercept) -> str:
        """Who you are, where everything is, and the table."""
        cells = (*percept.players, *percept.things)
        counts = (
            counts[seat]
            for event, counts in zip(self.events, percept.counts, strict=True)
            for seat in self._counted(event)
        )
        return self._text.fill(self.colours[percept.seat], *map(name, cells), *counts)

    def _read_text(self, text: str) -> GridPercept:
        colour, *blanks = self._text.read(text)
        named = {name(cell): cell for cell in CELLS}
        players = tuple(named[blanks.pop(0)] for _ in self.players)
        things = tuple(named[blanks.pop(0)] for _ in self.things)
        values = {
            f"{event.key} {seat}": int(blanks.pop(0))
            for event in self.events
            for seat in self._counted(event)
        }
        counts = tuple(self._counts(event, values) for event in self.events)
        return GridPercept(self.colours.index(colour), players, things, counts)

    @cached_property
    def scene(self) -> Scene:
        """Board and panel."""
        sprites = {contents: self.cell(contents) for contents in self._possible_contents()}
        slots: dict[str, Slot] = {
            name((column, row)): Choice(
                (LEFT + CELL * column, TOP + CELL * row), tuple(sprites), sprites.__getitem__
            )
            for column, row in CELLS
        }
        slots |= panel.slots(self.colours, self.events)
        return Scene(self._background(), slots)

    def cell(self, contents: Contents) -> Image.Image:
        """The sprite of a cell that holds these."""
        players = [colour for colour in self.colours if f"{colour} player" in contents]
        things = [what for what in contents if what in self.artwork]
        spots = ON_THING if things and players else PLAYER_SPOTS[len(players)]

        def paint(brush: Brush) -> None:
            brush.box((1, 1, CELL - 1, CELL - 1), "cream", edge="sand", width=2, radius=9)
            for thing in things:
                self.artwork[thing](Frame(brush, (CELL / 2, CELL / 2), CELL / 2))
            for colour, (x, y, radius) in zip(players, spots, strict=True):
                paint_player(Frame(brush, (x, y), radius), colour)

        return PALETTE.sprite(CELL, CELL, "night", paint)

    def _counted(self, event: Event) -> range:
        return range(1) if event.shared else range(len(self.players))

    def _counts(self, event: Event, values: Mapping[str, Any]) -> tuple[int, ...]:
        counts = tuple(values[f"{event.key} {seat}"] for seat in self._counted(event))
        return counts * len(self.players) if event.shared else counts

    @cached_property
    def _text(self) -> Template:
        """Blanks are your colour, the cells of players and things, and the counts."""
        places = ", ".join(f"{what} in {{}}" for what in (*self.players, *self.things))
        rows = [
            f"- {event.title} ({event.reward}): "
            + ("{}" if event.shared else ", ".join(f"{colour} {{}}" for colour in self.colours))
            for event in self.events
        ]
        return Template(
            "You are the {} player.\n"
            "The board has columns a to e from left to right and rows 1 to 5 from bottom to top: "
            f"a1 is the bottom left cell. On the board: {places}. All other cells are empty.\n"
            "Events with their rewards, and how often each has happened so far:\n" + "\n".join(rows)
        )

    def _possible_contents(self) -> list[Contents]:
        together = [
            group
            for size in range(len(self.players) + 1)
            for group in combinations(self.players, size)
        ]
        kinds = dict.fromkeys(self.things)
        alone = [(thing,) for thing in kinds]
        under = product(kinds, self.players) if self.shared_cells else ()
        return [*together, *alone, *under]

    def _background(self) -> Image.Image:
        def paint(brush: Brush) -> None:
            brush.text((LEFT, 32), self.title, 27, "cream", "lm")
            panel.paint(brush, self.colours, self.events)

        return PALETTE.sprite(WIDTH, HEIGHT, "night", paint)
