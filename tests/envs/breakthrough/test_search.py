"""Alpha-beta held against plain minimax, which shares the steps and the values but no shortcut."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vsbench_envs.breakthrough.bitboard import Step, advances, captures, flip, label, play, sides
from vsbench_envs.breakthrough.search import FAR_ROW, WIN, best_steps, evaluate

START = ("bbbbbbbb", "bbbbbbbb", *["........"] * 4, "wwwwwwww", "wwwwwwww")


def minimax(mine: int, theirs: int, plies: int) -> int:
    if theirs >> FAR_ROW or not mine:
        return -WIN - plies - 1
    them = flip(theirs)
    steps = [*captures(mine, them), *advances(mine, them)]
    if any(target >> FAR_ROW for _, target in steps):
        return WIN + plies
    if plies == 0:
        return evaluate(mine, theirs)
    return max(-minimax(*play(mine, theirs, them, step), plies - 1) for step in steps)


def minimax_steps(mine: int, theirs: int, depth: int) -> set[Step]:
    them = flip(theirs)
    values = {
        step: -minimax(*play(mine, theirs, them, step), depth - 1)
        for step in (*captures(mine, them), *advances(mine, them))
    }
    return {step for step, value in values.items() if value == max(values.values())}


@st.composite
def boards(draw: st.DrawFn) -> tuple[str, ...]:
    """A board with a few pieces of either colour, none of them home."""
    squares = st.integers(0, 63)
    pieces = draw(st.dictionaries(squares, st.sampled_from("bw"), min_size=2, max_size=10))
    assume({"b", "w"} == set(pieces.values()))
    board = "".join(pieces.get(square, ".") for square in range(64))
    assume("w" not in board[:8] and "b" not in board[-8:])
    return tuple(board[row : row + 8] for row in range(0, 64, 8))


@settings(max_examples=150)
@given(boards(), st.integers(0, 1), st.integers(1, 4))
def test_it_finds_exactly_the_best_steps(board: tuple[str, ...], seat: int, depth: int) -> None:
    mine, theirs = sides(board, seat)
    found = best_steps(mine, theirs, depth)
    assert len(found) == len(set(found))
    assert set(found) == minimax_steps(mine, theirs, depth)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_it_finds_exactly_the_best_steps_from_the_start(depth: int) -> None:
    mine, theirs = sides(START, 0)
    assert set(best_steps(mine, theirs, depth)) == minimax_steps(mine, theirs, depth)


def names(rows: str, seat: int, depth: int) -> set[str]:
    steps = best_steps(*sides(tuple(rows.split()), seat), depth)
    return {label(step, seat) for step in steps}


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_it_wins_when_it_can(depth: int) -> None:
    rows = """b......b ..w..... ........ ........
              ........ ........ .....b.. w......."""
    assert names(rows, 0, depth) == {"f2e1", "f2f1", "f2g1"}
    assert names(rows, 1, depth) == {"c7b8", "c7c8", "c7d8"}


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_it_takes_the_piece_that_is_about_to_win(depth: int) -> None:
    rows = """........ ........ ........ ...w....
              ........ .b...... ....b... ...w...."""
    assert names(rows, 1, depth) == {"d1e2"}


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_it_runs_when_it_is_first_in_a_race(depth: int) -> None:
    rows = """.b...... ........ ......w. ..b.....
              ..w..... b....... ........ ........"""
    assert names(rows, 0, depth) == {"a3a2", "a3b2"}
