"""The engine's game compared with a second, readable implementation, and golden transcripts."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pyspiel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.rules import (
    ACTIONS,
    EMPTY,
    ENGINE_MOVES,
    BreakthroughPercept,
    BreakthroughState,
)
from vsbench_envs.errors import IllegalMoveError
from vsbench_envs.game import State
from vsbench_envs.replay import digest, replay
from vsbench_envs.seeding import stream

Board = dict[str, str]

START: Board = {
    file + row: piece for row, piece in zip("8721", "bbww", strict=True) for file in "abcdefgh"
}
FAR_ROW = ("1", "8")

choices = st.lists(st.integers(0, 59), max_size=120)
"""One number for each move; when they run out, the first legal move goes on."""


def allowed(board: Board, seat: int) -> Iterator[str]:
    for origin, piece in board.items():
        if piece != "bw"[seat]:
            continue
        row = int(origin[1]) + (1 if seat else -1)
        for aside in (-1, 0, 1):
            target = chr(ord(origin[0]) + aside) + str(row)
            free = target not in board
            takes = aside != 0 and board.get(target) == "wb"[seat]
            if target[0] in "abcdefgh" and (free or takes):
                yield origin + target


def has_won(board: Board, seat: int, label: str) -> bool:
    return label[3] == FAR_ROW[seat] or "wb"[seat] not in board.values()


def rows(board: Board) -> tuple[str, ...]:
    return tuple("".join(board.get(file + row, ".") for file in "abcdefgh") for row in "87654321")


@given(choices)
def test_every_game_follows_the_rules(choices: list[int]) -> None:
    state, board, seat = GAME.new(0), dict(START), 0
    captures = [0, 0]
    for number in chain(choices, repeat(0)):
        legal = state.legal_actions(seat)
        assert GAME.spec.labels(legal) == tuple(sorted(allowed(board, seat)))
        assert state.acting == (seat,)
        assert state.legal_actions(1 - seat) == ()

        action = legal[number % len(legal)]
        label = ACTIONS[action]
        state.apply({seat: action})
        captures[seat] += label[2:] in board
        board[label[2:]] = board.pop(label[:2])

        won = has_won(board, seat, label)
        for viewer in (0, 1):
            percept = state.percept(viewer)
            assert percept == BreakthroughPercept(viewer, rows(board))
        assert state.acting == (() if won else (1 - seat,))
        assert state.events.get("captures", (0, 0)) == tuple(captures)
        if won:
            break
        assert state.rewards == (0.0, 0.0)
        seat = 1 - seat
    assert state.acting == ()
    assert state.returns == ((1.0, -1.0) if seat == 0 else (-1.0, 1.0))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("hunter", [0, 1])
def test_taking_every_piece_wins(hunter: int, seed: int) -> None:
    state = hunt(hunter, seed)
    percept = state.percept(hunter)
    assert "wb"[hunter] not in "".join(percept.board)
    assert "bw"[hunter] not in percept.board[(-1, 0)[hunter]]
    assert state.acting == ()
    assert state.returns[hunter] == 1.0
    assert state.events["captures"][hunter] == 16


def hunt(hunter: int, seed: int) -> State[BreakthroughPercept]:
    """Play a game in which one side captures what it can and the other runs into it."""
    state, rng = GAME.new(seed), stream(seed, "hunt")
    while state.acting:
        (seat,) = state.acting
        ranks: dict[tuple[bool, bool, int], list[int]] = {}
        for action in state.legal_actions(seat):
            label = ACTIONS[action]
            takes = state.percept(seat).at(label[2:]) != EMPTY
            gained = abs(int(label[3]) - int("81"[seat]))
            bold = (takes, -gained) if seat == hunter else (not takes, gained)
            ranks.setdefault((label[3] not in FAR_ROW, *bold), []).append(action)
        state.apply({seat: rng.choice(ranks[max(ranks)])})
    return state


def test_the_action_table_is_every_step_and_maps_to_the_engine() -> None:
    assert len(ACTIONS) == len(set(ACTIONS)) == 308
    assert list(ACTIONS) == sorted(ACTIONS)
    # Only steps of 8 x 8 x 6 directions that leave the board are missing, each with its capture.
    assert len(ENGINE_MOVES) == 2 * 308
    assert set(ENGINE_MOVES.values()) == set(range(308))


@given(choices)
def test_labels_are_the_engines_own(choices: list[int]) -> None:
    position = pyspiel.load_game("breakthrough").new_initial_state()
    for number in chain(choices, repeat(0)):
        if position.is_terminal():
            break
        legal = position.legal_actions()
        for move in legal:
            assert position.action_to_string(move).rstrip("*") == ACTIONS[ENGINE_MOVES[move]]
        position.apply_action(legal[number % len(legal)])


def test_an_illegal_move_changes_nothing() -> None:
    state = GAME.new(0)
    before = state.percept(0)
    for joint in ({0: GAME.spec.ids["a2a3"]}, {1: GAME.spec.ids["a2a3"]}, {}):
        with pytest.raises(IllegalMoveError):
            state.apply(joint)
    assert state.percept(0) == before
    assert state.step == 0


@given(choices, st.integers(1, 30))
def test_copies_and_pickles_are_independent(choices: list[int], length: int) -> None:
    state = BreakthroughState(5)
    for number in choices[:length]:
        if state.acting:
            advance(state, number)
    before = state.percept(0), state.events
    copies = state.copy(), pickle.loads(pickle.dumps(state))
    for copied in copies:
        assert (copied.percept(0), copied.events) == before
        while copied.acting:
            advance(copied, sum(choices))
    assert copies[0].percept(1) == copies[1].percept(1)
    assert copies[0].summary == copies[1].summary
    assert (state.percept(0), state.events) == before


def advance(state: State[BreakthroughPercept], number: int) -> None:
    (seat,) = state.acting
    legal = state.legal_actions(seat)
    state.apply({seat: legal[number % len(legal)]})


def test_equal_positions_have_equal_percepts() -> None:
    """Only the history of the position is hidden."""
    one, two = (after(moves) for moves in ("a7a6 a2a3 h7h6 h2h3", "h7h6 a2a3 a7a6 h2h3"))
    for seat in (0, 1):
        assert one.percept(seat) == two.percept(seat)
        assert GAME.view.describe(one.percept(seat)) == GAME.view.describe(two.percept(seat))
        (first,), (second,) = GAME.view.draw(one.percept(seat)), GAME.view.draw(two.percept(seat))
        assert first.tobytes() == second.tobytes()


def after(moves: str) -> State[BreakthroughPercept]:
    state = GAME.new(0)
    for label in moves.split():
        state.apply({state.acting[0]: GAME.spec.ids[label]})
    return state


GAMES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")

Play = Callable[[int, str, str], BreakthroughState]


def transcript(seed: int, black: str, white: str, end: BreakthroughState) -> Iterator[str]:
    """A heading, the moves in pairs, the last position and the figures."""
    yield f"seed {seed}: {black} against {white}"
    moves = [ACTIONS[ENGINE_MOVES[move]] for move in end.engine_state.history()]
    for start in range(0, len(moves), 16):
        yield " ".join(moves[start : start + 16])
    yield from end.percept(0).board
    yield f"returns {end.returns}, events {end.events}, digest {digest(end)}"


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_bots_replay_the_transcript(game: str, play: Play) -> None:
    _, seed, black, _, white = game.splitlines()[0].replace(":", "", 1).split()
    end = play(int(seed), black, white)
    assert "\n".join(transcript(int(seed), black, white, end)) == game


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_the_moves_of_the_transcript_lead_to_its_end(game: str) -> None:
    lines = game.splitlines()
    moves = " ".join(lines[1:-9]).split()
    joint = [{step % 2: GAME.spec.ids[name]} for step, name in enumerate(moves)]
    *_, end = replay(GAME, 0, joint)
    assert end.acting == ()
    assert list(end.percept(1).board) == lines[-9:-1]
    assert lines[-1].endswith(digest(end))
