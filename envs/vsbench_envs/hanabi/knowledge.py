"""What is known at a Hanabi table: to everybody, and to one seat besides.

Bots think in sets of cards: those that a card in a hand may still be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move
from vsbench_envs.hanabi.variant import Variant

Cards = frozenset[str]


@dataclass(frozen=True)
class Board:
    """The cards that everybody has seen leave the deck."""

    variant: Variant
    fireworks: tuple[int, ...]
    """The highest rank played, by colour."""
    discards: tuple[tuple[int, ...], ...]
    """By colour and rank."""

    @cached_property
    def reach(self) -> dict[str, int]:
        """The highest rank that each colour can still come to."""
        reach = {}
        for letter, height, gone in zip(
            self.variant.colours, self.fireworks, self.discards, strict=True
        ):
            ranks = self.variant.ranks[height:]
            copies = [self.variant.copies(letter + rank) for rank in ranks]
            dead = [g >= c for g, c in zip(gone[height:], copies, strict=True)]
            reach[letter] = height + (dead.index(True) if True in dead else len(dead))
        return reach

    @cached_property
    def height(self) -> dict[str, int]:
        """The highest rank played, by colour letter."""
        return dict(zip(self.variant.colours, self.fireworks, strict=True))

    @cached_property
    def left(self) -> dict[str, int]:
        """Copies of each card that are still in the deck or in hands."""
        return {
            letter + rank: self.variant.copies(letter + rank) - gone - (place < height)
            for letter, height, counts in zip(
                self.variant.colours, self.fireworks, self.discards, strict=True
            )
            for place, (rank, gone) in enumerate(zip(self.variant.ranks, counts, strict=True))
        }

    @cached_property
    def playable(self) -> Cards:
        """The next card of each firework that can go on."""
        ranks = self.variant.ranks
        return frozenset(
            letter + ranks[height]
            for letter, height in self.height.items()
            if height < self.reach[letter]
        )

    @cached_property
    def useful(self) -> Cards:
        """Cards that can still score, now or later."""
        return frozenset(
            letter + rank
            for letter, height in self.height.items()
            for rank in self.variant.ranks[height : self.reach[letter]]
        )

    @cached_property
    def critical(self) -> Cards:
        """Useful cards of which one copy is left."""
        return frozenset(card for card in self.useful if self.left[card] == 1)

    @cached_property
    def spent(self) -> Cards:
        """Cards of which no copy is left."""
        return frozenset(card for card, left in self.left.items() if not left)

    def possible(self, card: Card) -> Cards:
        """What a card may be, as everybody knows."""
        marked = _marked(card.colours, card.ranks)
        return (marked - self.spent) or marked

    def before(self, move: Move) -> Board:
        """The board on which a move was made."""
        return self._with(move, -1)

    def after(self, move: Move) -> Board:
        """The board that a move leaves."""
        return self._with(move, +1)

    def _with(self, move: Move, copies: int) -> Board:
        """The board with the card of a play or a discard put down or taken back."""
        if not move.card:
            return self
        column = self.variant.colours.index(move.card[0])
        row = self.variant.ranks.index(move.card[1])
        fireworks, discards = list(self.fireworks), [list(gone) for gone in self.discards]
        if move.result == "scored":
            fireworks[column] += copies
        else:
            discards[column][row] += copies
        return board(self.variant, tuple(fireworks), tuple(map(tuple, discards)))


@lru_cache(maxsize=1024)
def board(
    variant: Variant, fireworks: tuple[int, ...], discards: tuple[tuple[int, ...], ...]
) -> Board:
    """A board; the same one for the same cards, as what follows from them takes a while."""
    return Board(variant, fireworks, discards)


def board_of(percept: HanabiPercept, variant: Variant) -> Board:
    """The board that a percept shows."""
    return board(variant, percept.fireworks, percept.discards)


@lru_cache(maxsize=4096)
def _marked(colours: str, ranks: str) -> Cards:
    return frozenset(colour + rank for colour in colours for rank in ranks)


def told(card: Card, clue: str, touched: bool) -> Card:
    """A card after a clue that did or did not point to it."""
    if clue in card.colours:
        return replace(card, colours=clue if touched else card.colours.replace(clue, ""))
    if clue in card.ranks:
        return replace(card, ranks=clue if touched else card.ranks.replace(clue, ""))
    return card


def unseen(board: Board, percept: HanabiPercept) -> dict[str, int]:
    """Copies of each card that the seat has not seen: in the deck or in its own hand."""
    left = dict(board.left)
    for seat, hand in enumerate(percept.hands):
        if seat != percept.seat:
            for card in hand:
                left[card.face] -= 1
    return left


def own_cards(board: Board, percept: HanabiPercept) -> list[Cards]:
    """What each of the seat's own cards may be, with the cards in sight counted out."""
    left = unseen(board, percept)
    hand = [
        frozenset(c for c in board.possible(card) if left[c])
        for card in percept.hands[percept.seat]
    ]
    for known in [cards for cards in hand if len(cards) == 1]:
        (card,) = known
        if hand.count(known) >= left[card]:
            hand = [cards if cards == known else (cards - known) or cards for cards in hand]
    return hand


def mean(cards: Cards, worth: Mapping[str, int], copies: Mapping[str, int]) -> float:
    """The expected worth of a card that is one of these, each as likely as its copies are many.

    Worths are whole numbers, so that the sum does not hang on a set's order.
    """
    total = sum(copies[card] for card in cards)
    return sum(copies[card] * worth[card] for card in cards) / total if total else 0.0
