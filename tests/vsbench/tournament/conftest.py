"""A small tournament of bots, played once."""

import shutil
from pathlib import Path

import pytest

from vsbench import TournamentReport, tournament
from vsbench.scoring import intervals, ratings

PLAYERS = ("bot/oracle", "bot/random", "bot/greedy")
GAMES = ("kuhn_poker", "coin_dilemma", "coin_dilemma_3p")


@pytest.fixture(autouse=True)
def _quick_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """How intervals come about is tested elsewhere."""
    monkeypatch.setattr(intervals, "RESAMPLES", 50)
    monkeypatch.setattr(ratings, "RESAMPLES", 50)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> TournamentReport:
    """Three players, three games, two deals."""
    out = tmp_path_factory.mktemp("tournament") / "t"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "RESAMPLES", 50)
        patch.setattr(ratings, "RESAMPLES", 50)
        return tournament(PLAYERS, envs=GAMES, episodes=2, seed=7, out=out)


@pytest.fixture
def copy(played: TournamentReport, tmp_path: Path) -> Path:
    """A copy of it, to do anything with."""
    return Path(shutil.copytree(played.directory, tmp_path / "copy"))
