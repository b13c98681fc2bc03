"""Distances in a kitchen for one chef, and routes of two chefs that do not collide.

The joint routes come from a table for every pair of targets: for each joint pose, the fewest steps,
summed over both chefs, until each has faced and used its target. The table is the fixed point of
one step of movement, and decides which chef gives way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vsbench_envs.overcooked.layout import DIRECTIONS, FLOOR, Cell, Layout, ahead
from vsbench_envs.overcooked.rules import STAY, Chef

Pose = tuple[Cell, str]
"""A floor cell and the direction that the chef faces."""

FAR = 999
"""Distance of cells that cannot be reached."""


class Distances:
    """Distances in one kitchen, in steps, with no other chef in the way."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.poses: tuple[Pose, ...] = tuple(
            (cell, facing) for cell in layout.floor for facing in DIRECTIONS
        )
        self.stations = tuple(
            dict.fromkeys(
                front for pose in self.poses if layout.tiles[front := ahead(*pose)] != FLOOR
            )
        )
        """Furniture that can be faced."""
        self.steps_from: dict[Pose, dict[Cell, int]] = {
            pose: self.search(pose) for pose in self.poses
        }
        """Pose -> furniture -> steps until it is faced; ``FAR`` if it cannot be."""
        self.between: dict[Cell, dict[Cell, int]] = {
            start: {
                goal: min(
                    self.steps_from[pose][goal] for pose in self.poses if ahead(*pose) == start
                )
                for goal in self.stations
            }
            for start in self.stations
        }
        """Furniture faced now -> furniture -> steps until it is faced."""

    def moves(self, pose: Pose) -> Iterator[Pose]:
        """The poses after a move in each direction, in the order of the actions."""
        for facing in DIRECTIONS:
            goal = ahead(pose[0], facing)
            yield (goal if self._layout.tiles[goal] == FLOOR else pose[0]), facing

    def first_move(self, start: Pose, target: Cell, blocked: Cell) -> int | None:
        """The first move of a shortest path that avoids a cell; None if there is none."""
        seen = {start}
        queue: deque[tuple[Pose, int | None]] = deque([(start, None)])
        while queue:
            pose, first = queue.popleft()
            if ahead(*pose) == target:
                return first
            for move, following in enumerate(self.moves(pose)):
                if following not in seen and following[0] != blocked:
                    seen.add(following)
                    queue.append((following, move if first is None else first))
        return None

    def search(self, start: Pose, blocked: Cell | None = None) -> dict[Cell, int]:
        """Steps until each piece of furniture is faced, without entering a blocked cell."""
        steps = {start: 0}
        faced = dict.fromkeys(self.stations, FAR)
        queue = deque([start])
        while queue:
            pose = queue.popleft()
            front = ahead(*pose)
            if front in faced:
                faced[front] = min(faced[front], steps[pose])
            for following in self.moves(pose):
                if following not in steps and following[0] != blocked:
                    steps[following] = steps[pose] + 1
                    queue.append(following)
        return faced


distances = cache(Distances)
"""The distances in a layout, computed once."""


Table = NDArray[np.int32]
Targets = tuple[Cell | None, Cell | None]
"""The cell that each chef wants to face; None for a chef without a target, which gives way."""

MOVES = STAY + 1
"""Four directions and stay."""
JOINT_MOVES = tuple(np.ndindex(MOVES, MOVES))


class JointRoutes:
    """Best joint moves in one kitchen. A joint pose has the number ``first * poses + second``."""

    def __init__(self, layout: Layout) -> None:
        poses = distances(layout).poses
        self._number = {pose: number for number, pose in enumerate(poses)}
        self._fronts = [ahead(*pose) for pose in poses]
        moves_to = [
            [self._number[after] for after in distances(layout).moves(pose)] for pose in poses
        ]
        turns = [[self._number[cell, facing] for facing in DIRECTIONS] for cell, _ in poses]
        stays = np.arange(len(poses))[:, None]
        self._after = _joint(np.hstack([moves_to, stays]), np.hstack([turns, stays]))
        self._best: dict[Targets, list[int]] = {}

    def move(self, chefs: Sequence[Chef], targets: Targets) -> tuple[int, int]:
        """The best joint move towards two targets. A chef who faces its target stays."""
        if targets not in self._best:
            self._best[targets] = self._choose(targets)
        one, two = (self._number[chef.at, chef.facing] for chef in chefs)
        first, second = divmod(self._best[targets][one * len(self._number) + two], MOVES)
        return first, second

    def _choose(self, targets: Targets) -> list[int]:
        """The best joint move in each joint pose; among equals, the one with the least movement."""
        first, second = self._solo_cost(0, targets[0]), self._solo_cost(1, targets[1])
        cost = self._joint_cost(first, second)[self._after]
        if None not in targets:
            # A chef who has arrived acts and is free afterwards: only the other's path counts.
            cost = np.where((first == 0) & (second > 0), second[self._after], cost)
            cost = np.where((second == 0) & (first > 0), first[self._after], cost)
        for number, (a, b) in enumerate(JOINT_MOVES):
            leaves = (targets[0] is not None and a != STAY) * (first == 0)
            leaves = leaves | (targets[1] is not None and b != STAY) * (second == 0)
            cost[number] = np.where(leaves, FAR * MOVES, cost[number] * MOVES)
            cost[number] += (a != STAY) + (b != STAY)
        return [int(best) for best in cost.argmin(axis=0)]

    def _solo_cost(self, seat: int, target: Cell | None) -> Table:
        """Steps until one chef faces its target while the other gives way."""
        count = len(self._fronts)
        arrived = np.array([target in (None, front) for front in self._fronts])
        jointly = np.repeat(arrived, count) if seat == 0 else np.tile(arrived, count)
        return self._fixed_point(np.where(jointly, 0, FAR), 1)

    def _joint_cost(self, first: Table, second: Table) -> Table:
        """The sum of both chefs' steps. A chef who has arrived acts for one step, then is free."""
        stays = np.array([[a == STAY, b == STAY] for a, b in JOINT_MOVES])
        cost = np.full_like(first, FAR)
        waits = 1 + second[self._after[stays[:, 0]]].min(axis=0)
        cost = np.where(first == 0, waits, cost)
        waits = 1 + first[self._after[stays[:, 1]]].min(axis=0)
        cost = np.where(second == 0, waits, cost)
        cost = np.where((first == 0) & (second == 0), 0, cost)
        return self._fixed_point(cost, 2)

    def _fixed_point(self, cost: Table, each: int) -> Table:
        """Iterate ``cost = min(cost, each + best cost after a joint move)`` until it is stable."""
        while True:
            better = np.minimum(cost, each + cost[self._after].min(axis=0))
            if np.array_equal(better, cost):
                return cost
            cost = better


def _joint(moves_to: NDArray[np.int64], turns: NDArray[np.int64]) -> Table:
    """The joint pose after each joint move, shape (joint moves, joint poses)."""
    count = len(moves_to)
    one, two = np.divmod(np.arange(count * count), count)
    cell = np.arange(count) // len(DIRECTIONS)
    after = []
    for a, b in JOINT_MOVES:
        goal, other = moves_to[one, a], moves_to[two, b]
        swap = (cell[goal] == cell[two]) & (cell[other] == cell[one])
        blocked = swap | (cell[goal] == cell[other])
        turned = turns[one, a] * count + turns[two, b]
        after.append(np.where(blocked, turned, goal * count + other))
    return np.stack(after).astype(np.int32)


joint_routes = cache(JointRoutes)
"""The joint routes in a layout, computed once."""
