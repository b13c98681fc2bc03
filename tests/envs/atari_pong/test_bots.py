"""The bots of Atari Pong: strength, inputs, and golden transcripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.percept import Ball, Frame, PongPercept
from vsbench_envs.game import Turn
from vsbench_envs.registry import bot
from vsbench_envs.replay import digest, replay
from vsbench_envs.rollout import rollout
from vsbench_envs.seeding import stream

pytestmark = pytest.mark.slow

STAY, UP, DOWN = range(3)


def ends(written: str, seeds: range) -> list[Any]:
    finished = []
    for seed in seeds:
        *_, (state, _) = rollout(GAME, seed, [written])
        finished.append(state)
    return finished


def points(finished: list[Any]) -> float:
    return float(mean(state.events["points"][0] for state in finished))


def steps(finished: list[Any]) -> float:
    return float(mean(state.step for state in finished))


@pytest.mark.slow
def test_the_oracle_wins_without_losing_a_point() -> None:
    games = ends("oracle", range(3))
    assert [state.events["points"] for state in games] == [(3,)] * 3
    assert sum(state.events["points_lost"][0] for state in games) <= 1


@pytest.mark.slow
def test_patience_prolongs_the_game() -> None:
    assert (
        steps(ends("oracle:patience=0.5", range(2)))
        < steps(ends("oracle:patience=1", range(2))) - 50
    )


def test_random_play_gets_no_point() -> None:
    games = ends("random", range(12))
    assert points(games) <= 0.1
    assert 115 < steps(games) < 175


@pytest.mark.slow
def test_bots_differ_in_strength() -> None:
    seeds = range(3)
    novice, skilled = ends("novice", seeds), ends("skilled", seeds)
    assert 175 < steps(novice) < steps(skilled)
    assert points(novice) < points(skilled) < 3


@pytest.mark.parametrize("written", ["oracle:patience=2", "novice:lapse=-1", "skilled:aim=900"])
def test_options_have_ranges(written: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        bot(GAME, written)


def turn(*frames: Frame, state: Any = None) -> Turn[PongPercept]:
    return Turn((PongPercept(0, frames),), (STAY, UP, DOWN), stream("luck"), state)


@pytest.mark.parametrize("name", ["greedy", "skilled", "oracle"])
def test_controllers_go_where_the_ball_comes_in(name: str) -> None:
    policy, options = bot(GAME, name)
    for paddle, action in ((40, DOWN), (180, UP)):
        frames = [Frame((0, 0), 109, paddle, Ball(108 + 4 * age, 110, 113)) for age in range(4)]
        assert policy.decide(turn(*frames), **options) == action


def test_controllers_stay_without_a_ball() -> None:
    frames = [Frame((0, 0), None, 96, None)] * 4
    for name in ("greedy", "skilled", "oracle"):
        policy, options = bot(GAME, name)
        assert policy.decide(turn(*frames), **options) == STAY


@pytest.mark.slow
def test_lookahead_does_not_know_the_seed() -> None:
    """It tries actions in random futures of its own, independent of the episode's seed."""
    state = next(
        state
        for state, _ in rollout(GAME, 0, ["skilled"])
        if (ball := state.percept(0).now.ball)
        and state.percept(0).frames[0].ball
        and 125 < ball.x < 133
        and state.percept(0).frames[0].ball.x < ball.x
    )
    decide = GAME.bots["lookahead"].decide
    chosen = set()
    for seed in (1, 2, 3):
        search = state.copy()
        search.seed = seed
        chosen.add(decide(turn(*state.percept(0).frames, state=search)))
    assert len(chosen) == 1
    with pytest.raises(ValueError, match="needs the state"):
        decide(turn(*state.percept(0).frames))


GAMES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")
LETTERS = ".ud"
"""Stay, up, down."""
LINE = 40


def transcript(seed: int, written: str) -> Iterator[str]:
    """A heading; lines of moves, each with the frame after it; the figures."""
    yield f"seed {seed}: {written}"
    moves = ""
    for state, joint in rollout(GAME, seed, [written]):
        if moves and (len(moves) == LINE or not joint):
            yield f"{moves:{LINE}} {frame(state.percept(0).now)}"
            moves = ""
        if joint:
            moves += LETTERS[joint[0]]
    yield f"{state.step} steps, returns {state.returns}, digest {digest(state)}"


def frame(seen: Frame) -> str:
    ball = "-" if seen.ball is None else f"{seen.ball.x},{seen.ball.top}"
    return f"{seen.points[0]}:{seen.points[1]} left {seen.left} right {seen.right} ball {ball}"


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_bots_replay_the_transcript(game: str) -> None:
    heading = game.splitlines()[0]
    seed, written = heading.removeprefix("seed ").split(": ")
    assert "\n".join(transcript(int(seed), written)) == game


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_the_moves_of_the_transcript_lead_to_its_end(game: str) -> None:
    heading, *lines, figures = game.splitlines()
    moves = [LETTERS.index(letter) for line in lines for letter in line[:LINE].rstrip()]
    seed = int(heading.removeprefix("seed ").split(":")[0])
    *_, end = replay(GAME, seed, [{0: move} for move in moves])
    assert end.acting == ()
    assert figures.endswith(digest(end))
