"""The rules of Kuhn poker, by OpenSpiel's engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import permutations
from typing import Any, Self

import pyspiel

from vsbench_envs.game import State
from vsbench_envs.kuhn_poker.percept import CARDS, KuhnPercept

ACTIONS = ("pass", "bet")
PASS, BET = 0, 1

DEALS = tuple(permutations(range(len(CARDS)), 2))
"""The six deals; an episode's deal is its seed modulo six."""


@cache
def _engine() -> Any:
    return pyspiel.load_game("kuhn_poker")


class KuhnState(State[KuhnPercept]):
    """A hand of Kuhn poker."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2)
        self._deal = DEALS[seed % len(DEALS)]
        self._hand = _engine().new_initial_state()
        for card in self._deal:
            self._hand.apply_action(card)

    @property
    def acting(self) -> tuple[int, ...]:
        """The one player to move."""
        return () if self._hand.is_terminal() else (self._hand.current_player(),)

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Pass and bet, always."""
        return (PASS, BET) if seat in self.acting else ()

    @property
    def _moves(self) -> tuple[int, ...]:
        return tuple(self._hand.history()[len(self._deal) :])

    def percept(self, seat: int) -> KuhnPercept:
        """One's own card and the betting."""
        history = tuple(ACTIONS[move] for move in self._moves)
        return KuhnPercept(seat, CARDS[self._deal[seat]], history)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action),) = joint.items()
        facing_bet = BET in self._moves
        if action == BET:
            self.count("calls" if facing_bet else "bets", seat)
        elif facing_bet:
            self.count("folds", seat)
        self._hand.apply_action(action)
        return tuple(self._hand.rewards())

    def copy(self) -> Self:
        """A copy with an engine of its own."""
        twin = super().copy()
        twin._hand = self._hand.clone()
        return twin
