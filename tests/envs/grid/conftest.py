"""The grid games."""

import pytest

from vsbench_envs import Game, get, names
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.grid.view import GridView

GAMES = [name for name in names() if isinstance(get(name).view, GridView)]


@pytest.fixture(scope="session", params=GAMES)
def game(request: pytest.FixtureRequest) -> Game[GridPercept]:
    return get(request.param)
