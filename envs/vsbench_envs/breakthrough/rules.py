"""The rules of Breakthrough, by OpenSpiel's engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Self

import pyspiel

from vsbench_envs.breakthrough.moves import ENGINE_MOVES
from vsbench_envs.breakthrough.percept import BreakthroughPercept
from vsbench_envs.game import State


@cache
def engine() -> Any:
    """OpenSpiel's game, which its search players ask for too."""
    return pyspiel.load_game("breakthrough")


class BreakthroughState(State[BreakthroughPercept]):
    """A game of Breakthrough. There is no chance in it, so every seed starts alike."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2)
        self.position = engine().new_initial_state()
        """OpenSpiel's state."""

    @property
    def acting(self) -> tuple[int, ...]:
        """The one player to move."""
        return () if self.position.is_terminal() else (self.position.current_player(),)

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Steps ahead onto empty squares, and diagonal captures."""
        if seat not in self.acting:
            return ()
        return tuple(sorted(ENGINE_MOVES[move] for move in self.position.legal_actions()))

    def percept(self, seat: int) -> BreakthroughPercept:
        """The board."""
        # The engine prints each row behind its number, then the files and a blank line.
        board = tuple(row[1:] for row in str(self.position).split()[:8])
        return BreakthroughPercept(seat, board)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        ((seat, action),) = joint.items()
        move = next(m for m in self.position.legal_actions() if ENGINE_MOVES[m] == action)
        if move % 2:
            self.count("captures", seat)
        self.position.apply_action(move)
        return tuple(self.position.rewards())

    def copy(self) -> Self:
        """A copy with an engine state of its own."""
        twin = super().copy()
        twin.position = self.position.clone()
        return twin
