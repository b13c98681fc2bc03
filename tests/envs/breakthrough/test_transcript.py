"""Whole games, held against a file of how they went."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vsbench_envs.breakthrough import GAME
from vsbench_envs.breakthrough.rules import ACTIONS, ENGINE_MOVES, BreakthroughState
from vsbench_envs.replay import digest, replay

GAMES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")

Play = Callable[[int, str, str], BreakthroughState]


def spell(seed: int, black: str, white: str, end: BreakthroughState) -> Iterator[str]:
    """A heading, the moves in pairs, the last position and the figures."""
    yield f"seed {seed}: {black} against {white}"
    moves = [ACTIONS[ENGINE_MOVES[move]] for move in end.position.history()]
    for start in range(0, len(moves), 16):
        yield " ".join(moves[start : start + 16])
    yield from end.percept(0).board
    yield f"returns {end.returns}, events {end.events}, digest {digest(end)}"


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_players_play_it_again(game: str, play: Play) -> None:
    _, seed, black, _, white = game.splitlines()[0].replace(":", "", 1).split()
    end = play(int(seed), black, white)
    assert "\n".join(spell(int(seed), black, white, end)) == game


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_its_moves_lead_to_the_same_end(game: str) -> None:
    lines = game.splitlines()
    moves = " ".join(lines[1:-9]).split()
    joint = [{step % 2: GAME.spec.ids[name]} for step, name in enumerate(moves)]
    *_, end = replay(GAME, 0, joint)
    assert end.acting == ()
    assert list(end.percept(1).board) == lines[-9:-1]
    assert lines[-1].endswith(digest(end))
