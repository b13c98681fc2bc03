"""The board: 5 x 5 cells, five moves, and walls that stop whoever walks into them."""

from __future__ import annotations

from collections import deque
from functools import cache

SIZE = 5

Cell = tuple[int, int]
"""Column and row, from the upper left corner (0, 0)."""

CELLS: tuple[Cell, ...] = tuple((column, row) for row in range(SIZE) for column in range(SIZE))
MIDDLE: Cell = (SIZE // 2, SIZE // 2)

ACTIONS = ("stay", "right", "left", "up", "down")
STAY, RIGHT, LEFT, UP, DOWN = range(5)
MOVES = (RIGHT, LEFT, UP, DOWN)
STEPS: tuple[Cell, ...] = ((0, 0), (1, 0), (-1, 0), (0, -1), (0, 1))
"""Change of column and row, by action."""


def name(cell: Cell) -> str:
    """A cell's name, as in chess: column letter and row number, ``a1`` at the bottom left."""
    column, row = cell
    return f"{'abcde'[column]}{SIZE - row}"


def move(cell: Cell, action: int) -> Cell:
    """Where an action leads from a cell; the cell itself at a wall."""
    (column, row), (right, down) = cell, STEPS[action]
    return (min(max(column + right, 0), SIZE - 1), min(max(row + down, 0), SIZE - 1))


def same_outcome(cell: Cell, action: int) -> tuple[int, ...]:
    """The actions that lead where ``action`` leads from ``cell``, itself among them.

    Rules look only at where players arrive, so walking into a wall is the same as staying.
    """
    return tuple(other for other in range(len(ACTIONS)) if move(cell, other) == move(cell, action))


def distance(one: Cell, other: Cell) -> int:
    """The number of steps between two cells."""
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


@cache
def towards(start: Cell, goal: Cell, avoid: frozenset[Cell] = frozenset()) -> tuple[int, ...]:
    """The actions that begin a shortest walk from ``start`` to ``goal``.

    The walk enters no cell of ``avoid``. ``(STAY,)`` at the goal, and when there is no such walk.
    """
    left = _steps_left(goal, avoid)
    ways = {action: left[cell] for action in MOVES if (cell := move(start, action)) in left}
    if start == goal or not ways:
        return (STAY,)
    return tuple(action for action, steps in ways.items() if steps == min(ways.values()))


def _steps_left(goal: Cell, avoid: frozenset[Cell]) -> dict[Cell, int]:
    """How far each cell is from the goal, breadth first."""
    found = {goal: 0}
    frontier = deque([goal])
    while frontier:
        cell = frontier.popleft()
        for action in MOVES:
            neighbour = move(cell, action)
            if neighbour not in found and neighbour not in avoid:
                found[neighbour] = found[cell] + 1
                frontier.append(neighbour)
    return found
