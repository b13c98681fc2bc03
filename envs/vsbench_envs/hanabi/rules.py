"""The rules of Hanabi, by OpenSpiel's engine with a deck of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self

from vsbench_envs.game import State
from vsbench_envs.hanabi import engine
from vsbench_envs.hanabi.actions import Action, actions, label
from vsbench_envs.hanabi.knowledge import board_of, own_cards
from vsbench_envs.hanabi.percept import HanabiPercept, Move, Result
from vsbench_envs.hanabi.variant import Variant

FULL = Variant()


class HanabiState(State[HanabiPercept]):
    """A game of Hanabi.

    ``deck`` lists cards in the order of dealing; an episode's own is shuffled from its seed.
    """

    def __init__(
        self, seed: int, variant: Variant = FULL, deck: Sequence[str] | None = None
    ) -> None:
        super().__init__(seed, variant.seats)
        self.variant = variant
        self._deck = tuple(deck or variant.shuffled(seed))
        self._drawn = 0
        self._moves: tuple[Move, ...] = ()
        self._game = engine.load(variant).new_initial_state()
        self._deal()

    def _deal(self) -> None:
        """Give the engine the cards that it asks for, and look at the table."""
        while self._game.is_chance_node():
            self._game.apply_action(self.variant.numbers[self._deck[self._drawn]])
            self._drawn += 1
        self._table = engine.table(str(self._game), self.variant)

    @property
    def acting(self) -> tuple[int, ...]:
        """The one player to move."""
        return () if self._game.is_terminal() else (self._game.current_player(),)

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Any own card to play; to discard unless all tokens are there; what a token can tell."""
        if seat not in self.acting:
            return ()
        ours = engine.to_ours(self.variant, seat)
        return tuple(sorted(ours[theirs] for theirs in self._game.legal_actions()))

    def options(self, seat: int, target: int) -> tuple[int, ...]:
        """What another may do without telling ``seat`` its own cards.

        A hand can be told only of what it holds, so that the legal reveals would give away the
        cards of the one who is asked: whatever those may be, as far as their holder knows, is
        offered instead.
        """
        legal = self.legal_actions(target)
        if seat == target or not legal:
            return legal
        marks, tokens = self._own_marks(seat), self._table.tokens
        found = []
        for number, action in enumerate(actions(self.variant)):
            if action.kind == "reveal" and action.aimed(target, self.variant) == seat:
                if tokens and action.clue in marks:
                    found.append(number)
            elif number in legal:
                found.append(number)
        return tuple(found)

    def _own_marks(self, seat: int) -> frozenset[str]:
        """The colours and ranks that a hand may hold, by what it was told and by counting."""
        percept = self.percept(seat)
        hand = own_cards(board_of(percept, self.variant), percept)
        return frozenset(mark for cards in hand for card in cards for mark in card)

    def percept(self, seat: int) -> HanabiPercept:
        """The table with the seat's own cards face down."""
        hands = tuple(
            tuple(replace(card, face="") for card in hand) if holder == seat else hand
            for holder, hand in enumerate(self._table.hands)
        )
        moves = self._moves[-self.variant.moves_shown :]
        return replace(self._table, seat=seat, hands=hands, moves=moves)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action_id),) = joint.items()
        action, before = actions(self.variant)[action_id], self._table
        self._game.apply_action(engine.to_theirs(self.variant, seat)[action_id])
        self._deal()
        self._moves += (self._move(seat, action, before),)
        gain = self._game.returns()[0] - self.returns[0]
        return (gain,) * self.seats

    def _move(self, seat: int, action: Action, before: HanabiPercept) -> Move:
        """What happened, and its count."""
        name = label(action, self.variant)
        if action.kind == "reveal":
            self.count("reveals", seat)
            hand = before.hands[action.aimed(seat, self.variant)]
            touched = (i for i, card in enumerate(hand, 1) if action.clue in card.face)
            return Move(seat, name, touched=tuple(touched))
        card = before.hands[seat][action.position - 1].face
        if action.kind == "discard":
            self.count("discards", seat)
            return Move(seat, name, card)
        result: Result = "scored" if self._table.score > before.score else "misplayed"
        self.count("plays" if result == "scored" else "misplays", seat)
        return Move(seat, name, card, result)

    def copy(self) -> Self:
        """A copy with an engine of its own."""
        twin = super().copy()
        twin._game = self._game.clone()
        return twin
