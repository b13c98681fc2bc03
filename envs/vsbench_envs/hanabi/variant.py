"""The numbers of a Hanabi table: seats, deck and supplies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from vsbench_envs.seeding import stream

COLOURS = {"R": "red", "Y": "yellow", "G": "green", "W": "white", "B": "blue"}
"""Letters on the cards and what they stand for."""


@dataclass(frozen=True)
class Variant:
    """A way to play Hanabi; the defaults are the full game for two.

    A card is written colour letter, rank: ``R3``. Each colour has three 1s, one card of its
    highest rank, and two of every rank between.
    """

    seats: int = 2
    colours: str = "RYGWB"
    ranks: str = "12345"
    hand: int = 5
    tokens: int = 8
    lives: int = 3

    @cached_property
    def cards(self) -> tuple[str, ...]:
        """Every different card; its place is the engine's number of it."""
        return tuple(colour + rank for colour in self.colours for rank in self.ranks)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """A card's place in ``cards``."""
        return {card: number for number, card in enumerate(self.cards)}

    def copies(self, card: str) -> int:
        """How many the deck holds."""
        rank = card[1]
        return 3 if rank == self.ranks[0] else 1 if rank == self.ranks[-1] else 2

    @property
    def moves_shown(self) -> int:
        """How many of the latest moves a seat sees: four, or one for each seat if that is more."""
        return max(4, self.seats)

    @property
    def deck(self) -> int:
        """The size of the deck before the deal."""
        return sum(self.copies(card) for card in self.cards)

    @property
    def best(self) -> int:
        """The score of a perfect game."""
        return len(self.cards)

    def shuffled(self, seed: int) -> tuple[str, ...]:
        """The deck of an episode in the order of dealing: seat by seat, then as it is drawn."""
        deck = [card for card in self.cards for _ in range(self.copies(card))]
        stream(seed, "deck").shuffle(deck)
        return tuple(deck)
