"""The rules of Monster Hunt."""

from __future__ import annotations

from vsbench_envs.grid.board import Cell, distance, move, towards
from vsbench_envs.grid.rules import Event, GridState
from vsbench_envs.seeding import stream

APPLE = 2.0
DEFEAT = 5.0
"""To each of the two who meet the monster together."""
MAULED = -2.0

EVENTS = (
    Event("apples", "eats an apple", "+2"),
    Event("lone_meetings", "meets the monster alone", "-2"),
    Event("joint_defeats", "both meet the monster", "+5 each", shared=True),
)


class HuntState(GridState):
    """``things`` are two apples, in the order of their cells, and the monster."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2, things=3, events=EVENTS)
        self._sort_apples()

    def _meet(self, rewards: list[float]) -> None:
        *apples, monster = self.things
        for seat, cell in enumerate(self.players):
            if cell in apples:
                rewards[seat] += APPLE
                self.count("apples", seat)
        monster = self._prowl(monster)
        self.things = (*apples, monster)
        eaten = [i for i, apple in enumerate(apples) if apple in (*self.players, monster)]

        met = self.on(monster)
        for seat in met:
            alone = len(met) == 1
            rewards[seat] += MAULED if alone else DEFEAT
            self.count("lone_meetings" if alone else "joint_defeats", seat)
        if len(met) == 1:
            self.respawn_player(met[0])
        elif met:
            self.respawn_thing(len(apples))
        for index in eaten:
            self.respawn_thing(index)
        self._sort_apples()

    def _prowl(self, monster: Cell) -> Cell:
        """One step towards the nearest player; ties of players and of ways are broken by chance."""
        luck = stream(self.seed, "monster", self.step)
        nearest = min(distance(monster, cell) for cell in self.players)
        prey = luck.choice([cell for cell in self.players if distance(monster, cell) == nearest])
        return move(monster, luck.choice(towards(monster, prey)))

    def _sort_apples(self) -> None:
        *apples, monster = self.things
        self.things = (*sorted(apples), monster)
