"""Whole episodes, held against a file of how they went.

``transcript.txt`` gives both actions of each step by their first letters, then the kitchen at the
end, the returns, the events and a digest.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from vsbench_envs import State, get
from vsbench_envs.overcooked.rules import ACTIONS, OvercookedPercept
from vsbench_envs.replay import digest, replay

EPISODES = Path(__file__).with_name("transcript.txt").read_text().strip().split("\n\n")
LETTERS = {action[0]: number for number, action in enumerate(ACTIONS)}


def spell(game_id: str, end: State[OvercookedPercept]) -> list[str]:
    told = get(game_id).view.describe(end.percept(0)).splitlines()
    return [
        told[-1].removeprefix("Step 50: "),
        f"returns {end.returns}, events {end.events}, digest {digest(end)}",
    ]


@pytest.mark.parametrize("episode", EPISODES, ids=lambda episode: episode.splitlines()[0])
def test_its_moves_lead_to_the_same_end(episode: str) -> None:
    heading, *lines = episode.splitlines()
    game_id, _, seed, *_ = heading.replace(",", "").split()
    pairs = " ".join(lines[:-2]).split()
    joint = [{seat: LETTERS[letter] for seat, letter in enumerate(pair)} for pair in pairs]
    *_, end = replay(get(game_id), int(seed), joint)
    assert end.acting == ()
    assert spell(game_id, end) == lines[-2:]


@pytest.mark.parametrize("episode", EPISODES, ids=lambda episode: episode.splitlines()[0])
def test_players_play_it_again(episode: str, play: Callable[..., State[OvercookedPercept]]) -> None:
    heading, *lines = episode.splitlines()
    game_id, _, seed, blue, _, green = heading.replace(",", "").split()
    assert spell(game_id, play(get(game_id), int(seed), blue, green)) == lines[-2:]
