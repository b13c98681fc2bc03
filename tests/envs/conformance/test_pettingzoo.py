"""PettingZoo's own tests, on every game by the name under which people import it."""

from __future__ import annotations

import warnings
from functools import partial
from importlib import import_module
from typing import Any

import pytest

from vsbench_envs import Game

with warnings.catch_warnings():
    # Its own tests still import one of its games in the way that it warns of.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pettingzoo.test import (
        api_test,
        max_cycles_test,
        parallel_api_test,
        render_test,
        seed_test,
    )

# What PettingZoo remarks on any observation of a picture and a mask, but for its own classic games,
# which it knows by name. Any other remark is an error.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Observation is not a NumPy array"),
    pytest.mark.filterwarnings("ignore:Observation space for each agent probably should be"),
    pytest.mark.filterwarnings("ignore:Action mask numpy array is all zeros"),
]


@pytest.fixture
def module(game: Game[Any]) -> Any:
    return import_module(f"vsbench_envs.{game.spec.id}_v0")


@pytest.mark.slow
def test_api(module: Any) -> None:
    api_test(module.env(), num_cycles=200)


def test_raw_api(module: Any) -> None:
    api_test(module.raw_env(max_cycles=20), num_cycles=200)


@pytest.mark.slow
def test_parallel_api(module: Any) -> None:
    parallel_api_test(module.parallel_env(), num_cycles=200)


@pytest.mark.slow
def test_seeds(module: Any) -> None:
    seed_test(module.env, num_cycles=50)


def test_rendering(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    render_test(partial(module.env, render_fps=1000))


def test_max_cycles(game: Game[Any], module: Any) -> None:
    if game.spec.simultaneous:
        max_cycles_test(module)
    else:  # PettingZoo counts the moves of each agent, as if all moved in a cycle.
        env = module.parallel_env(max_cycles=1)
        observations, _ = env.reset()
        masks = {agent: seen["action_mask"] for agent, seen in observations.items()}
        *_, truncations, _ = env.step({a: env.action_space(a).sample(m) for a, m in masks.items()})
        assert all(truncations.values())
        assert not env.agents
