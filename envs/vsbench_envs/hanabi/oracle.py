"""The strongest player: clues that point at a card, and a worth for everything that can be done.

An action is worth what it gains now and what the other seats will do next.
"""

from __future__ import annotations

from functools import cached_property

from vsbench_envs.game import Turn
from vsbench_envs.hanabi.actions import Action, actions
from vsbench_envs.hanabi.knowledge import board_of, mean, own_cards, unseen
from vsbench_envs.hanabi.others import Other, spares
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.pointing import asked
from vsbench_envs.hanabi.variant import Variant
from vsbench_envs.hanabi.worths import Worths

ASKED = 0.3
"""For doing at once what a clue asks, as it will not be remembered."""

TRUST = 0.6
"""How much of a discard's risk is left when the seat before could have warned and did not."""

SLACK, LATE = 2, 0.27
"""Turns to spare below which a discard costs extra, and how much."""

GAMBLE = 0.2
"""The chance from which a card is tried in the last round."""

NEVER = -1000.0


def decide(turn: Turn[HanabiPercept], variant: Variant) -> int:
    """The action of the highest worth."""
    mind = Mind(turn.percept, variant)
    return max(turn.legal, key=lambda action: mind.worth(actions(variant)[action]))


class Mind:
    """What one seat makes of what it perceives."""

    def __init__(self, percept: HanabiPercept, variant: Variant) -> None:
        self.percept = percept
        self.variant = variant
        self.board = board_of(percept, variant)
        self.worths = Worths(self.board, percept)
        self.unseen = unseen(self.board, percept)
        self.mine = own_cards(self.board, percept)
        certain = frozenset(card for cards in self.mine if len(cards) == 1 for card in cards)
        self.others = {
            seat: Other(percept, seat, self.worths, certain)
            for seat in range(variant.seats)
            if seat != percept.seat
        }

    def worth(self, action: Action) -> float:
        """What an action gains and what the others are then expected to do."""
        if action.kind == "reveal":
            return self._reveal(action)
        own = self._play if action.kind == "play" else self._discard
        return own(action.position) + sum(self._deeds.values())

    @cached_property
    def _deeds(self) -> dict[int, float]:
        """What each of the others is expected to do without a clue."""
        return {seat: other.deed() for seat, other in self.others.items()}

    def _reveal(self, action: Action) -> float:
        target = action.aimed(self.percept.seat, self.variant)
        claimed = frozenset(o.plan for seat, o in self.others.items() if seat != target)
        deed = self.others[target].deed_after(action.clue, claimed)
        rest = sum(self._deeds.values()) - self._deeds[target]
        tokens = self.percept.tokens
        return deed + rest - (self.worths.token(tokens) if tokens < self.variant.tokens else 0.0)

    def _play(self, position: int) -> float:
        cards, percept = self.mine[position - 1], self.percept
        fitting = cards & self.board.playable
        if fitting and fitting == cards:
            return self.worths.play(min(fitting, key=_rank))
        if fitting and position == self._asked:
            return self.worths.play(min(fitting, key=_rank)) + ASKED
        if percept.deck == 0 and percept.lives > 1:
            fits = {card: card in fitting for card in self.unseen}
            chance = mean(cards, fits, self.unseen)
            return chance if chance > GAMBLE else NEVER
        return NEVER

    @cached_property
    def _asked(self) -> int | None:
        return asked(self.percept, self.percept.seat, self.variant)

    def _discard(self, position: int) -> float:
        if position != self._spare:
            return NEVER
        risk = mean(self.mine[position - 1], self.worths.stakes, self.unseen) / 100
        late = self.percept.deck > 0 and self._slack < SLACK
        return (
            self.worths.token(self.percept.tokens + 1)
            - risk * (TRUST if self._was_watched else 1.0)
            - (LATE if late else 0.0)
        )

    @cached_property
    def _spare(self) -> int:
        """The card to discard: a useless one, or the one that everybody expects."""
        for position, cards in enumerate(self.mine, 1):
            if not cards & self.board.useful:
                return position
        hand = self.percept.hands[self.percept.seat]
        return spares(self.worths, [self.board.possible(card) for card in hand])[0]

    @property
    def _was_watched(self) -> bool:
        """Whether the seat before had a token to warn with."""
        if not self.percept.moves:
            return False
        gained = self.percept.moves[-1].action.startswith("discard")
        return self.percept.tokens > gained

    @property
    def _slack(self) -> int:
        """Turns to spare if every card that can still score is to be played."""
        return self.percept.deck + self.variant.seats - len(self.board.useful)


def _rank(card: str) -> tuple[str, str]:
    """Lowest rank first; the colour only settles the order."""
    return card[1], card[0]
