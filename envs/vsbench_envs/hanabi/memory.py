"""What a game of Hanabi has meant so far, by the conventions that people use at the table.

A seat's percepts tell every move. Going through them, this keeps with each card what its clues
were meant to say, which the marks on the table do not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from vsbench_envs.hanabi.actions import by_label
from vsbench_envs.hanabi.knowledge import Board, Cards, board, board_of, told
from vsbench_envs.hanabi.percept import Card, HanabiPercept, Move, new_moves
from vsbench_envs.hanabi.variant import Variant


@dataclass(frozen=True)
class Held:
    """A card in a hand as the clues have left it."""

    card: Card
    """The marks; the face is not part of what is remembered."""
    touched: bool = False
    """Whether a clue has pointed to it."""
    meant: Cards = frozenset()
    """What it is by the clue that was about it; empty if none was."""

    def believed(self, board: Board) -> Cards:
        """What the card is taken to be."""
        possible = board.possible(self.card)
        return (possible & self.meant) or possible


Hand = tuple[Held, ...]


def spare(hand: Hand) -> int | None:
    """The position of the card to discard next: the oldest that no clue has touched."""
    return next((position for position, held in enumerate(hand, 1) if not held.touched), None)


def understood(board: Board, hand: Hand, clue: str, touched: Sequence[int]) -> Hand:
    """A hand after a clue, by convention.

    A clue is about one card: the spare one if it is touched, else the newest of those touched for
    the first time, else the newest that may be playable. It says that this card is playable; of
    the spare card it may also say that it is the last copy of something still wanted.
    """
    after = [
        Held(told(held.card, clue, pointed), held.touched or pointed, held.meant)
        for held, pointed in ((held, p in touched) for p, held in enumerate(hand, 1))
    ]
    spared = spare(hand)
    fresh = [position for position in touched if not hand[position - 1].touched]
    about, meaning = spared, board.playable | board.critical
    if spared not in fresh:
        candidates = fresh or [p for p in touched if _may_be_playable(board, after[p - 1])]
        about, meaning = max(candidates, default=None), board.playable
    if about is not None:
        held = after[about - 1]
        after[about - 1] = replace(held, meant=board.possible(held.card) & meaning)
    return tuple(after)


def _may_be_playable(board: Board, held: Held) -> bool:
    believed = held.believed(board)
    return bool(believed & board.playable) and not believed <= board.playable


@dataclass(frozen=True)
class Table:
    """All hands and the board at one moment."""

    board: Board
    deck: int
    hands: tuple[Hand, ...]

    def after(self, move: Move) -> Table:
        """The table after a move."""
        variant = self.board.variant
        action = by_label(variant)[move.action]
        hands = list(self.hands)
        if action.kind == "reveal":
            target = action.aimed(move.seat, variant)
            hands[target] = understood(self.board, hands[target], action.clue, move.touched)
            return replace(self, hands=tuple(hands))
        hand = list(hands[move.seat])
        del hand[action.position - 1]
        if self.deck:
            hand.append(Held(Card("", variant.colours, variant.ranks)))
        hands[move.seat] = tuple(hand)
        return Table(self.board.after(move), max(0, self.deck - 1), tuple(hands))


def recall(percepts: Sequence[HanabiPercept], variant: Variant) -> Table:
    """The table now, remembered from the first percept on."""
    first, *later = percepts
    if len(first.moves) < variant.moves_shown:
        table, moves = _dealt(variant), first.moves
    else:
        table, moves = _looked_at(first, variant), ()
    for move in chain(moves, *map(new_moves, later)):
        table = table.after(move)
    return table


def _dealt(variant: Variant) -> Table:
    """The table before the first move."""
    nothing = board(
        variant,
        (0,) * len(variant.colours),
        ((0,) * len(variant.ranks),) * len(variant.colours),
    )
    hand = (Held(Card("", variant.colours, variant.ranks)),) * variant.hand
    return Table(nothing, variant.deck - variant.seats * variant.hand, (hand,) * variant.seats)


def _looked_at(percept: HanabiPercept, variant: Variant) -> Table:
    """The table as a newcomer finds it: marks, but not what was meant by them."""
    hands = [
        tuple(
            Held(replace(card, face=""), touched=1 in (len(card.colours), len(card.ranks)))
            for card in hand
        )
        for hand in percept.hands
    ]
    return Table(board_of(percept, variant), percept.deck, tuple(hands))
