"""What a player of Hanabi may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vsbench_envs.game import Percept

Result = Literal["", "scored", "misplayed"]


@dataclass(frozen=True)
class Card:
    """A card in a hand and what its holder has been told."""

    face: str
    """Colour letter and rank; empty on the holder's own percept."""
    colours: str
    """The colour letters that the reveals so far leave possible."""
    ranks: str
    """The ranks that they leave possible."""


@dataclass(frozen=True)
class Move:
    """Something done at the table, as everybody saw it."""

    seat: int
    action: str
    """The action's label."""
    card: str = ""
    """The card played or discarded."""
    result: Result = ""
    """Of a play."""
    touched: tuple[int, ...] = ()
    """The positions that a reveal pointed to, as the cards lay then."""


@dataclass(frozen=True)
class HanabiPercept(Percept):
    """The whole table but the faces of one's own hand and of the deck.

    ``moves`` are the latest ``Variant.moves_shown``, so the percepts of a seat's consecutive
    decisions overlap; :func:`new_moves` names those that are new. Put end to end, they tell the
    whole history.
    """

    lives: int
    tokens: int
    deck: int
    """Cards left to draw."""
    fireworks: tuple[int, ...]
    """The highest rank played, by colour; 0 for none."""
    discards: tuple[tuple[int, ...], ...]
    """Cards out of the game by colour and rank: discarded or misplayed."""
    hands: tuple[tuple[Card, ...], ...]
    """By seat, the oldest card first."""
    moves: tuple[Move, ...]

    @property
    def score(self) -> int:
        """Cards on the fireworks."""
        return sum(self.fireworks)


def new_moves(percept: HanabiPercept) -> tuple[Move, ...]:
    """The moves that a seat to act has not seen at its decision before: one for each seat.

    Those are its own last move and what the others did since; at its first decision, all.
    """
    return percept.moves[-len(percept.hands) :]
