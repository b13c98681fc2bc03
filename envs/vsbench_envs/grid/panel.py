"""The panel beside the board: who you are, and a card for each event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PIL import Image

from vsbench_envs.canvas import Brush
from vsbench_envs.grid.art import PALETTE, Frame, paint_player
from vsbench_envs.grid.rules import Event
from vsbench_envs.scene import Choice, Number, Slot

LEFT, RIGHT = 498, 748
YOU = (LEFT, 20, RIGHT - LEFT, 78)
"""Left, top, width and height of the card that says who you are."""
HEADING = 121
EVENTS_TOP, EVENTS_BOTTOM = 141, 520
GAP = 10
HEAD = 17
"""Radius of the small portraits before the counts."""
COUNTS = 0.73
"""How far down a card the counts are."""


def slots(colours: Sequence[str], events: Sequence[Event]) -> dict[str, Slot]:
    """The seat, and a number for each count."""
    found: dict[str, Slot] = {
        "seat": Choice(YOU[:2], tuple(range(len(colours))), partial(_you, tuple(colours))),
    }
    for event, top, height in _cards(events):
        for seat, group in enumerate(_groups(colours, event)):
            right = max(group.values()) + HEAD
            at = (right + _gap(colours), round(top + height * COUNTS) - 14)
            found[f"{event.key} {seat}"] = Number(at, 2, PALETTE, size=25, ink="night", on="sand")
    return found


def paint(brush: Brush, colours: Sequence[str], events: Sequence[Event]) -> None:
    """What stays the same: the events, their rewards, and whose count is where."""
    brush.text((LEFT + 2, HEADING), "Events, rewards and counts", 20, "cream", "lm")
    for event, top, height in _cards(events):
        brush.box((LEFT, top, RIGHT, top + height), "cream", radius=12)
        brush.text((LEFT + 14, top + height * 0.19), event.title, 19, "night", "lm")
        brush.text((LEFT + 14, top + height * 0.42), event.reward, 20, "purple", "lm")
        middle = top + height * COUNTS
        for group in _groups(colours, event):
            left = min(group.values()) - HEAD - 4
            right = max(group.values()) + HEAD + _gap(colours) + 36
            brush.box((left, middle - 22, right, middle + 22), "sand", radius=10)
            for colour, x in group.items():
                paint_player(Frame(brush, (x, middle), HEAD), colour)


def _cards(events: Sequence[Event]) -> Iterator[tuple[Event, int, int]]:
    """Each event with its card's top and height."""
    height = (EVENTS_BOTTOM - EVENTS_TOP + GAP) // len(events) - GAP
    for row, event in enumerate(events):
        yield event, EVENTS_TOP + row * (height + GAP), height


def _groups(colours: Sequence[str], event: Event) -> list[dict[str, int]]:
    """Who is counted together in a card, and where each one's portrait is from left to right."""
    if event.shared:
        return [{colour: LEFT + 31 + 36 * seat for seat, colour in enumerate(colours)}]
    width = (RIGHT - LEFT - 16) // len(colours)
    return [{colour: LEFT + 31 + width * seat} for seat, colour in enumerate(colours)]


def _gap(colours: Sequence[str]) -> int:
    """The space between portraits and count: little where three counts share a row."""
    return 2 if len(colours) > 2 else 8


def _you(colours: Sequence[str], seat: int) -> Image.Image:
    _, _, width, height = YOU
    colour = colours[seat]

    def paint(brush: Brush) -> None:
        brush.box((0, 0, width, height), "slate", radius=12)
        paint_player(Frame(brush, (44, height / 2 + 1), 33), colour)
        brush.text((90, 26), "You are", 18, "sand", "lm")
        brush.text((90, 52), f"the {colour} player", 20, "white", "lm")

    return PALETTE.sprite(width, height, "night", paint)
