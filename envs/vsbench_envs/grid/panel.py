"""The panel beside the board: who you are, the step, and a card for each event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.grid.art import PALETTE, Frame, paint_player
from vsbench_envs.grid.rules import EPISODE_STEPS, Event
from vsbench_envs.scene import Choice, Number, Slot

LEFT, RIGHT = 500, 750
YOU = (LEFT, 16, RIGHT - LEFT, 78)
"""Left, top, width and height of the card that says who you are."""
STEP_TOP = 106
EVENTS_TOP, EVENTS_BOTTOM = 148, 516
GAP = 10
HEAD = 19
"""Radius of the small portraits beside the counts."""


def slots(colours: Sequence[str], events: Sequence[Event]) -> dict[str, Slot]:
    """Seat, step, and a number for each count."""
    found: dict[str, Slot] = {
        "seat": Choice(YOU[:2], tuple(range(len(colours))), lambda seat: _you(colours[seat])),
        "step": Number((LEFT, STEP_TOP), 2, PALETTE, size=24, ink="gold", on="night"),
    }
    for event, top, height in _cards(events):
        for seat, x in _columns(colours, event):
            at = (x + 21, round(top + height * 0.74) - 14)
            found[f"{event.key} {seat}"] = Number(at, 2, PALETTE, size=25, ink="night", on="cream")
    return found


def paint(brush: Brush, colours: Sequence[str], events: Sequence[Event]) -> None:
    """What stays the same: the events, their rewards, and whose count is where."""
    brush.text((LEFT + 40, STEP_TOP + 13), f"of {EPISODE_STEPS} steps played", 19, "sand", "lm")
    for event, top, height in _cards(events):
        brush.box((LEFT, top, RIGHT, top + height), "cream", radius=12)
        brush.text((LEFT + 14, top + height * 0.19), event.title, 19, "night", "lm")
        brush.text((LEFT + 14, top + height * 0.42), event.reward, 18, "purple", "lm")
        for seat, x in _columns(colours, event):
            middle = top + height * 0.74
            if event.shared:
                brush.text((x, middle), "times", 17, "slate")
            else:
                paint_player(Frame(brush, (x, middle), HEAD), colours[seat])


def _cards(events: Sequence[Event]) -> Iterator[tuple[Event, int, int]]:
    """Each event with its card's top and height."""
    height = (EVENTS_BOTTOM - EVENTS_TOP + GAP) // len(events) - GAP
    for row, event in enumerate(events):
        yield event, EVENTS_TOP + row * (height + GAP), height


def _columns(colours: Sequence[str], event: Event) -> Iterator[tuple[int, int]]:
    """The middle of each count's portrait, by seat."""
    for seat in range(1 if event.shared else len(colours)):
        yield seat, LEFT + 30 + seat * (RIGHT - LEFT - 16) // len(colours)


def _you(colour: str) -> Image.Image:
    _, _, width, height = YOU

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), "slate", radius=12)
        paint_player(Frame(brush, (44, height / 2 + 1), 33), colour)
        brush.text((90, 26), "You are", 18, "sand", "lm")
        brush.text((90, 52), f"the {colour} player", 20, "white", "lm")

    return PALETTE.sprite(width, height, "night", paint)
