"""What an environment shows to its agents: the part that both kinds of PettingZoo face share."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

import numpy as np
from gymnasium import logger
from gymnasium.spaces import Box, Dict, Discrete, Space
from numpy.typing import NDArray

from vsbench_envs.game import Game, Percept, State
from vsbench_envs.seeding import stream

if TYPE_CHECKING:
    from vsbench_envs.window import Window

RENDER_MODES = ("human", "rgb_array")

Pixels: TypeAlias = NDArray[np.uint8]
Info: TypeAlias = dict[str, Any]


class Observation(TypedDict):
    """What an agent sees, and what it may do."""

    observation: Pixels
    """(height, width, 3 x frames), the oldest frame first and repeated while there are fewer."""
    action_mask: NDArray[np.int8]
    """1 for each legal action id; all 0 when it is not the agent's turn."""


class Options(TypedDict, total=False):
    """Options of every environment."""

    render_mode: Literal["human", "rgb_array"] | None
    """``rgb_array`` returns pictures, ``human`` shows them in a window at every move."""
    render_fps: float
    """Moves a second in the window, and in recorded videos; 4 unless told."""
    max_cycles: int | None
    """Truncates an episode after so many joint moves; None plays to the end."""


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
        """The running episode, for who wants more than an agent may see; set by ``reset``."""
        self._luck = Random()
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
        """What an agent sees now."""
        seat = self.possible_agents.index(agent)
        mask = np.zeros(len(self.game.spec.actions), np.int8)
        mask[list(self.episode.legal_actions(seat))] = 1
        return {"observation": self._pixels(self.episode.percept(seat)), "action_mask": mask}

    def render(self) -> Pixels | None:
        """What all seats see, side by side; the latest frame where there are several."""
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
            seed = self._luck.getrandbits(63)
        else:
            self._luck = stream(seed, "later episodes")
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
