"""Where things are in the picture of a Hanabi table, for any number of seats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from vsbench_envs.hanabi.variant import Variant

WIDTH = 768
MARGIN = 16
LEFT = 524
"""The width of the hands; the rest is for the supplies, the fireworks and the discards."""
PANEL = MARGIN + LEFT + 16
ROW = 26
"""The height of a line in the list of moves."""

TITLES = {2: 26, 3: 26, 4: 26, 5: 24}
CARD_HEIGHTS = {2: 122, 3: 92, 4: 60, 5: 42}
MARK_HEIGHTS = {2: 26, 3: 23, 4: 19, 5: 17}
PANEL_BOTTOM = 450


@dataclass(frozen=True)
class Layout:
    """The places for one variant."""

    variant: Variant

    @cached_property
    def pitch(self) -> int:
        """From one card to the next."""
        return LEFT // self.variant.hand

    @cached_property
    def mark(self) -> tuple[int, int]:
        """The size of a mark."""
        across = max(len(self.variant.colours), len(self.variant.ranks))
        return min(20, (self.pitch - 7) // across), MARK_HEIGHTS[self.variant.seats]

    @cached_property
    def card(self) -> tuple[int, int]:
        """The size of a card."""
        return min(78, self.pitch - 26), CARD_HEIGHTS[self.variant.seats]

    @property
    def title(self) -> int:
        """The height of a hand's title."""
        return TITLES[self.variant.seats]

    @cached_property
    def hand_height(self) -> int:
        """From one hand to the next."""
        return self.title + self.card[1] + 4 + 2 * self.mark[1] + 10

    def hand_top(self, place: int) -> int:
        """The top of a hand; place 0 is one's own, at the bottom, the next seat's is at the top."""
        row = (place - 1) % self.variant.seats
        return 12 + row * self.hand_height

    def slot(self, place: int, position: int) -> tuple[int, int]:
        """The left top corner of what belongs to a card, positions counted from 0."""
        return MARGIN + position * self.pitch, self.hand_top(place) + self.title

    @cached_property
    def moves_top(self) -> int:
        """Where the list of moves begins."""
        return max(12 + self.variant.seats * self.hand_height, PANEL_BOTTOM) + 2

    @cached_property
    def height(self) -> int:
        """Of the picture."""
        return self.moves_top + 30 + self.variant.moves_shown * ROW + 8
