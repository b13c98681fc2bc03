"""The rules of Monster Hunt."""

from __future__ import annotations

from vsbench_envs.grid.board import Cell, move, nearest, step_towards
from vsbench_envs.grid.rules import Event, GridState
from vsbench_envs.seeding import stream

APPLE = 2.0
DEFEAT = 5.0
"""Reward to each player when both meet the monster together."""
MAULED = -2.0

EVENTS = (
    Event("apples", "eats an apple", "+2"),
    Event("lone_meetings", "meets the monster alone", "-2"),
    Event("joint_defeats", "both meet the monster", "+5 each", shared=True),
)


class HuntState(GridState):
    """An episode. ``things`` are two apples, sorted by cell, and the monster."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2, things=3, events=EVENTS)
        self._sort_apples()

    def _resolve(self, rewards: list[float]) -> None:
        *apples, monster = self.things
        for seat, cell in enumerate(self.players):
            if cell in apples:
                rewards[seat] += APPLE
                self.count("apples", seat)
        monster = self._move_monster(monster)
        self.things = (*apples, monster)
        eaten = [i for i, apple in enumerate(apples) if apple in (*self.players, monster)]

        meeting = self.on(monster)
        for seat in meeting:
            alone = len(meeting) == 1
            rewards[seat] += MAULED if alone else DEFEAT
            self.count("lone_meetings" if alone else "joint_defeats", seat)
        if len(meeting) == 1:
            self.respawn_player(meeting[0])
        elif meeting:
            self.respawn_thing(len(apples))
        for index in eaten:
            self.respawn_thing(index)
        self._sort_apples()

    def _move_monster(self, monster: Cell) -> Cell:
        """Take one step towards the nearest player; break ties at random."""
        rng = stream(self.seed, "monster", self.step)
        return move(monster, step_towards(rng, monster, nearest(rng, monster, self.players)))

    def _sort_apples(self) -> None:
        *apples, monster = self.things
        self.things = (*sorted(apples), monster)
