"""States whose rules are played by OpenSpiel's engine, one seat at a time."""

from __future__ import annotations

from typing import Any, Self

from vsbench_envs.game import P, State


class OpenSpielState(State[P]):
    """A state of a turn-based game on OpenSpiel's engine.

    Subclasses play actions on ``engine_state`` in ``_play``, and resolve its chance nodes.
    """

    def __init__(self, seed: int, seats: int, engine_state: Any) -> None:
        super().__init__(seed, seats)
        self.engine_state = engine_state
        """The ``pyspiel.State``."""

    @property
    def acting(self) -> tuple[int, ...]:
        """The player to move."""
        state = self.engine_state
        return () if state.is_terminal() else (state.current_player(),)

    def copy(self) -> Self:
        """A copy with its own engine state."""
        clone = super().copy()
        clone.engine_state = self.engine_state.clone()
        return clone
