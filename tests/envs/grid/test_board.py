"""The board of the grid games: moves and shortest paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsbench_envs.grid.board import (
    ACTIONS,
    CELLS,
    DOWN,
    LEFT,
    MOVES,
    RIGHT,
    STAY,
    UP,
    distance,
    move,
    name,
    same_outcome,
    towards,
)

CELL = st.sampled_from(CELLS)
ACTION = st.sampled_from(range(len(ACTIONS)))


def test_cells_are_named_as_in_chess() -> None:
    assert [name(cell) for cell in CELLS[:6]] == ["a5", "b5", "c5", "d5", "e5", "a4"]
    assert name((0, 4)) == "a1"
    assert len({name(cell) for cell in CELLS}) == 25


@pytest.mark.parametrize(
    ("action", "arrival"),
    [(STAY, (2, 1)), (RIGHT, (3, 1)), (LEFT, (1, 1)), (UP, (2, 0)), (DOWN, (2, 2))],
)
def test_moves(action: int, arrival: tuple[int, int]) -> None:
    assert move((2, 1), action) == arrival


def test_walls_stop() -> None:
    assert move((0, 0), LEFT) == move((0, 0), UP) == (0, 0)
    assert move((4, 4), RIGHT) == move((4, 4), DOWN) == (4, 4)


@pytest.mark.parametrize(
    ("cell", "action", "same"),
    [
        ((0, 0), STAY, (STAY, LEFT, UP)),
        ((0, 0), UP, (STAY, LEFT, UP)),
        ((0, 0), RIGHT, (RIGHT,)),
        ((4, 2), RIGHT, (STAY, RIGHT)),
        ((2, 2), STAY, (STAY,)),
    ],
)
def test_walking_into_a_wall_is_staying(
    cell: tuple[int, int], action: int, same: tuple[int, ...]
) -> None:
    assert same_outcome(cell, action) == same


@given(CELL, ACTION, ACTION)
def test_actions_are_equivalent_if_they_lead_to_the_same_cell(
    cell: tuple[int, int], one: int, other: int
) -> None:
    assert (other in same_outcome(cell, one)) == (move(cell, one) == move(cell, other))


@given(CELL, CELL)
def test_an_open_path_gets_nearer_with_every_step(
    start: tuple[int, int], goal: tuple[int, int]
) -> None:
    nearer = {
        action for action in MOVES if distance(move(start, action), goal) < distance(start, goal)
    }
    assert set(towards(start, goal)) == (nearer or {STAY})


@given(CELL, CELL, st.frozensets(CELL, max_size=3))
def test_a_path_avoids_cells_and_arrives(
    start: tuple[int, int], goal: tuple[int, int], avoid: frozenset[tuple[int, int]]
) -> None:
    avoid -= {goal}
    cell = start
    for _ in range(25):
        actions = towards(cell, goal, avoid)
        if actions == (STAY,):
            break
        cell = move(cell, actions[-1])
        assert cell not in avoid
    reached = {goal}
    for _ in range(25):
        reached |= {move(at, action) for at in reached for action in MOVES} - avoid
    can_arrive = start in reached or any(move(start, action) in reached for action in MOVES)
    assert (cell == goal) == can_arrive


def test_a_detour_is_as_short_as_possible() -> None:
    assert towards((0, 0), (2, 0), frozenset({(1, 0)})) == (DOWN,)
    assert towards((0, 0), (2, 0), frozenset({(1, 0), (0, 1)})) == (STAY,)
