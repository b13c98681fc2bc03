"""The PettingZoo faces, held to the game itself; stricter than PettingZoo's own tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hypothesis import given, settings
from hypothesis import strategies as st

from vsbench_envs import Game, IllegalMoveError, make
from vsbench_envs.replay import digest
from vsbench_envs.seeding import stream

SEEDS = st.integers(0, 2**63 - 1)
REPEATABLE = settings(derandomize=True, deadline=None, database=None)


def same(one: Any, two: Any) -> bool:
    """Equal in type and in every value, to the last bit."""
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and np.array_equal(one, two)
    if isinstance(one, tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return type(one) is type(two) and bool(one == two)


def choose(observations: dict[str, Any], seed: int, step: int) -> dict[str, Any]:
    """A legal action at random for every agent that has one."""
    luck = stream("choose", seed, step)
    legal = {agent: np.flatnonzero(o["action_mask"]) for agent, o in observations.items()}
    return {agent: luck.choice(list(ids)) for agent, ids in legal.items() if ids.size}


@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
@pytest.mark.slow
def test_equal_seeds_make_equal_episodes(game: Game[Any], seed: int) -> None:
    one, two = make(game, "parallel"), make(game, "parallel")
    # The second episode is the next in the series; its beginning tells.
    for start, steps in ((seed, None), (None, 25)):
        first = one.reset(seed=start)
        assert same(first, two.reset(seed=start))
        observations, _ = first
        while one.agents and one.episode.step != steps:
            actions = choose(observations, seed, one.episode.step)
            seen = one.step(actions)
            assert same(seen, two.step(actions))
            observations = seen[0]
        assert one.agents == two.agents


@settings(REPEATABLE, max_examples=2)
@given(seed=SEEDS)
@pytest.mark.slow
def test_both_kinds_tell_the_same_episode(game: Game[Any], seed: int) -> None:
    parallel, state = make(game, "parallel"), game.new(seed)
    turns: Any = make(game)
    observations, infos = parallel.reset(seed=seed)
    turns.reset(seed=seed)
    while parallel.agents:
        acting = [parallel.possible_agents[seat] for seat in state.acting]
        actions = choose(observations, seed, state.step)
        assert sorted(actions) == acting
        for agent in acting:
            assert turns.agent_selection == agent
            seen, _, terminated, truncated, info = turns.last()
            assert same(seen, observations[agent])
            assert same(info, infos[agent])
            assert not terminated
            assert not truncated
            turns.step(actions[agent])
        state.apply({parallel.possible_agents.index(a): int(actions[a]) for a in acting})
        observations, rewards, terminations, truncations, infos = parallel.step(actions)
        assert tuple(rewards.values()) == state.rewards
        assert turns.rewards == rewards
        assert turns.terminations == terminations
        assert turns.truncations == truncations
        assert digest(parallel.episode) == digest(turns.unwrapped.episode) == digest(state)
    with pytest.raises(ResetNeeded):
        parallel.step(actions)
    assert not state.acting
    assert set(truncations.values()) == {state.truncated}
    assert set(terminations.values()) == {not state.truncated}


def test_agents_see_what_the_game_shows(game: Game[Any]) -> None:
    env = make(game, "parallel", render_mode="rgb_array")
    observations, infos = env.reset(seed=5)
    state, spec = game.new(5), game.spec
    for seat, agent in enumerate(env.agents):
        percept = state.percept(seat)
        pixels = [np.asarray(image.convert("RGB")) for image in game.view.draw(percept)]
        pixels = [pixels[0]] * (game.view.frames - len(pixels)) + pixels
        assert env.observation_space(agent).contains(observations[agent])
        assert np.array_equal(observations[agent]["observation"], np.concatenate(pixels, axis=2))
        legal = np.flatnonzero(observations[agent]["action_mask"])
        assert tuple(legal) == state.legal_actions(seat)
        assert infos[agent] == {
            "text": game.view.describe(percept),
            "labels": game.view.labels(percept),
            "percept": percept,
            "legal_actions": spec.labels(state.legal_actions(seat)),
        }
    height, width, _ = pixels[0].shape
    picture = env.render()
    assert picture is not None
    assert picture.shape == (height, width * spec.seats, 3)


def test_illegal_moves(game: Game[Any]) -> None:
    """The wrapped kind ends the episode; the parallel and the raw kind refuse."""
    parallel, turns = make(game, "parallel"), make(game)
    observations, _ = parallel.reset(seed=0)
    outside = len(game.spec.actions)
    before = digest(parallel.episode)
    for actions in ({}, dict.fromkeys(parallel.agents, outside)):
        with pytest.raises(IllegalMoveError):
            parallel.step(actions)
    assert digest(parallel.episode) == before

    turns.reset(seed=0)
    with pytest.raises(IllegalMoveError):
        turns.unwrapped.step(outside)
    with pytest.raises(AssertionError, match="action space"):
        turns.step(outside)
    agent = turns.agent_selection
    illegal = np.flatnonzero(observations[agent]["action_mask"] == 0)
    if illegal.size:
        turns.step(int(illegal[0]))
        assert all(turns.terminations.values())
        assert turns.rewards == {a: -1.0 if a == agent else 0 for a in turns.possible_agents}
