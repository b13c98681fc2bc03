"""The conformance suite over every registered game, with no exceptions by name."""

from __future__ import annotations

import multiprocessing
import pickle
from itertools import islice
from typing import Any

import pytest

from vsbench_envs import get, make, registry
from vsbench_envs.catalogue import bot_rows
from vsbench_envs.testing import GameSuite, ToDo, bots
from vsbench_envs.testing.checks import Check, play
from vsbench_envs.testing.environments import MIDDLE, future, playing


def _cases() -> list[Any]:
    """Every game with every check; those of games on an emulator take minutes."""
    return [
        pytest.param(
            game_id,
            check,
            id=f"{game_id}-{check}",
            marks=[pytest.mark.slow] if check.slow or get(game_id).spec.extra else [],
        )
        for game_id in registry.GAMES
        for check in GameSuite.checks
    ]


@pytest.mark.parametrize(("game_id", "check"), _cases())
def test_game(game_id: str, check: Check) -> None:
    try:
        check(get(game_id))
    except ToDo:
        # Sets of variants are made from recorded runs only.
        assert game_id not in registry.BENCHMARK
        assert check is bots.the_recipe_makes_a_data_set


@pytest.mark.parametrize("game_id", registry.GAMES)
def test_every_option_is_in_the_catalogue(game_id: str) -> None:
    game = get(game_id)
    shown = {row[0]: row[1] for row in bot_rows(game)}
    for name, bot in game.bots.items():
        for option, parameter in bot.parameters.items():
            assert f"`{option}={parameter.default}` ({parameter.range})" in shown[f"`{name}`"]


def test_an_environment_with_a_window_leaves_it_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = make("kuhn_poker", "parallel", render_mode="human", render_fps=1000)
    env.reset(seed=1)
    twin = pickle.loads(pickle.dumps(env))
    assert twin.render() is None
    twin.close()
    env.close()


@pytest.mark.slow
def test_a_spawned_process_sees_the_same_future() -> None:
    """All games in one process, since starting one takes a while."""
    states, envs = {}, {}
    for name in registry.GAMES:
        *_, (states[name], _) = islice(play(get(name), 1), MIDDLE)
        envs[name] = make(name, "parallel")
        get(name).view.draw(states[name].percept(0))
        envs[name].reset(seed=1)
    sent = pickle.dumps((states, envs))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_futures, (sent,)) == _futures(sent)


def _futures(sent: bytes) -> dict[str, Any]:
    states, envs = pickle.loads(sent)
    return {
        name: (future(state), playing(envs[name], parallel=True)) for name, state in states.items()
    }
