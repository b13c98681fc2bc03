"""Every game as a PettingZoo environment: agents in turn (AEC), or all at once (parallel).

Both kinds exist for every game, since a :class:`~vsbench_envs.game.State` says which seats act. In
a simultaneous game the AEC kind asks one agent after the other and then moves them together; in a
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

Importing this module registers ``vsbench/<game>_v0`` with ``pettingzoo.make``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, Unpack, overload

import pettingzoo
from gymnasium.error import ResetNeeded
from pettingzoo.utils import wrappers

from vsbench_envs.errors import IllegalMoveError, UnknownNameError
from vsbench_envs.face import BaseEnv, Info, Observation, Options
from vsbench_envs.game import Game
from vsbench_envs.registry import get, names

ILLEGAL_REWARD = -1.0
"""For the agent whose illegal move ended the episode, as in PettingZoo's classic games."""

AEC: TypeAlias = pettingzoo.AECEnv[str, Observation, int]
Parallel: TypeAlias = pettingzoo.ParallelEnv[str, Observation, int]


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
    """An environment of a game, given by id or in person.

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


for _id in names():
    pettingzoo.register("aec", f"vsbench/{_id}_v0", f"vsbench_envs.{_id}_v0:env")
    pettingzoo.register("parallel", f"vsbench/{_id}_v0", f"vsbench_envs.{_id}_v0:parallel_env")
