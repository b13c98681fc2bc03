"""Pictures and text of the grid games: the board, the player's own seat, and the table of events.

The picture has no coordinates; text and perception labels name cells as in chess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import combinations, product
from typing import Any

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.grid.art import PALETTE, Frame, paint_player
from vsbench_envs.grid.board import CELLS, Cell, name
from vsbench_envs.grid.rules import Event, GridPercept
from vsbench_envs.scene import Choice, Number, Scene, SceneView, Slot, Template

WIDTH, HEIGHT = 768, 540
CELL = 92
LEFT, TOP = 20, 60

PANEL_LEFT, PANEL_RIGHT = 498, 748
SEAT_CARD = (PANEL_LEFT, 20, PANEL_RIGHT - PANEL_LEFT, 78)
"""Left, top, width and height of the card that names the player's own seat."""
HEADING_Y = 121
EVENTS_TOP, EVENTS_BOTTOM = 141, 520
CARD_GAP = 10
PORTRAIT_RADIUS = 17
"""Radius of the small portraits in front of the counts."""
COUNT_HEIGHT = 0.73
"""Height of the counts within a card, as a share from the top."""

Contents = tuple[str, ...]
"""The names of the things in a cell, then of the players."""

PLAYER_SPOTS: Mapping[int, tuple[tuple[float, float, float], ...]] = {
    0: (),
    1: ((46, 48, 38),),
    2: ((24, 48, 25), (68, 48, 25)),
    3: ((24, 26, 21), (68, 26, 21), (46, 68, 21)),
}
"""Number of players in a cell -> x, y and radius of each."""
ON_THING = ((46, 47, 26),)
"""The same for a player on a thing."""


class GridView(SceneView[GridPercept]):
    """One picture of the board and the table of events.

    Args:
        title: heading of the picture.
        colours: of the players, by seat.
        things: names of the things on the board, in the order of ``GridPercept.things``.
        artwork: name of a thing -> a function that paints it.
        events: rows of the table.
        shared_cells: whether a player can stand on a thing and leave it there.
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
        """Cell -> names of the things and players in it."""
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
        """Locate players and things. Things that look alike are listed in the order of cells."""
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
        """Label the 25 cells: ``empty``, or their contents joined by ``and``."""
        return {
            name(cell): " and ".join(contents) or "empty"
            for cell, contents in self.contents(percept).items()
        }

    def describe(self, percept: GridPercept) -> str:
        """Give the seat, the cells of players and things, and the table of events."""
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
        """The board, and the panel next to it."""
        sprites = {contents: self.cell(contents) for contents in self._possible_contents()}
        slots: dict[str, Slot] = {
            name((column, row)): Choice(
                (LEFT + CELL * column, TOP + CELL * row), tuple(sprites), sprites.__getitem__
            )
            for column, row in CELLS
        }
        slots |= _panel_slots(self.colours, self.events)
        return Scene(self._background(), slots)

    def cell(self, contents: Contents) -> Image.Image:
        """Paint the sprite of a cell."""
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
        """Blanks are the own colour, the cells of players and things, and the counts."""
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
        players_only = [
            group
            for size in range(len(self.players) + 1)
            for group in combinations(self.players, size)
        ]
        kinds = dict.fromkeys(self.things)
        things_only = [(thing,) for thing in kinds]
        shared = product(kinds, self.players) if self.shared_cells else ()
        return [*players_only, *things_only, *shared]

    def _background(self) -> Image.Image:
        def paint(brush: Brush) -> None:
            brush.text((LEFT, 32), self.title, 27, "cream", "lm")
            _paint_panel(brush, self.colours, self.events)

        return PALETTE.sprite(WIDTH, HEIGHT, "night", paint)


def _panel_slots(colours: Sequence[str], events: Sequence[Event]) -> dict[str, Slot]:
    """The slots for the own seat and for each count."""
    slots: dict[str, Slot] = {
        "seat": Choice(
            SEAT_CARD[:2], tuple(range(len(colours))), partial(_seat_card, tuple(colours))
        ),
    }
    for event, top, height in _cards(events):
        for seat, group in enumerate(_groups(colours, event)):
            right = max(group.values()) + PORTRAIT_RADIUS
            at = (right + _gap(colours), round(top + height * COUNT_HEIGHT) - 14)
            slots[f"{event.key} {seat}"] = Number(at, 2, PALETTE, size=25, ink="night", on="sand")
    return slots


def _paint_panel(brush: Brush, colours: Sequence[str], events: Sequence[Event]) -> None:
    """Paint what never changes: events, rewards, and the portraits in front of the counts."""
    brush.text((PANEL_LEFT + 2, HEADING_Y), "Events, rewards and counts", 20, "cream", "lm")
    for event, top, height in _cards(events):
        brush.box((PANEL_LEFT, top, PANEL_RIGHT, top + height), "cream", radius=12)
        brush.text((PANEL_LEFT + 14, top + height * 0.19), event.title, 19, "night", "lm")
        brush.text((PANEL_LEFT + 14, top + height * 0.42), event.reward, 20, "purple", "lm")
        middle = top + height * COUNT_HEIGHT
        for group in _groups(colours, event):
            left = min(group.values()) - PORTRAIT_RADIUS - 4
            right = max(group.values()) + PORTRAIT_RADIUS + _gap(colours) + 36
            brush.box((left, middle - 22, right, middle + 22), "sand", radius=10)
            for colour, x in group.items():
                paint_player(Frame(brush, (x, middle), PORTRAIT_RADIUS), colour)


def _cards(events: Sequence[Event]) -> Iterator[tuple[Event, int, int]]:
    """Each event with the top and the height of its card."""
    height = (EVENTS_BOTTOM - EVENTS_TOP + CARD_GAP) // len(events) - CARD_GAP
    for row, event in enumerate(events):
        yield event, EVENTS_TOP + row * (height + CARD_GAP), height


def _groups(colours: Sequence[str], event: Event) -> list[dict[str, int]]:
    """The players of each count of a card: colour -> x of the portrait, from left to right."""
    if event.shared:
        return [{colour: PANEL_LEFT + 31 + 36 * seat for seat, colour in enumerate(colours)}]
    width = (PANEL_RIGHT - PANEL_LEFT - 16) // len(colours)
    return [{colour: PANEL_LEFT + 31 + width * seat} for seat, colour in enumerate(colours)]


def _gap(colours: Sequence[str]) -> int:
    """The space between portraits and count; less where three counts share a row."""
    return 2 if len(colours) > 2 else 8


def _seat_card(colours: Sequence[str], seat: int) -> Image.Image:
    _, _, width, height = SEAT_CARD
    colour = colours[seat]

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), "slate", radius=12)
        paint_player(Frame(brush, (44, height / 2 + 1), 33), colour)
        brush.text((90, 26), "You are", 18, "sand", "lm")
        brush.text((90, 52), f"the {colour} player", 20, "white", "lm")

    return PALETTE.sprite(width, height, "night", paint)
