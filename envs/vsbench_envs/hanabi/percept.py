"""The percept of Hanabi, and what follows from it: public knowledge, and a seat's own.

Bots reason with sets of cards: the possible identities of a card in a hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

from vsbench_envs.game import Percept
from vsbench_envs.hanabi.variant import Variant

Result = Literal["", "scored", "misplayed"]


@dataclass(frozen=True)
class Card:
    """A card in a hand, and its holder's knowledge of it from reveals."""

    face: str
    """Colour letter and rank; empty on the holder's own percept."""
    colours: str
    """The colour letters still possible after the reveals so far."""
    ranks: str
    """The ranks still possible."""


@dataclass(frozen=True)
class Move:
    """A past move, as all seats saw it."""

    seat: int
    action: str
    """The action's label."""
    card: str = ""
    """The card played or discarded."""
    result: Result = ""
    """The result of a play."""
    touched: tuple[int, ...] = ()
    """The positions that a reveal pointed to, at that time."""


@dataclass(frozen=True)
class HanabiPercept(Percept):
    """The whole table except the faces of the own hand and of the deck.

    ``moves`` are the latest ``Variant.moves_shown`` moves, so the percepts of a seat's consecutive
    decisions overlap. :func:`new_moves` selects the new ones; concatenated, they are the whole
    history.
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
    """The moves since the acting seat's previous decision: one per seat, its own move first.

    At its first decision, all moves so far.
    """
    return percept.moves[-len(percept.hands) :]


Cards = frozenset[str]


@dataclass(frozen=True)
class Board:
    """Fireworks and discards, and the public knowledge that follows from them."""

    variant: Variant
    fireworks: tuple[int, ...]
    """The highest rank played, by colour."""
    discards: tuple[tuple[int, ...], ...]
    """By colour and rank."""

    @cached_property
    def attainable(self) -> dict[str, int]:
        """Colour letter -> highest rank that its firework can still reach."""
        attainable = {}
        for letter, height, gone in zip(
            self.variant.colours, self.fireworks, self.discards, strict=True
        ):
            ranks = self.variant.ranks[height:]
            copies = [self.variant.copies(letter + rank) for rank in ranks]
            dead = [g >= c for g, c in zip(gone[height:], copies, strict=True)]
            attainable[letter] = height + (dead.index(True) if True in dead else len(dead))
        return attainable

    @cached_property
    def height(self) -> dict[str, int]:
        """Colour letter -> highest rank played."""
        return dict(zip(self.variant.colours, self.fireworks, strict=True))

    @cached_property
    def copies_left(self) -> dict[str, int]:
        """Card -> copies still in the deck or in hands."""
        return {
            letter + rank: self.variant.copies(letter + rank) - gone - (place < height)
            for letter, height, counts in zip(
                self.variant.colours, self.fireworks, self.discards, strict=True
            )
            for place, (rank, gone) in enumerate(zip(self.variant.ranks, counts, strict=True))
        }

    @cached_property
    def playable(self) -> Cards:
        """The next card of each firework that can continue."""
        ranks = self.variant.ranks
        return frozenset(
            letter + ranks[height]
            for letter, height in self.height.items()
            if height < self.attainable[letter]
        )

    @cached_property
    def useful(self) -> Cards:
        """Cards that can still score, now or later."""
        return frozenset(
            letter + rank
            for letter, height in self.height.items()
            for rank in self.variant.ranks[height : self.attainable[letter]]
        )

    @cached_property
    def critical(self) -> Cards:
        """Useful cards with one copy left."""
        return frozenset(card for card in self.useful if self.copies_left[card] == 1)

    @cached_property
    def gone(self) -> Cards:
        """Cards with no copy left."""
        return frozenset(card for card, copies in self.copies_left.items() if not copies)

    def possible(self, card: Card) -> Cards:
        """The possible identities of a card, by public knowledge."""
        marked = _marked(card.colours, card.ranks)
        return (marked - self.gone) or marked

    def before(self, move: Move) -> Board:
        """The board before a move."""
        return self._with(move, -1)

    def after(self, move: Move) -> Board:
        """The board after a move."""
        return self._with(move, +1)

    def _with(self, move: Move, copies: int) -> Board:
        """The board with the card of a move added or removed."""
        if not move.card:
            return self
        column = self.variant.colours.index(move.card[0])
        row = self.variant.ranks.index(move.card[1])
        fireworks, discards = list(self.fireworks), [list(counts) for counts in self.discards]
        if move.result == "scored":
            fireworks[column] += copies
        else:
            discards[column][row] += copies
        return get_board(self.variant, tuple(fireworks), tuple(map(tuple, discards)))


@lru_cache(maxsize=1024)
def get_board(
    variant: Variant, fireworks: tuple[int, ...], discards: tuple[tuple[int, ...], ...]
) -> Board:
    """Get the board with these cards. Cached, since its properties take time to compute."""
    return Board(variant, fireworks, discards)


def board_of(percept: HanabiPercept, variant: Variant) -> Board:
    """The board in a percept."""
    return get_board(variant, percept.fireworks, percept.discards)


@lru_cache(maxsize=4096)
def _marked(colours: str, ranks: str) -> Cards:
    return frozenset(colour + rank for colour in colours for rank in ranks)


def after_clue(card: Card, clue: str, touched: bool) -> Card:
    """A card after a clue that touched it or not."""
    if clue in card.colours:
        return replace(card, colours=clue if touched else card.colours.replace(clue, ""))
    if clue in card.ranks:
        return replace(card, ranks=clue if touched else card.ranks.replace(clue, ""))
    return card


def unseen(board: Board, percept: HanabiPercept) -> dict[str, int]:
    """Card -> copies that the seat cannot see: in the deck or in its own hand."""
    copies_left = dict(board.copies_left)
    for seat, hand in enumerate(percept.hands):
        if seat != percept.seat:
            for card in hand:
                copies_left[card.face] -= 1
    return copies_left


def own_cards(board: Board, percept: HanabiPercept) -> list[Cards]:
    """The possible identities of each own card, excluding cards whose copies are all visible."""
    copies_left = unseen(board, percept)
    hand = [
        frozenset(c for c in board.possible(card) if copies_left[c])
        for card in percept.hands[percept.seat]
    ]
    for known in [cards for cards in hand if len(cards) == 1]:
        (card,) = known
        if hand.count(known) >= copies_left[card]:
            hand = [cards if cards == known else (cards - known) or cards for cards in hand]
    return hand


def expected_value(cards: Cards, values: Mapping[str, int], copies: Mapping[str, int]) -> float:
    """The expected value of a card, with probabilities in proportion to the copies.

    Values are integers, so that the sum does not depend on the order of a set.
    """
    total = sum(copies[card] for card in cards)
    return sum(copies[card] * values[card] for card in cards) / total if total else 0.0
