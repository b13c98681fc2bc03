"""Variants of Hanabi: seats, deck and counters, and the actions that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from vsbench_envs.seeding import stream

COLOURS = {"R": "red", "Y": "yellow", "G": "green", "W": "white", "B": "blue"}
"""Letter on a card -> name of the colour."""


@dataclass(frozen=True)
class Variant:
    """Parameters of a game; the defaults are the full game for two players.

    A card is written as colour letter and rank: ``R3``. Each colour has three cards of its lowest
    rank, one of its highest, and two of every rank in between.
    """

    seats: int = 2
    colours: str = "RYGWB"
    ranks: str = "12345"
    hand: int = 5
    tokens: int = 8
    lives: int = 3

    @cached_property
    def cards(self) -> tuple[str, ...]:
        """All different cards; the index is the engine's number of a card."""
        return tuple(colour + rank for colour in self.colours for rank in self.ranks)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Card -> index in ``cards``."""
        return {card: number for number, card in enumerate(self.cards)}

    def copies(self, card: str) -> int:
        """Number of copies of a card in the deck."""
        rank = card[1]
        return 3 if rank == self.ranks[0] else 1 if rank == self.ranks[-1] else 2

    @property
    def moves_shown(self) -> int:
        """Number of latest moves that a seat sees: four, or one per seat if that is more."""
        return max(4, self.seats)

    @property
    def deck(self) -> int:
        """Size of the deck before the deal."""
        return sum(self.copies(card) for card in self.cards)

    @property
    def best(self) -> int:
        """Score of a perfect game."""
        return len(self.cards)

    def shuffled(self, seed: int) -> tuple[str, ...]:
        """Shuffle the deck of an episode; it is dealt in this order, seat by seat, then drawn."""
        deck = [card for card in self.cards for _ in range(self.copies(card))]
        stream(seed, "deck").shuffle(deck)
        return tuple(deck)


Kind = Literal["play", "discard", "reveal"]


@dataclass(frozen=True)
class Action:
    """Play or discard an own card, or reveal a colour or rank of another hand."""

    kind: Kind
    position: int = 0
    """Position of the card to play or discard, counted from 1, the oldest."""
    clue: str = ""
    """The colour letter or the rank to reveal."""
    target: int = 0
    """The seat that gets the reveal. With two seats it is always 0 and means the other seat."""

    def target_seat(self, seat: int, variant: Variant) -> int:
        """The seat that gets this reveal by ``seat``."""
        return 1 - seat if variant.seats == 2 else self.target


@cache
def actions(variant: Variant) -> tuple[Action, ...]:
    """Action id -> action: plays, discards, then reveals, target by target."""
    positions = range(1, variant.hand + 1)
    targets = range(variant.seats) if variant.seats > 2 else (0,)
    return (
        *(Action("play", position) for position in positions),
        *(Action("discard", position) for position in positions),
        *(
            Action("reveal", clue=clue, target=target)
            for target in targets
            for clue in variant.colours + variant.ranks
        ),
    )


@cache
def action_ids(variant: Variant) -> dict[Action, int]:
    """Action -> action id."""
    return {action: number for number, action in enumerate(actions(variant))}


def label(action: Action, variant: Variant) -> str:
    """Label of an action, for example ``reveal rank 1``."""
    if action.kind != "reveal":
        return f"{action.kind} {action.position}"
    named = COLOURS.get(action.clue, f"rank {action.clue}")
    return f"reveal {named}" + (f" to player {action.target}" if variant.seats > 2 else "")


@cache
def actions_by_label(variant: Variant) -> dict[str, Action]:
    """Label -> action."""
    return {label(action, variant): action for action in actions(variant)}
