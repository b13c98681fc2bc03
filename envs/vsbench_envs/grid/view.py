"""How a grid game looks and reads: the board, who you are, the step, and the table of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import combinations, product
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.grid import panel
from vsbench_envs.grid.art import PALETTE, Frame, paint_player
from vsbench_envs.grid.board import CELLS, SIZE, Cell, name
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.grid.rules import EPISODE_STEPS, Event
from vsbench_envs.scene import Choice, Scene, SceneView, Slot

WIDTH, HEIGHT = 768, 540
CELL = 88
LEFT, TOP = 38, 76

Contents = tuple[str, ...]
"""What a cell holds: names of things, then of players."""

PLAYER_SPOTS: Mapping[int, tuple[tuple[float, float, float], ...]] = {
    0: (),
    1: ((44, 46, 36),),
    2: ((22, 46, 25), (66, 46, 25)),
    3: ((22, 24, 20), (66, 24, 20), (44, 65, 20)),
}
"""Where so many players stand in a cell: x, y, radius."""
ON_THING = ((44, 45, 29),)
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
        """The contents of each cell, seat, step, and the counts by event and seat."""
        values: dict[str, Any] = {
            name(cell): contents for cell, contents in self.contents(percept).items()
        }
        values |= {"seat": percept.seat, "step": percept.step}
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
            values["step"],
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

    def tell(self, percept: GridPercept) -> str:
        """Who you are, where everything is, and the table."""
        names = (*self.players, *self.things)
        cells = (*percept.players, *percept.things)
        places = [f"{what} in {name(at)}" for what, at in zip(names, cells, strict=True)]
        rows = [
            f"{event.title} ({event.reward}): {self._count_text(event, counts)}"
            for event, counts in zip(self.events, percept.counts, strict=True)
        ]
        return (
            f"You are the {self.players[percept.seat]}. "
            f"{percept.step} of {EPISODE_STEPS} steps have been played.\n"
            f"The board has columns A to E from left to right and rows 1 to 5 from top to bottom. "
            f"On it: {', '.join(places)}. All other cells are empty.\n"
            f"Events with their rewards, and how often each has happened: {'; '.join(rows)}."
        )

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

    def _count_text(self, event: Event, counts: Sequence[int]) -> str:
        if event.shared:
            return str(counts[0])
        return ", ".join(
            f"{colour} {count}" for colour, count in zip(self.colours, counts, strict=True)
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
            brush.text((LEFT, 30), self.title, 27, "cream", "lm")
            for index in range(SIZE):
                middle = CELL * (index + 0.5)
                brush.text((LEFT + middle, TOP - 13), "ABCDE"[index], 17, "sand")
                brush.text((LEFT - 16, TOP + middle), str(index + 1), 17, "sand")
            panel.paint(brush, self.colours, self.events)

        return PALETTE.sprite(WIDTH, HEIGHT, "night", paint)
