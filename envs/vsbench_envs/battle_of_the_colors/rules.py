"""The rules of Battle of the Colors."""

from __future__ import annotations

from vsbench_envs.grid.rules import Event, GridState

OWN_BLOCK, OTHER_BLOCK = 2.0, 1.0
"""Rewards of a meeting on a block: to the player of its colour, and to the other one."""

EVENTS = (
    Event("both_red", "both on the red block", "red +2, blue +1", shared=True),
    Event("both_blue", "both on the blue block", "red +1, blue +2", shared=True),
    Event("split", "on different blocks", "0 for both", shared=True),
)


class BattleState(GridState):
    """An episode. ``things`` are the blocks, in the order of the seats that own them."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=2, things=2, events=EVENTS)

    def _resolve(self, rewards: list[float]) -> None:
        red, blue = (self.on(block) for block in self.things)
        if len(red) == self.seats:
            self._settle("both_red", (0,), rewards, (OWN_BLOCK, OTHER_BLOCK))
        elif len(blue) == self.seats:
            self._settle("both_blue", (1,), rewards, (OTHER_BLOCK, OWN_BLOCK))
        elif red and blue:
            self._settle("split", (0, 1), rewards, (0.0, 0.0))

    def _settle(
        self,
        event: str,
        blocks_to_move: tuple[int, ...],
        rewards: list[float],
        payoffs: tuple[float, float],
    ) -> None:
        """Pay and count an event, then move its blocks."""
        rewards[:] = payoffs
        for seat in range(self.seats):
            self.count(event, seat)
        for block in blocks_to_move:
            self.respawn_thing(block)
