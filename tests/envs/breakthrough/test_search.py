"""Bitboards, and alpha-beta search compared with plain minimax on the same steps and values."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.bitboard import Step, advances, captures, flip, label, play, sides
from vsbench_envs.breakthrough.rules import EMPTY
from vsbench_envs.breakthrough.search import FAR_ROW, WIN, best_steps, evaluate
from vsbench_envs.seeding import stream

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
    """A board with a few pieces of either colour, none on its far row."""
    squares = st.integers(0, 63)
    pieces = draw(st.dictionaries(squares, st.sampled_from("bw"), min_size=2, max_size=10))
    assume({"b", "w"} == set(pieces.values()))
    board = "".join(pieces.get(square, ".") for square in range(64))
    assume("w" not in board[:8] and "b" not in board[-8:])
    return tuple(board[row : row + 8] for row in range(0, 64, 8))


@settings(max_examples=150)
@given(boards(), st.integers(0, 1), st.integers(1, 4))
@pytest.mark.slow
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


@given(st.integers(0, 2**64 - 1))
def test_flip_mirrors_the_rows(board: int) -> None:
    mirrored = sum(
        1 << 8 * (7 - row) + file
        for row in range(8)
        for file in range(8)
        if board >> 8 * row + file & 1
    )
    assert flip(board) == mirrored
    assert flip(flip(board)) == board


def test_each_side_sees_its_own_end() -> None:
    board = ("b......b", *["." * 8] * 6, ".w......")
    assert sides(board, 0) == (0b1000_0001, 0b10)
    assert sides(board, 1) == (0b10, 0b1000_0001)
    assert label((0b10, 0b10 << 8), 1) == "b1b2"
    assert label((0b10, 0b10 << 8), 0) == "b8b7"


@pytest.mark.parametrize("seed", range(12))
def test_steps_and_play_agree_with_the_engine(seed: int) -> None:
    state, rng = GAME.new(seed), stream(seed, "bitboard")
    while state.acting:
        (seat,) = state.acting
        percept = state.percept(seat)
        mine, theirs = sides(percept.board, seat)
        them = flip(theirs)
        taking = {label(step, seat): step for step in captures(mine, them)}
        quiet = {label(step, seat): step for step in advances(mine, them)}
        legal = GAME.spec.labels(state.legal_actions(seat))
        assert sorted([*taking, *quiet]) == list(legal)
        assert all(percept.at(name[2:]) != EMPTY for name in taking)
        assert all(percept.at(name[2:]) == EMPTY for name in quiet)
        rows = [step[1].bit_length() // 8 for step in advances(mine, them)]
        assert rows == sorted(rows, reverse=True)

        name = rng.choice(legal)
        after = play(mine, theirs, them, (taking | quiet)[name])
        state.apply({seat: GAME.spec.ids[name]})
        assert after == sides(state.percept(seat).board, 1 - seat)
