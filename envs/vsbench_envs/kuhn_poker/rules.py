"""The rules of Kuhn poker, played on OpenSpiel's engine, and the percept of a player."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Any, Literal

import pyspiel

from vsbench_envs.game import Percept
from vsbench_envs.openspiel import OpenSpielState

Card = Literal["J", "Q", "K"]
CARDS: tuple[Card, ...] = ("J", "Q", "K")


@dataclass(frozen=True)
class KuhnPercept(Percept):
    """The own card and the betting; the opponent's card stays hidden to the end."""

    card: Card
    history: tuple[str, ...]
    """Moves so far, seat 0's first: at most three of ``pass`` and ``bet``."""

    @property
    def chips(self) -> tuple[int, int]:
        """Chips in the pot by seat: the ante and the bets."""
        first, second = self.history[0::2], self.history[1::2]
        return 1 + first.count("bet"), 1 + second.count("bet")


ACTIONS = ("pass", "bet")
PASS, BET = 0, 1

DEALS = tuple(permutations(range(len(CARDS)), 2))
"""The six deals; an episode's deal is its seed modulo six."""


@cache
def _engine() -> Any:
    return pyspiel.load_game("kuhn_poker")


class KuhnState(OpenSpielState[KuhnPercept]):
    """A hand of Kuhn poker."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, 2, _engine().new_initial_state())
        self._deal = DEALS[seed % len(DEALS)]
        for card in self._deal:
            self.engine_state.apply_action(card)

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Pass and bet."""
        return (PASS, BET) if seat in self.acting else ()

    @property
    def _moves(self) -> tuple[int, ...]:
        return tuple(self.engine_state.history()[len(self._deal) :])

    def percept(self, seat: int) -> KuhnPercept:
        """The own card and the betting."""
        history = tuple(ACTIONS[move] for move in self._moves)
        return KuhnPercept(seat, CARDS[self._deal[seat]], history)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action),) = joint.items()
        facing_bet = BET in self._moves
        if action == BET:
            self.count("calls" if facing_bet else "bets", seat)
        elif facing_bet:
            self.count("folds", seat)
        self.engine_state.apply_action(action)
        return tuple(self.engine_state.rewards())
