"""Percept, events and state of the grid games.

An episode has fifty steps of simultaneous moves. Each game implements the effects of meeting the
things on the board.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vsbench_envs.game import Percept, State
from vsbench_envs.grid.board import ACTIONS, CELLS, Cell, move, same_outcome
from vsbench_envs.seeding import stream


@dataclass(frozen=True)
class GridPercept(Percept):
    """The board and the counted events; percepts differ between seats only in ``seat``."""

    players: tuple[Cell, ...]
    """Cells of the players, by seat; players may share a cell."""
    things: tuple[Cell, ...]
    """Cells of the coins, apples, monster or blocks, in the game's own order; things that look
    alike are sorted by cell."""
    counts: tuple[tuple[int, ...], ...]
    """Counts of the events, in the order of the table, then by seat."""

    @property
    def here(self) -> Cell:
        """The own cell."""
        return self.players[self.seat]


EPISODE_STEPS = 50


@dataclass(frozen=True)
class Event:
    """A row of the table that players see: an event that is rewarded and counted."""

    key: str
    """Its name in ``State.events``."""
    title: str
    """Its name in the table, for example ``eats an apple``."""
    reward: str
    """The reward as written in the table."""
    shared: bool = False
    """Whether it happens to all players at once, so that one count serves all."""


class GridState(State[GridPercept]):
    """Players and things on a board; each starts on a different cell."""

    def __init__(self, seed: int, *, seats: int, things: int, events: Sequence[Event]) -> None:
        super().__init__(seed, seats)
        self.events = {event.key: (0,) * seats for event in events}
        cells = tuple(stream(seed, "start").sample(CELLS, seats + things))
        self.players = cells[:seats]
        self.things = cells[seats:]

    @property
    def acting(self) -> tuple[int, ...]:
        """All seats, until the last step is played."""
        return () if self.truncated else tuple(range(self.seats))

    @property
    def truncated(self) -> bool:
        """Whether the last step is played; episodes end in no other way."""
        return self.step >= EPISODE_STEPS

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """All five actions, at walls too."""
        return tuple(range(len(ACTIONS))) if seat in self.acting else ()

    def percept(self, seat: int) -> GridPercept:
        """The whole board and the counts, without the number of steps played."""
        return GridPercept(seat, self.players, self.things, tuple(self.events.values()))

    def equivalents(self, seat: int, action: int) -> tuple[int, ...]:
        """All actions that lead to the same cell."""
        return same_outcome(self.players[seat], action)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        self.players = tuple(move(cell, joint[seat]) for seat, cell in enumerate(self.players))
        rewards = [0.0] * self.seats
        self._resolve(rewards)
        return tuple(rewards)

    @abstractmethod
    def _resolve(self, rewards: list[float]) -> None:
        """Apply the effects of the players' new cells; add to ``rewards``, by seat."""

    def on(self, cell: Cell) -> tuple[int, ...]:
        """The seats of the players on a cell."""
        return tuple(seat for seat, at in enumerate(self.players) if at == cell)

    def respawn_thing(self, index: int) -> None:
        """Move a thing to a random free cell."""
        cell = self._free_cell(f"thing {index}")
        self.things = (*self.things[:index], cell, *self.things[index + 1 :])

    def respawn_player(self, seat: int) -> None:
        """Move a player to a random free cell."""
        cell = self._free_cell(f"player {seat}")
        self.players = (*self.players[:seat], cell, *self.players[seat + 1 :])

    def _free_cell(self, purpose: str) -> Cell:
        taken = {*self.players, *self.things}
        return stream(self.seed, "respawn", purpose, self.step).choice(
            [cell for cell in CELLS if cell not in taken]
        )
