"""Golden transcripts of whole episodes."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from grid_play import rollout
from vsbench_envs import get
from vsbench_envs.grid.board import ACTIONS, Cell, name
from vsbench_envs.replay import digest, replay

FOLDER = Path(__file__).with_name("transcripts")
EPISODES = [
    (path.stem, episode)
    for path in sorted(FOLDER.glob("*.txt"))
    for episode in path.read_text().strip().split("\n\n")
]
IDS = [f"{game_id} {episode.splitlines()[0]}" for game_id, episode in EPISODES]


def transcript(game_id: str, seed: int, players: list[str]) -> Iterator[str]:
    """A heading, then the cells of players and things, the rewards and the next actions."""
    yield f"seed {seed}: {' '.join(players)}"
    for state, joint in rollout(get(game_id), seed, players):
        rewards = " ".join(f"{reward:+.0f}" for reward in state.rewards)
        actions = " ".join(ACTIONS[action] for action in joint.values())
        board = f"{names(state.players)} | {names(state.things)}"
        yield f"{state.step:2} | {board} | {rewards} | {actions}".rstrip(" |")
    yield f"returns {state.returns}, events {state.events}, digest {digest(state)}"


def names(cells: Iterable[Cell]) -> str:
    return " ".join(name(cell) for cell in cells)


@pytest.mark.parametrize(("game_id", "episode"), EPISODES, ids=IDS)
def test_bots_replay_the_transcript(game_id: str, episode: str) -> None:
    _, seed, *players = episode.splitlines()[0].replace(":", "").split()
    assert "\n".join(transcript(game_id, int(seed), players)) == episode


@pytest.mark.parametrize(("game_id", "episode"), EPISODES, ids=IDS)
def test_the_moves_of_the_transcript_lead_to_its_end(game_id: str, episode: str) -> None:
    heading, *rows, figures = episode.splitlines()
    seed = int(heading.split()[1].rstrip(":"))
    moves = [
        {seat: ACTIONS.index(action) for seat, action in enumerate(row.split(" | ")[4].split())}
        for row in rows[:-1]
    ]
    *_, end = replay(get(game_id), seed, moves)
    assert end.acting == ()
    assert figures.endswith(digest(end))
