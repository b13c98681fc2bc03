"""A small tournament of bots, played once."""

import shutil
from pathlib import Path

import pytest

from vsbench import TournamentReport, tournament

PLAYERS = ("bot/oracle", "bot/random", "bot/greedy")
GAMES = ("kuhn_poker", "coin_dilemma", "coin_dilemma_3p")


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> TournamentReport:
    """Three players, three games, two deals."""
    out = tmp_path_factory.mktemp("tournament") / "t"
    return tournament(PLAYERS, envs=GAMES, episodes=2, seed=7, out=out)


@pytest.fixture
def copy(played: TournamentReport, tmp_path: Path) -> Path:
    """A copy of it, to do anything with."""
    return Path(shutil.copytree(played.directory, tmp_path / "copy"))
