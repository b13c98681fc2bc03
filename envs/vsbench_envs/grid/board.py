"""The board of the grid games: 5 x 5 cells, five actions, distances and shortest paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import cache
from random import Random

SIZE = 5

Cell = tuple[int, int]
"""Column and row; (0, 0) is the upper left corner."""

CELLS: tuple[Cell, ...] = tuple((column, row) for row in range(SIZE) for column in range(SIZE))
MIDDLE: Cell = (SIZE // 2, SIZE // 2)

ACTIONS = ("stay", "right", "left", "up", "down")
STAY, RIGHT, LEFT, UP, DOWN = range(5)
MOVES = (RIGHT, LEFT, UP, DOWN)
STEPS: tuple[Cell, ...] = ((0, 0), (1, 0), (-1, 0), (0, -1), (0, 1))
"""Action -> change of column and row."""


def name(cell: Cell) -> str:
    """Name a cell as in chess: column letter and row number, ``a1`` at the bottom left."""
    column, row = cell
    return f"{'abcde'[column]}{SIZE - row}"


def move(cell: Cell, action: int) -> Cell:
    """The cell that an action leads to; walls leave it unchanged."""
    (column, row), (right, down) = cell, STEPS[action]
    return (min(max(column + right, 0), SIZE - 1), min(max(row + down, 0), SIZE - 1))


def same_outcome(cell: Cell, action: int) -> tuple[int, ...]:
    """All actions that lead to the same cell as ``action``, including ``action`` itself.

    The rules depend only on where players arrive, so walking into a wall equals staying.
    """
    return tuple(other for other in range(len(ACTIONS)) if move(cell, other) == move(cell, action))


def distance(one: Cell, other: Cell) -> int:
    """The number of steps between two cells."""
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def step_towards(rng: Random, start: Cell, goal: Cell, avoid: frozenset[Cell] = frozenset()) -> int:
    """Choose one of the actions of :func:`towards` at random."""
    return rng.choice(towards(start, goal, avoid))


def nearest(rng: Random, start: Cell, cells: Sequence[Cell]) -> Cell:
    """Choose at random among the cells that are fewest steps away from ``start``."""
    fewest = min(distance(start, cell) for cell in cells)
    return rng.choice([cell for cell in cells if distance(start, cell) == fewest])


@cache
def towards(start: Cell, goal: Cell, avoid: frozenset[Cell] = frozenset()) -> tuple[int, ...]:
    """The first actions of all shortest paths from ``start`` to ``goal``.

    The paths enter no cell of ``avoid``. ``(STAY,)`` at the goal, or when there is no path.
    """
    distances = _distances_to(goal, avoid)
    steps = {
        action: distances[cell] for action in MOVES if (cell := move(start, action)) in distances
    }
    if start == goal or not steps:
        return (STAY,)
    return tuple(action for action, left in steps.items() if left == min(steps.values()))


def _distances_to(goal: Cell, avoid: frozenset[Cell]) -> dict[Cell, int]:
    """Steps from each cell to the goal, by breadth-first search."""
    distances = {goal: 0}
    frontier = deque([goal])
    while frontier:
        cell = frontier.popleft()
        for action in MOVES:
            neighbour = move(cell, action)
            if neighbour not in distances and neighbour not in avoid:
                distances[neighbour] = distances[cell] + 1
                frontier.append(neighbour)
    return distances
