"""A player by the conventions that people use: a clue is about one card, and is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from vsbench_envs.game import Turn
from vsbench_envs.hanabi.actions import Action, actions, ids
from vsbench_envs.hanabi.clues import Clue, weigh
from vsbench_envs.hanabi.knowledge import Cards, mean, own_cards, unseen
from vsbench_envs.hanabi.memory import Table, recall, spare
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.variant import Variant

PLENTY = 5
"""Tokens from which a good clue is better than a discard though it brings no play."""

GOOD = 100
"""The worth of a clue that keeps one card."""

FAIR = 0.2
"""The chance from which a card is tried in the last round."""


def decide(turn: Turn[HanabiPercept], variant: Variant) -> int:
    """What the first rule that applies says."""
    legal = [actions(variant)[action] for action in turn.legal]
    seat = Seat(turn.percept, recall(turn.percepts, variant), legal)
    return ids(variant)[next(seat.wishes())]


class Seat:
    """What one seat remembers, sees and wants."""

    def __init__(self, percept: HanabiPercept, table: Table, legal: list[Action]) -> None:
        self.percept = percept
        self.table = table
        self.board = table.board
        self.legal = legal
        self.unseen = unseen(self.board, percept)
        sure = own_cards(self.board, percept)
        believed = [held.believed(self.board) for held in table.hands[percept.seat]]
        self.mine = [(s & b) or s for s, b in zip(sure, believed, strict=True)]

    def wishes(self) -> Iterator[Action]:
        """Legal actions in the order of preference."""
        clues = self._clues
        if self._alarmed:
            yield from (clue.action for clue in clues if clue.saves)
        yield from self._plays()
        yield from (clue.action for clue in clues if clue.plays)
        yield from self._gambles()
        discards = [action for action in self.legal if action.kind == "discard"]
        if discards:
            yield from (a for a in discards if not self._own(a) & self.board.useful)
            if self.percept.tokens >= PLENTY:
                yield from (clue.action for clue in clues if clue.worth >= GOOD)
            old = spare(self.table.hands[self.percept.seat])
            yield from (a for a in discards if a.position == old)
        yield from (clue.action for clue in clues if clue.worth > -GOOD)
        yield from sorted(discards, key=self._risk)
        yield from (clue.action for clue in clues)

    def _own(self, action: Action) -> Cards:
        return self.mine[action.position - 1]

    def _risk(self, action: Action) -> float:
        board = self.board
        cost = {
            card: 3 * (card in board.critical)
            + (card in board.playable)
            - (card not in board.useful)
            for card in self.unseen
        }
        return mean(self._own(action), cost, self.unseen)

    def _plays(self) -> list[Action]:
        """Plays that are right by what is known and was meant, the lowest rank first."""
        plays = [a for a in self.legal if a.kind == "play" and self._own(a) <= self.board.playable]
        return sorted(plays, key=lambda a: min(card[1] for card in self._own(a)))

    def _gambles(self) -> list[Action]:
        """In the last round, with a life to spare, plays that have a fair chance."""
        if self.percept.deck or self.percept.lives == 1:
            return []
        fits = {card: card in self.board.playable for card in self.unseen}
        chance = {a: mean(self._own(a), fits, self.unseen) for a in self.legal if a.kind == "play"}
        return sorted((a for a in chance if chance[a] > FAIR), key=lambda a: -chance[a])

    @cached_property
    def _next(self) -> int:
        return (self.percept.seat + 1) % len(self.percept.hands)

    @cached_property
    def _alarmed(self) -> bool:
        """Whether the next seat is about to discard a last copy."""
        hand = self.table.hands[self._next]
        believed = [held.believed(self.board) for held in hand]
        busy = any(b <= self.board.playable or not b & self.board.useful for b in believed)
        old = spare(hand)
        if busy or old is None or self.percept.tokens == self.board.variant.tokens:
            return False
        return self.percept.hands[self._next][old - 1].face in self.board.critical

    @cached_property
    def _clues(self) -> list[Clue]:
        """Every clue, the best first."""
        certain = frozenset(card for cards in self.mine if len(cards) == 1 for card in cards)
        reveals = (action for action in self.legal if action.kind == "reveal")
        clues = [weigh(action, self.percept, self.table, certain) for action in reveals]
        return sorted(clues, key=lambda clue: -clue.worth)
