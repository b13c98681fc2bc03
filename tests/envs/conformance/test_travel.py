"""Games, states and environments go to other processes, and are the same there."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from vsbench_envs import Game, get, make, names
from vsbench_envs.replay import digest
from vsbench_envs.seeding import stream

MIDDLE = 3
"""Joint moves into an episode."""
FUTURE = 6


def sent(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def future(state: Any) -> list[Any]:
    """What can be asked of a state now, and after each of the same moves."""
    told = []
    for _ in range(FUTURE):
        legal = [state.legal_actions(seat) for seat in range(state.seats)]
        percepts = [state.percept(seat) for seat in range(state.seats)]
        told.append((digest(state), legal, percepts, state.rewards, state.truncated))
        if not state.acting:
            break
        luck = stream("travel", state.step)
        state.apply({seat: luck.choice(state.legal_actions(seat)) for seat in state.acting})
    return told


def playing(env: Any, parallel: bool) -> list[Any]:
    """What an environment shows from now on."""
    seen: list[Any] = []
    for step in range(FUTURE):
        if not env.agents:
            break
        luck = stream("env", step)
        if parallel:
            masks = {agent: env.observe(agent)["action_mask"] for agent in env.agents}
            joint = {
                agent: luck.choice(list(m.nonzero()[0])) for agent, m in masks.items() if any(m)
            }
            seen.append(repr(env.step(joint)))
        else:
            observation, reward, ended, cut, info = env.last()
            seen.append((repr(observation), reward, ended, cut, repr(info), env.agent_selection))
            legal = list(observation["action_mask"].nonzero()[0])
            env.step(None if ended or cut else luck.choice(legal))
    return seen


def middle_of(game: Game[Any], rollout: Any) -> Any:
    *_, (state, _) = islice(rollout(game, 1), MIDDLE)
    return state


def test_a_registered_game_stays_one(game: Game[Any]) -> None:
    game.view.draw(game.new(0).percept(0))
    assert sent(game) is game
    assert copy.deepcopy(game) is game


def test_a_variant_travels_by_value_and_without_its_sprites(game: Game[Any]) -> None:
    variant = replace(game, spec=replace(game.spec, id="variant"))
    percept = variant.new(0).percept(0)
    drawn = [image.tobytes() for image in variant.view.draw(percept)]
    twin = sent(variant)
    assert twin.spec == replace(variant.spec)
    assert twin.spec.ids == variant.spec.ids
    assert list(twin.bots) == list(variant.bots)
    assert len(pickle.dumps(variant)) < 20_000
    assert [image.tobytes() for image in twin.view.draw(percept)] == drawn


@pytest.mark.parametrize("duplicate", [sent, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_state_in_the_middle_of_an_episode(
    game: Game[Any], rollout: Any, duplicate: Callable[[Any], Any]
) -> None:
    state = middle_of(game, rollout)
    twin = duplicate(state)
    assert future(twin) == future(state)


@pytest.mark.parametrize("mode", ["aec", "parallel"])
@pytest.mark.parametrize("duplicate", [sent, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_an_environment_in_the_middle_of_an_episode(
    game: Game[Any], mode: Any, duplicate: Callable[[Any], Any]
) -> None:
    env: Any = make(game, mode)
    env.reset(seed=1)
    playing(env, mode == "parallel")
    if not env.agents:
        env.reset(seed=2)
    twin = duplicate(env)
    assert twin.unwrapped.game is game
    assert playing(twin, mode == "parallel") == playing(env, mode == "parallel")


def test_an_environment_with_a_window_leaves_it_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    env = make("kuhn_poker", "parallel", render_mode="human", render_fps=1000)
    env.reset(seed=1)
    twin = sent(env)
    assert twin.render() is None
    twin.close()
    env.close()


@pytest.mark.slow
def test_a_spawned_process_sees_the_same_future(rollout: Any) -> None:
    """All games in one process, since starting one takes a while."""
    states = {name: middle_of(get(name), rollout) for name in names()}
    envs = {name: make(name, "parallel") for name in names()}
    for name, env in envs.items():
        get(name).view.draw(states[name].percept(0))
        env.reset(seed=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(_futures, (pickle.dumps((states, envs)),))
    assert there == _futures(pickle.dumps((states, envs)))


def _futures(sent_here: bytes) -> dict[str, Any]:
    states, envs = pickle.loads(sent_here)
    return {
        name: (future(state), playing(envs[name], parallel=True)) for name, state in states.items()
    }
