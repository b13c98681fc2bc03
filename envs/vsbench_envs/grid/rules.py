"""Fifty steps on the board: what happens when players meet things is each game's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vsbench_envs.game import State
from vsbench_envs.grid.board import ACTIONS, CELLS, Cell, move, same_outcome
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.seeding import stream

EPISODE_STEPS = 50


@dataclass(frozen=True)
class Event:
    """A row of the table that players see: something that pays, and is counted."""

    key: str
    """Its name in an episode's figures."""
    title: str
    """Its name in the table, as what a player does or what happens."""
    reward: str
    """As written in the table."""
    shared: bool = False
    """Happens to all players at once, so that one count serves for all."""


class GridState(State[GridPercept]):
    """Players and things on a board; everything starts on a cell of its own."""

    def __init__(self, seed: int, *, seats: int, things: int, events: Sequence[Event]) -> None:
        super().__init__(seed, seats)
        self.events = {event.key: (0,) * seats for event in events}
        cells = tuple(stream(seed, "start").sample(CELLS, seats + things))
        self.players = cells[:seats]
        self.things = cells[seats:]

    @property
    def acting(self) -> tuple[int, ...]:
        """Everybody, until the time is up."""
        return () if self.truncated else tuple(range(self.seats))

    @property
    def truncated(self) -> bool:
        """Whether the last step is played: nothing else ends an episode."""
        return self.step >= EPISODE_STEPS

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """All five, walls or not."""
        return tuple(range(len(ACTIONS))) if seat in self.acting else ()

    def percept(self, seat: int) -> GridPercept:
        """The whole board and the counts. How many steps have been played is not in it."""
        return GridPercept(seat, self.players, self.things, tuple(self.events.values()))

    def equivalents(self, seat: int, action: int) -> tuple[int, ...]:
        """Those that lead to the same cell."""
        return same_outcome(self.players[seat], action)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        self.players = tuple(move(cell, joint[seat]) for seat, cell in enumerate(self.players))
        rewards = [0.0] * self.seats
        self._meet(rewards)
        return tuple(rewards)

    @abstractmethod
    def _meet(self, rewards: list[float]) -> None:
        """What follows from where the players have arrived; adds to the rewards by seat."""

    def on(self, cell: Cell) -> tuple[int, ...]:
        """The seats whose players stand on a cell."""
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
