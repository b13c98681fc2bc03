"""Every game as a PettingZoo environment: agents in turn (AEC), or all at once (parallel).

Both kinds exist for every game, since a :class:`~vsbench_envs.game.State` says which seats act. In
a simultaneous game the AEC kind collects the actions one by one and then plays them together; in a
turn-based game a step of the parallel kind moves the agents whose action mask is not all zero, and
needs no actions of the others.

Agents are ``player_0``, ``player_1``, ... in the order of the seats. They get:

- an observation, ``{"observation": uint8 (height, width, 3 x frames), "action_mask": int8}``;
  a game that shows several frames stacks them along the channels, oldest first, and repeats the
  oldest while there are fewer;
- in ``infos``, ``text`` and ``labels`` (the picture in English, and its elements by name), the
  ``percept`` that both come from, and ``legal_actions`` by label;
- the reward of the last joint move. Episodes *terminate* by the rules, and are *truncated* when
  their time is up.

``reset(seed=...)`` starts the episode that the seed names; ``reset()`` the next one of the series
that the last seed began, or any episode if there was none. Its ``options`` have no effect.

Each game has a module under the name that PettingZoo users expect, ``vsbench_envs.kuhn_poker_v0``,
with ``env``, ``raw_env`` and ``parallel_env``; :func:`factories` makes the three. Importing this
module registers ``vsbench/<game>_v0`` with ``pettingzoo.make``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypedDict, Unpack, overload

import numpy as np
import pettingzoo
from gymnasium import logger
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box, Dict, Discrete, Space
from numpy.typing import NDArray
from pettingzoo.utils import wrappers

from vsbench_envs.errors import IllegalMoveError, UnknownNameError
from vsbench_envs.game import Game, Percept, State
from vsbench_envs.registry import get, names
from vsbench_envs.seeding import stream

if TYPE_CHECKING:
    from vsbench_envs.window import Window

RENDER_MODES = ("human", "rgb_array")

ILLEGAL_REWARD = -1.0
"""Reward of the agent whose illegal move ended the episode, as in PettingZoo's classic games."""

Pixels: TypeAlias = NDArray[np.uint8]
Info: TypeAlias = dict[str, Any]


class Observation(TypedDict):
    """An agent's picture and action mask."""

    observation: Pixels
    """(height, width, 3 x frames), the oldest frame first and repeated while there are fewer."""
    action_mask: NDArray[np.int8]
    """1 for each legal action id; all 0 when it is not the agent's turn."""


class Options(TypedDict, total=False):
    """Options of every environment."""

    render_mode: Literal["human", "rgb_array"] | None
    """``rgb_array`` returns pictures, ``human`` shows them in a window at every move."""
    render_fps: float
    """Moves a second in the window, and in recorded videos; 4 by default."""
    max_cycles: int | None
    """Truncates an episode after so many joint moves; None plays to the end."""


AEC: TypeAlias = pettingzoo.AECEnv[str, Observation, int]
Parallel: TypeAlias = pettingzoo.ParallelEnv[str, Observation, int]


class BaseEnv:
    """A game and its running episode: agents, spaces, observations, infos and pictures.

    Raises:
        ValueError: unknown render mode.
        MissingExtraError: ``human`` without pygame.
    """

    def __init__(
        self,
        game: Game[Any],
        render_mode: Literal["human", "rgb_array"] | None = None,
        render_fps: float = 4,
        max_cycles: int | None = None,
    ) -> None:
        if render_mode not in (None, *RENDER_MODES):
            raise ValueError(f"render_mode is one of {RENDER_MODES} or None, not {render_mode!r}")
        self.game = game
        self.render_mode = render_mode
        self.max_cycles = max_cycles
        self.metadata: dict[str, Any] = {
            "name": f"{game.spec.id}_v0",
            "render_modes": list(RENDER_MODES),
            "render_fps": render_fps,
            "is_parallelizable": game.spec.simultaneous,
        }
        self.possible_agents = [f"player_{seat}" for seat in range(game.spec.seats)]
        self.agents: list[str] = []
        self.episode: State[Any]
        """The running episode, with more than an agent may see; set by ``reset``."""
        self._series = Random()
        self._window: Window | None = None
        if render_mode == "human":
            from vsbench_envs.window import Window

            self._window = Window(game.spec.title, render_fps)

        shape = self._pixels(game.new(0).percept(0)).shape
        actions = len(game.spec.actions)
        self._action_spaces = {agent: Discrete(actions) for agent in self.possible_agents}
        self._observation_spaces = {
            agent: Dict(
                observation=Box(0, 255, shape, np.uint8),
                action_mask=Box(0, 1, (actions,), np.int8),
            )
            for agent in self.possible_agents
        }

    def observation_space(self, agent: str) -> Space[Any]:
        """The space of an agent's :class:`Observation`."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> Space[Any]:
        """The game's action ids."""
        return self._action_spaces[agent]

    def observe(self, agent: str) -> Observation:
        """The observation of an agent now."""
        seat = self.possible_agents.index(agent)
        mask = np.zeros(len(self.game.spec.actions), np.int8)
        mask[list(self.episode.legal_actions(seat))] = 1
        return {"observation": self._pixels(self.episode.percept(seat)), "action_mask": mask}

    def render(self) -> Pixels | None:
        """The pictures of all seats, side by side; the latest frame where there are several."""
        if self.render_mode is None:
            logger.warn("render() shows nothing: the environment has no render_mode")
            return None
        percepts = [self.episode.percept(seat) for seat in range(self.game.spec.seats)]
        picture = np.concatenate([self._pixels(p)[:, :, -3:] for p in percepts], axis=1)
        if self._window is None:
            return picture
        self._window.show(picture)
        return None

    def close(self) -> None:
        """Close the window, if one is open."""
        if self._window is not None:
            self._window.close()

    def _begin(self, seed: int | None) -> None:
        if seed is None:
            seed = self._series.getrandbits(63)
        else:
            self._series = stream(seed, "later episodes")
        self.episode = self.game.new(seed)
        self.agents = list(self.possible_agents)
        self._show()

    def _play(self, joint: Mapping[int, int]) -> None:
        self.episode.apply(joint)
        self._show()

    def _show(self) -> None:
        if self.render_mode == "human":
            self.render()

    def _pixels(self, percept: Percept) -> Pixels:
        images = self.game.view.draw(percept)
        missing = max(0, self.game.view.frames - len(images))
        stacked = (images[0],) * missing + images
        return np.concatenate([np.asarray(image.convert("RGB")) for image in stacked], axis=2)

    def _by_agent(
        self,
    ) -> tuple[dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]]:
        """Rewards of the last joint move, terminations, truncations and infos."""
        state, agents = self.episode, self.possible_agents
        over = not state.acting
        cut = not over and self.max_cycles is not None and state.step >= self.max_cycles
        return (
            dict(zip(agents, state.rewards, strict=True)),
            dict.fromkeys(agents, over and not state.truncated),
            dict.fromkeys(agents, cut or state.truncated),
            {agent: self._info(seat) for seat, agent in enumerate(agents)},
        )

    def _info(self, seat: int) -> Info:
        percept = self.episode.percept(seat)
        return {
            "text": self.game.view.describe(percept),
            "labels": self.game.view.labels(percept),
            "percept": percept,
            "legal_actions": self.game.spec.labels(self.episode.legal_actions(seat)),
        }


class GameAEC(BaseEnv, AEC):
    """A game as an AEC environment without wrappers."""

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Start an episode."""
        self._begin(seed)
        self._chosen: dict[int, int] = {}
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self._tell_agents()

    def step(self, action: int) -> None:
        """Take the selected agent's action; None for an agent whose episode is over.

        Raises:
            IllegalMoveError: with the environment unchanged.
        """
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        seat = self.possible_agents.index(agent)
        if action not in self.episode.legal_actions(seat):
            raise IllegalMoveError(f"action {action} is not legal for {agent} now")
        self._clear_rewards()
        self._cumulative_rewards[agent] = 0.0
        self._chosen[seat] = int(action)
        undecided = [seat for seat in self.episode.acting if seat not in self._chosen]
        if undecided:
            self.agent_selection = self.possible_agents[undecided[0]]
            return
        self._play(self._chosen)
        self._chosen = {}
        self._tell_agents()
        self._accumulate_rewards()

    def _tell_agents(self) -> None:
        self.rewards, self.terminations, self.truncations, self.infos = self._by_agent()
        first = self.episode.acting[0] if self.episode.acting else 0
        self.agent_selection = self.possible_agents[first]


class GameParallel(BaseEnv, Parallel):
    """A game as a parallel environment."""

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Start an episode: observations and infos."""
        self._begin(seed)
        *_, infos = self._by_agent()
        return {agent: self.observe(agent) for agent in self.agents}, infos

    def step(
        self, actions: Mapping[str, int]
    ) -> tuple[
        dict[str, Observation],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, Info],
    ]:
        """Play a joint move: observations, rewards, terminations, truncations and infos.

        Raises:
            IllegalMoveError: an acting agent's action is missing or illegal; nothing has changed.
            ResetNeeded: no episode is running.
        """
        if not self.agents:
            raise ResetNeeded("no episode is running: call reset() before step()")
        acting = {seat: self.possible_agents[seat] for seat in self.episode.acting}
        self._play({seat: int(actions[a]) for seat, a in acting.items() if a in actions})
        observations = {agent: self.observe(agent) for agent in self.agents}
        rewards, terminations, truncations, infos = self._by_agent()
        if any(terminations.values()) or any(truncations.values()):
            self.agents = []
        return observations, rewards, terminations, truncations, infos


@overload
def make(
    game: str | Game[Any], mode: Literal["aec"] = "aec", **options: Unpack[Options]
) -> AEC: ...


@overload
def make(
    game: str | Game[Any], mode: Literal["parallel"], **options: Unpack[Options]
) -> GameParallel: ...


def make(
    game: str | Game[Any], mode: str = "aec", **options: Unpack[Options]
) -> AEC | GameParallel:
    """An environment of a game, given by id or as an object.

    ``aec`` comes in PettingZoo's wrappers: an illegal action ends the episode with -1 for its agent
    and 0 for the others, one outside the action space or out of order is an AssertionError.

    Raises:
        UnknownNameError: unknown game or mode.
        MissingExtraError: the game, or ``render_mode="human"``, needs an extra.
        ValueError: unknown render mode.
    """
    found = get(game) if isinstance(game, str) else game
    if mode == "parallel":
        return GameParallel(found, **options)
    if mode == "aec":
        env = wrappers.TerminateIllegalWrapper(GameAEC(found, **options), ILLEGAL_REWARD)
        return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(env))
    raise UnknownNameError("mode", mode, ["aec", "parallel"])


class AECFactory(Protocol):
    """Makes an environment in which agents take turns; an illegal move ends the episode."""

    def __call__(self, **options: Unpack[Options]) -> AEC:
        """Make an environment."""
        ...


class RawFactory(Protocol):
    """The same without PettingZoo's wrappers: an illegal move raises and changes nothing."""

    def __call__(self, **options: Unpack[Options]) -> GameAEC:
        """Make an environment."""
        ...


class ParallelFactory(Protocol):
    """Makes an environment in which all agents step at once."""

    def __call__(self, **options: Unpack[Options]) -> GameParallel:
        """Make an environment."""
        ...


def factories(game_id: str) -> tuple[AECFactory, RawFactory, ParallelFactory]:
    """A game's ``env``, ``raw_env`` and ``parallel_env``, as its PettingZoo module exposes them.

    They can be pickled, so that vectorised environments send them to workers. The game itself is
    loaded when an environment is made.
    """
    return partial(_env, game_id), partial(_raw_env, game_id), partial(_parallel_env, game_id)


def _env(game_id: str, **options: Unpack[Options]) -> AEC:
    return make(game_id, "aec", **options)


def _raw_env(game_id: str, **options: Unpack[Options]) -> GameAEC:
    return GameAEC(get(game_id), **options)


def _parallel_env(game_id: str, **options: Unpack[Options]) -> GameParallel:
    return make(game_id, "parallel", **options)


for _id in names():
    pettingzoo.register("aec", f"vsbench/{_id}_v0", f"vsbench_envs.{_id}_v0:env")
    pettingzoo.register("parallel", f"vsbench/{_id}_v0", f"vsbench_envs.{_id}_v0:parallel_env")
