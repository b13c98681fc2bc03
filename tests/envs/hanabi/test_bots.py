"""The bots of Hanabi: strength, memory, the code of clues, and golden transcripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean

import pytest

from vsbench_envs import Turn, get
from vsbench_envs.hanabi.convention import recall
from vsbench_envs.hanabi.oracle import requested_position, signalled_position
from vsbench_envs.hanabi.percept import board_of
from vsbench_envs.hanabi.rules import HanabiState
from vsbench_envs.hanabi.variant import Variant
from vsbench_envs.registry import bot
from vsbench_envs.replay import digest, replay
from vsbench_envs.seeding import stream

pytestmark = pytest.mark.slow

GAME = get("hanabi")


@pytest.mark.parametrize(
    ("game_id", "name", "games", "low", "high"),
    [
        ("hanabi", "oracle", 24, 22.8, 25),
        ("hanabi", "convention", 12, 22, 24),
        ("hanabi", "beginner", 24, 14, 18),
        ("hanabi", "greedy", 40, 7, 14),
        ("hanabi_3p", "oracle", 8, 22, 25),
        ("hanabi_3p", "convention", 6, 20, 24),
        ("tiny_hanabi", "oracle", 40, 5.6, 6),
    ],
)
def test_strength(
    ended: Callable, game_id: str, name: str, games: int, low: float, high: float
) -> None:
    assert low < mean(ended(game_id, seed, name).returns[0] for seed in range(games)) <= high


def test_random_play_scores_nothing_and_lands_on_the_firework_anchor(ended: Callable) -> None:
    ends = [ended("hanabi", seed, "random") for seed in range(300)]
    anchor = GAME.spec.measures[1]
    assert all(end.returns == (0.0, 0.0) for end in ends)
    fireworks = mean(anchor.extract(end.summary, (0, 1)) for end in ends)
    assert fireworks == pytest.approx(anchor.random, abs=0.2)


def test_different_bots_finish_a_game_together(ended: Callable) -> None:
    assert ended("hanabi", 3, "oracle", "beginner").step > 20


def test_the_oracle_needs_no_memory(turns: Callable) -> None:
    oracle, _ = bot(GAME, "oracle")
    for _, turn in turns(Variant(), 5, "oracle"):
        glance = Turn(turn.percepts[-1:], turn.legal, turn.rng)
        assert oracle.decide(turn) == oracle.decide(glance)


def test_percepts_contain_the_whole_history(turns: Callable, variant: Variant) -> None:
    """The memory from one seat's percepts equals the marks and the board of the table."""
    for state, turn in turns(variant, 1, "greedy"):
        table = recall(turn.percepts, variant)
        assert table.board == board_of(turn.percept, variant)
        assert table.deck == turn.percept.deck
        remembered = [[(h.card.colours, h.card.ranks) for h in hand] for hand in table.hands]
        assert remembered == [[(c.colours, c.ranks) for c in h] for h in turn.percept.hands]
        assert state.acting == (turn.percept.seat,)


def test_a_conventional_clue_is_remembered(stacked: Callable[[str], HanabiState]) -> None:
    """The clue of white means that card 2 is playable; the mark does not say so."""
    state = stacked("R1 W1 Y4 G4 B4  Y2 Y3 G2 G3 B2")
    convention, _ = bot(GAME, "convention")
    memory = []
    for label in ("reveal yellow", "reveal white", "reveal green", "reveal rank 4"):
        seat = state.acting[0]
        memory += [state.percept(seat)] if seat == 0 else []
        state.apply({seat: GAME.spec.ids[label]})
    memory.append(state.percept(0))
    turn = Turn(tuple(memory), state.legal_actions(0), stream("unused"))
    glance = Turn(turn.percepts[-1:], turn.legal, turn.rng)
    assert GAME.spec.actions[convention.decide(turn)] == "play 2"
    assert GAME.spec.actions[convention.decide(glance)] != "play 2"


def test_the_code_of_a_clue() -> None:
    board = board_of(GAME.new(0).percept(0), Variant())
    anything = frozenset(board.copies_left)
    hand = [anything] * 5
    assert signalled_position(board, hand, colour=True, touched=[2, 5]) is None
    assert signalled_position(board, hand, colour=False, touched=[5]) == 1
    assert signalled_position(board, hand, colour=True, touched=[1, 4]) == 2
    assert signalled_position(board, hand, colour=False, touched=[4]) == 3
    assert signalled_position(board, hand, colour=True, touched=[1]) == 4
    assert signalled_position(board, hand, colour=False, touched=[1, 2, 3]) == 5


def test_the_code_starts_with_the_likeliest_card_and_leaves_out_the_known() -> None:
    board = board_of(GAME.new(0).percept(0), Variant())
    anything, ones = frozenset(board.copies_left), frozenset({"R1", "Y1", "G1", "W1", "B1"})
    low = ones | {"R2"}
    fives = frozenset({"R5", "B5"})
    hand = [ones, fives, anything, low, fives]
    assert signalled_position(board, hand, colour=False, touched=[5]) == 4
    assert signalled_position(board, hand, colour=True, touched=[4]) == 3
    assert signalled_position(board, hand, colour=False, touched=[4]) is None


def test_a_clue_is_read_on_the_board_it_was_given_on(stacked: Callable) -> None:
    """With three seats another player may act in between, here with a 1 of that colour."""
    three, action_ids = Variant(seats=3), get("hanabi_3p").spec.ids
    state = stacked("R2 R4 Y4 G4 B4  Y1 G3 W3 R3 B3  Y3 R4 B4 W4 G5", three)
    for seat, label in (
        (0, "reveal yellow to player 2"),
        (1, "reveal rank 2 to player 0"),
        (2, "reveal rank 2 to player 0"),
        (0, "reveal rank 5 to player 2"),
    ):
        state.apply({seat: action_ids[label]})
    before = requested_position(state.percept(2), 2, three)
    state.apply({1: action_ids["play 1"]})
    assert state.percept(2).score == 1
    assert requested_position(state.percept(2), 2, three) == before == 1
    assert requested_position(state.percept(2), 0, three) is None


def test_chance_has_a_range() -> None:
    for wrong in ("0", "2", "x"):
        with pytest.raises(ValueError, match="chance"):
            bot(GAME, f"greedy:chance={wrong}")


GAMES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")
PER_LINE = 6


def transcript(heading: str, end: HanabiState) -> Iterator[str]:
    """The heading, the moves with the cards they showed, the last table and the figures."""
    yield heading
    moves = [" ".join(filter(None, (move.action, move.card))) for move in end._moves]
    for start in range(0, len(moves), PER_LINE):
        yield ", ".join(moves[start : start + PER_LINE])
    table = end._table
    yield f"fireworks {table.fireworks}, lives {table.lives}, tokens {table.tokens}"
    yield f"returns {end.returns}, events {end.events}, digest {digest(end)}"


def parse_heading(game: str) -> tuple[str, int, list[str]]:
    game_id, _, seed, _, written = game.splitlines()[0].split(" ", 4)
    return game_id, int(seed), written.split(" and ")


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_bots_replay_the_transcript(game: str, ended: Callable[..., HanabiState]) -> None:
    game_id, seed, written = parse_heading(game)
    assert "\n".join(transcript(game.splitlines()[0], ended(game_id, seed, *written))) == game


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_the_moves_of_the_transcript_lead_to_its_end(game: str) -> None:
    game_id, seed, _ = parse_heading(game)
    spec = get(game_id).spec
    moves = ", ".join(game.splitlines()[1:-2]).split(", ")
    labels = [max((a for a in spec.actions if move.startswith(a)), key=len) for move in moves]
    joint = [{step % spec.seats: spec.ids[label]} for step, label in enumerate(labels)]
    *_, end = replay(get(game_id), seed, joint)
    assert end.acting == ()
    assert game.splitlines()[-1].endswith(digest(end))
