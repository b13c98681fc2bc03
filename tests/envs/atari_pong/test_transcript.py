"""Whole games, held against a file of how they went."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vsbench_envs.atari_pong import GAME
from vsbench_envs.atari_pong.percept import Frame
from vsbench_envs.replay import digest, replay
from vsbench_envs.rollout import rollout

GAMES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")
LETTERS = ".ud"
"""Stay, up, down."""
LINE = 40


def spell(seed: int, written: str) -> Iterator[str]:
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
def test_players_play_it_again(game: str) -> None:
    heading = game.splitlines()[0]
    seed, written = heading.removeprefix("seed ").split(": ")
    assert "\n".join(spell(int(seed), written)) == game


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_its_moves_lead_to_the_same_end(game: str) -> None:
    heading, *lines, figures = game.splitlines()
    moves = [LETTERS.index(letter) for line in lines for letter in line[:LINE].rstrip()]
    seed = int(heading.removeprefix("seed ").split(":")[0])
    *_, end = replay(GAME, seed, [{0: move} for move in moves])
    assert end.acting == ()
    assert figures.endswith(digest(end))
