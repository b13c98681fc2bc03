"""How two chefs get to where they want to be without bumping into each other.

For every pair of targets a table over all joint poses holds the fewest steps, summed over both
chefs, until each has faced its own and used it. The table is the fixed point of one step of
walking, and settles who gives way to whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.overcooked.layout import DIRECTIONS, Cell, Layout, ahead
from vsbench_envs.overcooked.percept import Chef
from vsbench_envs.overcooked.rules import STAY
from vsbench_envs.overcooked.ways import FAR, ways

Table = NDArray[np.int32]
Targets = tuple[Cell | None, Cell | None]
"""What each chef wants to face; None wants nothing and gives way."""

MOVES = STAY + 1
"""Four directions and staying."""
JOINT_MOVES = tuple(np.ndindex(MOVES, MOVES))


class Traffic:
    """The joint moves in one kitchen. A joint pose is numbered ``first * poses + second``."""

    def __init__(self, layout: Layout) -> None:
        poses = ways(layout).poses
        self._number = {pose: number for number, pose in enumerate(poses)}
        self._fronts = [ahead(*pose) for pose in poses]
        walks = [[self._number[after] for after in ways(layout).moves(pose)] for pose in poses]
        turns = [[self._number[cell, facing] for facing in DIRECTIONS] for cell, _ in poses]
        stays = np.arange(len(poses))[:, None]
        self._after = _joint(np.hstack([walks, stays]), np.hstack([turns, stays]))
        self._best: dict[Targets, list[int]] = {}

    def move(self, chefs: Sequence[Chef], targets: Targets) -> tuple[int, int]:
        """The best joint move towards two targets. A chef who faces its own stays."""
        if targets not in self._best:
            self._best[targets] = self._choose(targets)
        one, two = (self._number[chef.at, chef.facing] for chef in chefs)
        first, second = divmod(self._best[targets][one * len(self._number) + two], MOVES)
        return first, second

    def _choose(self, targets: Targets) -> list[int]:
        """The best joint move in each joint pose; of several, the one with the least walking."""
        first, second = self._alone(0, targets[0]), self._alone(1, targets[1])
        cost = self._together(first, second)[self._after]
        if None not in targets:
            # Who is there acts and is free in the next step: only the other's way counts.
            cost = np.where((first == 0) & (second > 0), second[self._after], cost)
            cost = np.where((second == 0) & (first > 0), first[self._after], cost)
        for number, (a, b) in enumerate(JOINT_MOVES):
            leaves = (targets[0] is not None and a != STAY) * (first == 0)
            leaves = leaves | (targets[1] is not None and b != STAY) * (second == 0)
            cost[number] = np.where(leaves, FAR * MOVES, cost[number] * MOVES)
            cost[number] += (a != STAY) + (b != STAY)
        return [int(best) for best in cost.argmin(axis=0)]

    def _alone(self, seat: int, target: Cell | None) -> Table:
        """Steps until one chef faces its target while the other makes way."""
        count = len(self._fronts)
        there = np.array([target in (None, front) for front in self._fronts])
        every = np.repeat(there, count) if seat == 0 else np.tile(there, count)
        return self._settle(np.where(every, 0, FAR), 1)

    def _together(self, first: Table, second: Table) -> Table:
        """The sum of both chefs' steps. One who has arrived stays a step to act, then is free."""
        stays = np.array([[a == STAY, b == STAY] for a, b in JOINT_MOVES])
        cost = np.full_like(first, FAR)
        waits = 1 + second[self._after[stays[:, 0]]].min(axis=0)
        cost = np.where(first == 0, waits, cost)
        waits = 1 + first[self._after[stays[:, 1]]].min(axis=0)
        cost = np.where(second == 0, waits, cost)
        cost = np.where((first == 0) & (second == 0), 0, cost)
        return self._settle(cost, 2)

    def _settle(self, cost: Table, each: int) -> Table:
        """Let every joint pose cost at most ``each`` more than the best that it leads to."""
        while True:
            better = np.minimum(cost, each + cost[self._after].min(axis=0))
            if np.array_equal(better, cost):
                return cost
            cost = better


def _joint(walks: NDArray[np.int64], turns: NDArray[np.int64]) -> Table:
    """The joint pose after each joint move: (joint moves, joint poses)."""
    count = len(walks)
    one, two = np.divmod(np.arange(count * count), count)
    cell = np.arange(count) // len(DIRECTIONS)
    after = []
    for a, b in JOINT_MOVES:
        goal, other = walks[one, a], walks[two, b]
        swap = (cell[goal] == cell[two]) & (cell[other] == cell[one])
        barred = swap | (cell[goal] == cell[other])
        turned = turns[one, a] * count + turns[two, b]
        after.append(np.where(barred, turned, goal * count + other))
    return np.stack(after).astype(np.int32)


traffic = cache(Traffic)
"""The joint moves in a layout, tabled once."""
