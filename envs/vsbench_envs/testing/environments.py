"""Checks of the PettingZoo environments, and of games and states sent to other processes."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import pickle
import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from itertools import islice
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
from gymnasium.error import ResetNeeded

from vsbench_envs.errors import IllegalMoveError
from vsbench_envs.game import Game
from vsbench_envs.pettingzoo import GameAEC, make
from vsbench_envs.registry import is_registered
from vsbench_envs.replay import digest
from vsbench_envs.seeding import stream
from vsbench_envs.testing.checks import (
    check,
    expect,
    expect_equal,
    expect_raises,
    play,
    seeds,
)

with warnings.catch_warnings():
    # PettingZoo's own tests still import one of its games in the way that it warns of.
    warnings.simplefilter("ignore", DeprecationWarning)
    import pettingzoo.test

pettingzoo_test: Any = pettingzoo.test  # Its functions have no types.

EXPECTED_WARNINGS = (
    "Observation is not a NumPy array",
    "Observation space for each agent probably should be",
    "Action mask numpy array is all zeros",
)
"""PettingZoo's remarks on every observation of a picture and a mask, except in its own classic
games, which it knows by name. Any other remark is a failure."""

CYCLES = 200
MAX_CYCLES = 4
"""Joint moves of PettingZoo's ``max_cycles_test``."""
MIDDLE = 3
"""Joint moves into an episode at which a state is sent."""
FUTURE = 6
"""Joint moves that are compared after that."""
PICKLE_BYTES = 20_000
"""Of a game that is sent to another process."""


@check("pettingzoo", slow=True)
def pettingzoo_api_test(game: Game[Any]) -> None:
    """PettingZoo's ``api_test`` of the wrapped environment."""
    with _pettingzoo_tests():
        pettingzoo_test.api_test(make(game), num_cycles=CYCLES)


@check("pettingzoo")
def pettingzoo_api_test_of_the_raw_environment(game: Game[Any]) -> None:
    """PettingZoo's ``api_test`` of the environment without wrappers."""
    with _pettingzoo_tests():
        pettingzoo_test.api_test(GameAEC(game, max_cycles=20), num_cycles=CYCLES)


@check("pettingzoo", slow=True)
def pettingzoo_parallel_api_test(game: Game[Any]) -> None:
    """PettingZoo's ``parallel_api_test``."""
    with _pettingzoo_tests():
        pettingzoo_test.parallel_api_test(make(game, "parallel"), num_cycles=CYCLES)


@check("pettingzoo", slow=True)
def pettingzoo_seed_test(game: Game[Any]) -> None:
    """PettingZoo's ``seed_test``."""
    with _pettingzoo_tests():
        pettingzoo_test.seed_test(partial(make, game), num_cycles=50)


@check("pettingzoo")
def pettingzoo_render_test(game: Game[Any]) -> None:
    """PettingZoo's ``render_test``; windows are left out where pygame is not installed."""
    if find_spec("pygame") is None:
        env = make(game, render_mode="rgb_array")
        env.reset(seed=0)
        expect(isinstance(env.render(), np.ndarray), "render() returns no picture")
        return
    with _pettingzoo_tests(), _dummy_display():
        pettingzoo_test.render_test(partial(make, game, render_fps=1000))


@check("pettingzoo")
def max_cycles_ends_episodes(game: Game[Any]) -> None:
    """A move ends an episode of one cycle; PettingZoo's ``max_cycles_test`` where it applies."""
    env = make(game, "parallel", max_cycles=1)
    observations, _ = env.reset(seed=0)
    *_, truncations, _ = env.step(_choose(observations, 0, 0))
    over = all(truncations.values()) or not env.episode.acting
    expect(over and not env.agents, "max_cycles=1 does not end the episode")
    if _suits_max_cycles_test(game):
        module = SimpleNamespace(
            env=partial(make, game), parallel_env=partial(make, game, "parallel")
        )
        with _pettingzoo_tests():
            pettingzoo_test.max_cycles_test(module)


@check("pettingzoo", slow=True)
def equal_seeds_make_equal_episodes(game: Game[Any]) -> None:
    """To the last bit; the next episode of the series too."""
    for seed in seeds(2):
        one, two = make(game, "parallel"), make(game, "parallel")
        # The second episode is the next in the series; its beginning is enough.
        for start, steps in ((seed, None), (None, 25)):
            first = one.reset(seed=start)
            expect(_same(first, two.reset(seed=start)), f"seed {start}: another first moment")
            observations, _ = first
            while one.agents and one.episode.step != steps:
                actions = _choose(observations, seed, one.episode.step)
                seen = one.step(actions)
                step = f"seed {start}, step {one.episode.step}"
                expect(_same(seen, two.step(actions)), f"{step}: another moment")
                observations = seen[0]
            expect_equal(one.agents, two.agents, f"seed {start}: agents")


@check("pettingzoo", slow=True)
def both_kinds_play_the_same_episode(game: Game[Any]) -> None:
    """The AEC and the parallel environment agree with each other and with the game."""
    for seed in seeds(2):
        _compare_kinds(game, seed)


@check("pettingzoo")
def agents_see_what_the_game_shows(game: Game[Any]) -> None:
    """Observations, action masks, infos and rendered pictures come from the percept."""
    env = make(game, "parallel", render_mode="rgb_array")
    observations, infos = env.reset(seed=5)
    state, spec = game.new(5), game.spec
    for seat, agent in enumerate(env.agents):
        percept = state.percept(seat)
        pixels = [np.asarray(image.convert("RGB")) for image in game.view.draw(percept)]
        pixels = [pixels[0]] * (game.view.frames - len(pixels)) + pixels
        seen = observations[agent]
        expect(env.observation_space(agent).contains(seen), f"{agent} sees what is in no space")
        shown = np.array_equal(seen["observation"], np.concatenate(pixels, axis=2))
        expect(shown, f"{agent} does not see its picture")
        legal = tuple(np.flatnonzero(seen["action_mask"]))
        expect_equal(legal, state.legal_actions(seat), f"the action mask of {agent}")
        info = {
            "text": game.view.describe(percept),
            "labels": game.view.labels(percept),
            "percept": percept,
            "legal_actions": spec.labels(state.legal_actions(seat)),
        }
        expect_equal(infos[agent], info, f"the info of {agent}")
    height, width, _ = pixels[0].shape
    picture = env.render()
    wanted = (height, width * spec.seats, 3)
    expect_equal(None if picture is None else picture.shape, wanted, "the rendered picture's shape")


@check("pettingzoo")
def illegal_actions_are_refused(game: Game[Any]) -> None:
    """The wrapped kind ends the episode; the parallel and the raw kind raise."""
    parallel, turns = make(game, "parallel"), make(game)
    observations, _ = parallel.reset(seed=0)
    outside = len(game.spec.actions)
    before = digest(parallel.episode)
    for actions in ({}, dict.fromkeys(parallel.agents, outside)):
        expect_raises(IllegalMoveError, f"a step with {actions}", parallel.step, actions)
    expect_equal(digest(parallel.episode), before, "the state after refused actions")

    turns.reset(seed=0)
    raw: Any = turns.unwrapped
    expect_raises(IllegalMoveError, f"a raw step with {outside}", raw.step, outside)
    refused = expect_raises(AssertionError, f"a step with {outside}", turns.step, outside)
    expect("action space" in str(refused), f"not PettingZoo's refusal: {refused}")
    agent = turns.agent_selection
    illegal = np.flatnonzero(observations[agent]["action_mask"] == 0)
    if illegal.size:
        with _pettingzoo_tests():
            turns.step(int(illegal[0]))
        expect(all(turns.terminations.values()), "an illegal action does not end the episode")
        rewards = {a: -1.0 if a == agent else 0 for a in turns.possible_agents}
        expect_equal(turns.rewards, rewards, "rewards after an illegal action")


@check("pettingzoo")
def a_registered_game_stays_one(game: Game[Any]) -> None:
    """It is pickled and copied by its id."""
    if is_registered(game):
        game.view.draw(game.new(0).percept(0))
        expect(_sent(game) is game, "a pickled game is another one")
        expect(copy.deepcopy(game) is game, "a deep copy of the game is another one")


@check("pettingzoo")
def a_variant_travels_by_value_and_without_its_sprites(game: Game[Any]) -> None:
    """A game that is not registered is pickled without the sprites that it can draw again."""
    variant = replace(game, spec=replace(game.spec, id="variant"))
    percept = variant.new(0).percept(0)
    drawn = [image.tobytes() for image in variant.view.draw(percept)]
    size = len(pickle.dumps(variant))
    expect(size < PICKLE_BYTES, f"pickled it takes {size:,} bytes; the limit is {PICKLE_BYTES:,}")
    twin = _sent(variant)
    expect_equal(twin.spec, replace(variant.spec), "the pickled spec")
    expect_equal(twin.spec.ids, variant.spec.ids, "the pickled ids")
    expect_equal(list(twin.bots), list(variant.bots), "the pickled bots")
    again = [image.tobytes() for image in twin.view.draw(percept)]
    expect(again == drawn, "the pickled game draws another picture")


@check("pettingzoo")
def states_travel(game: Game[Any]) -> None:
    """A pickled or deeply copied state has the same future."""
    for duplicate in (_sent, copy.deepcopy):
        *_, (state, _) = islice(play(game, 1), MIDDLE)
        expect_equal(future(duplicate(state)), future(state), "the future of a copied state")


@check("pettingzoo")
def environments_travel(game: Game[Any]) -> None:
    """A pickled or deeply copied environment has the same future."""
    modes: tuple[Literal["aec", "parallel"], ...] = ("aec", "parallel")
    for mode in modes:
        for duplicate in (_sent, copy.deepcopy):
            env: Any = make(game, mode)
            env.reset(seed=1)
            playing(env, mode == "parallel")
            if not env.agents:
                env.reset(seed=2)
            twin = duplicate(env)
            expect(not is_registered(game) or twin.unwrapped.game is game, "it holds another game")
            after, here = (playing(each, mode == "parallel") for each in (twin, env))
            expect(after == here, f"a copied {mode} environment has another future")


def future(state: Any) -> list[Any]:
    """Everything observable of a state now, and after each of the same moves."""
    seen = []
    for _ in range(FUTURE):
        legal = [state.legal_actions(seat) for seat in range(state.seats)]
        percepts = [state.percept(seat) for seat in range(state.seats)]
        seen.append((digest(state), legal, percepts, state.rewards, state.truncated))
        if not state.acting:
            break
        rng = stream("travel", state.step)
        state.apply({seat: rng.choice(state.legal_actions(seat)) for seat in state.acting})
    return seen


def playing(env: Any, parallel: bool) -> list[Any]:
    """Everything that an environment returns from now on."""
    seen: list[Any] = []
    for step in range(FUTURE):
        if not env.agents:
            break
        if parallel:
            observations = {agent: env.observe(agent) for agent in env.agents}
            seen.append(repr(env.step(_choose(observations, "env", step))))
        else:
            observation, reward, ended, cut, info = env.last()
            seen.append((repr(observation), reward, ended, cut, repr(info), env.agent_selection))
            chosen = _choose({env.agent_selection: observation}, "env", step)
            env.step(None if ended or cut else chosen[env.agent_selection])
    return seen


def _compare_kinds(game: Game[Any], seed: int) -> None:
    parallel, state = make(game, "parallel"), game.new(seed)
    turns: Any = make(game)
    observations, infos = parallel.reset(seed=seed)
    turns.reset(seed=seed)
    while parallel.agents:
        where = f"seed {seed}, step {state.step}"
        acting = [parallel.possible_agents[seat] for seat in state.acting]
        actions = _choose(observations, seed, state.step)
        expect_equal(sorted(actions), sorted(acting), f"{where}: agents with legal actions")
        for agent in acting:
            expect_equal(turns.agent_selection, agent, f"{where}: the selected agent")
            seen, _, terminated, truncated, info = turns.last()
            expect(_same(seen, observations[agent]), f"{where}: {agent} sees something else")
            expect(_same(info, infos[agent]), f"{where}: {agent} has another info")
            expect(not terminated and not truncated, f"{where}: {agent} is over already")
            turns.step(actions[agent])
        state.apply({parallel.possible_agents.index(a): int(actions[a]) for a in acting})
        observations, rewards, terminations, truncations, infos = parallel.step(actions)
        expect_equal(tuple(rewards.values()), state.rewards, f"{where}: rewards")
        expect_equal(turns.rewards, rewards, f"{where}: AEC rewards")
        expect_equal(turns.terminations, terminations, f"{where}: terminations")
        expect_equal(turns.truncations, truncations, f"{where}: truncations")
        digests = {digest(e) for e in (parallel.episode, turns.unwrapped.episode, state)}
        expect_equal(len(digests), 1, f"{where}: different states")
    expect_raises(ResetNeeded, "a step after the end", parallel.step, actions)
    expect(not state.acting, f"seed {seed}: the game goes on after the environment's end")
    expect_equal(set(truncations.values()), {state.truncated}, f"seed {seed}: truncations")
    expect_equal(set(terminations.values()), {not state.truncated}, f"seed {seed}: terminations")


def _suits_max_cycles_test(game: Game[Any]) -> bool:
    """Whether every seat may take any action in each of the first moves, as that test does."""
    everything = tuple(range(len(game.spec.actions)))
    moves = 0
    for state, _ in islice(play(game, 0), MAX_CYCLES):
        if any(state.legal_actions(seat) != everything for seat in range(game.spec.seats)):
            return False
        moves += 1
    return moves == MAX_CYCLES


def _same(one: Any, two: Any) -> bool:
    """Equal in type and in every value, to the last bit."""
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(_same(one[key], two[key]) for key in one)
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and np.array_equal(one, two)
    if isinstance(one, tuple):
        return len(one) == len(two) and all(map(_same, one, two))
    return type(one) is type(two) and bool(one == two)


def _choose(observations: dict[str, Any], seed: int | str, step: int) -> dict[str, Any]:
    """A legal action at random for every agent that has one."""
    rng = stream("choose", seed, step)
    legal = {agent: np.flatnonzero(o["action_mask"]) for agent, o in observations.items()}
    return {agent: rng.choice(list(ids)) for agent, ids in legal.items() if ids.size}


def _sent(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))  # noqa: S301 - it was made here


@contextlib.contextmanager
def _pettingzoo_tests() -> Iterator[None]:
    """Turn PettingZoo's remarks into failures, except known ones, and discard its output."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("error")
        for remark in EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", remark)
        yield


@contextlib.contextmanager
def _dummy_display() -> Iterator[None]:
    """Open windows on SDL's dummy display."""
    before = os.environ.get("SDL_VIDEODRIVER")
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SDL_VIDEODRIVER"]
        else:
            os.environ["SDL_VIDEODRIVER"] = before
