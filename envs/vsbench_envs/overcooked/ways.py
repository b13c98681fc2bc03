"""How far it is from here to there for one chef with nobody in the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache

from vsbench_envs.overcooked.layout import DIRECTIONS, FLOOR, Cell, Layout, ahead

Pose = tuple[Cell, str]
"""A floor cell and the direction faced."""

FAR = 999


class Ways:
    """The distances in one kitchen, in steps."""

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
        """The furniture that can be faced."""
        self.near: dict[Pose, dict[Cell, int]] = {pose: self.measure(pose) for pose in self.poses}
        """From a pose until each piece of furniture is faced; ``FAR`` if it cannot be."""
        self.between: dict[Cell, dict[Cell, int]] = {
            start: {
                goal: min(self.near[pose][goal] for pose in self.poses if ahead(*pose) == start)
                for goal in self.stations
            }
            for start in self.stations
        }
        """From facing one piece of furniture until another is faced."""

    def moves(self, pose: Pose) -> Iterator[Pose]:
        """The poses after a move in each direction, in the order of the actions."""
        for facing in DIRECTIONS:
            goal = ahead(pose[0], facing)
            yield (goal if self._layout.tiles[goal] == FLOOR else pose[0]), facing

    def first_move(self, start: Pose, target: Cell, barred: Cell) -> int | None:
        """The first move of a shortest way that does not enter a cell; None if there is none."""
        seen = {start}
        queue: deque[tuple[Pose, int | None]] = deque([(start, None)])
        while queue:
            pose, first = queue.popleft()
            if ahead(*pose) == target:
                return first
            for move, following in enumerate(self.moves(pose)):
                if following not in seen and following[0] != barred:
                    seen.add(following)
                    queue.append((following, move if first is None else first))
        return None

    def measure(self, start: Pose, barred: Cell | None = None) -> dict[Cell, int]:
        """Steps until each piece of furniture is faced without entering a cell."""
        steps = {start: 0}
        faced = dict.fromkeys(self.stations, FAR)
        queue = deque([start])
        while queue:
            pose = queue.popleft()
            front = ahead(*pose)
            if front in faced:
                faced[front] = min(faced[front], steps[pose])
            for following in self.moves(pose):
                if following not in steps and following[0] != barred:
                    steps[following] = steps[pose] + 1
                    queue.append(following)
        return faced


ways = cache(Ways)
"""The distances in a layout, measured once."""
