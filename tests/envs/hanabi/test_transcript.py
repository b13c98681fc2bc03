"""Whole games, held against a file of how they went."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vsbench_envs import get
from vsbench_envs.hanabi.rules import HanabiState
from vsbench_envs.replay import digest, replay

GAMES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")
PER_LINE = 6


def spell(heading: str, end: HanabiState) -> Iterator[str]:
    """The heading, the moves with the cards they showed, the last table and the figures."""
    yield heading
    moves = [" ".join(filter(None, (move.action, move.card))) for move in end._moves]
    for start in range(0, len(moves), PER_LINE):
        yield ", ".join(moves[start : start + PER_LINE])
    table = end._table
    yield f"fireworks {table.fireworks}, lives {table.lives}, tokens {table.tokens}"
    yield f"returns {end.returns}, events {end.events}, digest {digest(end)}"


def heading(game: str) -> tuple[str, int, list[str]]:
    game_id, _, seed, _, written = game.splitlines()[0].split(" ", 4)
    return game_id, int(seed), written.split(" and ")


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_players_play_it_again(game: str, ended: Callable[..., HanabiState]) -> None:
    game_id, seed, written = heading(game)
    assert "\n".join(spell(game.splitlines()[0], ended(game_id, seed, *written))) == game


@pytest.mark.parametrize("game", GAMES, ids=lambda game: game.splitlines()[0])
def test_its_moves_lead_to_the_same_end(game: str) -> None:
    game_id, seed, _ = heading(game)
    spec = get(game_id).spec
    moves = ", ".join(game.splitlines()[1:-2]).split(", ")
    labels = [max((a for a in spec.actions if move.startswith(a)), key=len) for move in moves]
    joint = [{step % spec.seats: spec.ids[label]} for step, label in enumerate(labels)]
    *_, end = replay(get(game_id), seed, joint)
    assert end.acting == ()
    assert game.splitlines()[-1].endswith(digest(end))
