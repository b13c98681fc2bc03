"""The rules of Battle of the Colors."""

from __future__ import annotations

from vsbench_envs.grid.rules import Event, GridState

OWN, OTHERS = 2.0, 1.0
"""What a meeting pays the player of the block's colour, and the other."""

EVENTS = (
    Event("both_red", "both on the red block", "red +2, blue +1", shared=True),
    Event("both_blue", "both on the blue block", "red +1, blue +2", shared=True),
    Event("split", "on different blocks", "0 for both", shared=True),
)


class BattleState(GridState):
    """``things`` are the blocks, each of the colour of the seat with its number."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2, things=2, events=EVENTS)

    def _meet(self, rewards: list[float]) -> None:
        red, blue = (self.on(block) for block in self.things)
        if len(red) == self.seats:
            self._settle("both_red", (0,), rewards, (OWN, OTHERS))
        elif len(blue) == self.seats:
            self._settle("both_blue", (1,), rewards, (OTHERS, OWN))
        elif red and blue:
            self._settle("split", (0, 1), rewards, (0.0, 0.0))

    def _settle(
        self,
        event: str,
        moved: tuple[int, ...],
        rewards: list[float],
        pay: tuple[float, float],
    ) -> None:
        """Pay and count an event, and move its blocks."""
        rewards[:] = pay
        for seat in range(self.seats):
            self.count(event, seat)
        for block in moved:
            self.respawn_thing(block)
