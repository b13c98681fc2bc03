import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.bitboard import advances, captures, flip, label, play, sides
from vsbench_envs.breakthrough.rules import EMPTY
from vsbench_envs.seeding import stream


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
