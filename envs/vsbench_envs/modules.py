"""``vsbench_envs.kuhn_poker_v0`` and its like: each game under the name a PettingZoo user expects.

PettingZoo's collection has a module per environment, with ``env``, ``raw_env`` and
``parallel_env``. Ours would all hold the same three lines, so they are objects rather than files,
entered in ``sys.modules`` the way the standard library enters ``os.path``: every way of importing
them works, those of plug-in games too, and a new game needs nothing here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Unpack

from vsbench_envs.registry import get, names

if TYPE_CHECKING:
    from vsbench_envs.face import Options
    from vsbench_envs.pettingzoo import AEC, GameAEC, GameParallel

PACKAGE = "vsbench_envs"


class EnvModule(ModuleType):
    """One game's module; the game itself is imported when an environment is made."""

    def __init__(self, game_id: str) -> None:
        name = f"{PACKAGE}.{game_id}_v0"
        super().__init__(name, f"The game {game_id!r} as a PettingZoo environment.")
        self.__spec__ = ModuleSpec(name, None)
        self._game_id = game_id

    def env(self, **options: Unpack[Options]) -> AEC:
        """The agents take turns; an illegal move ends the episode."""
        from vsbench_envs.pettingzoo import make

        return make(self._game_id, "aec", **options)

    def raw_env(self, **options: Unpack[Options]) -> GameAEC:
        """The same without PettingZoo's wrappers: an illegal move raises and changes nothing."""
        from vsbench_envs.pettingzoo import GameAEC

        return GameAEC(get(self._game_id), **options)

    def parallel_env(self, **options: Unpack[Options]) -> GameParallel:
        """All agents step at once."""
        from vsbench_envs.pettingzoo import make

        return make(self._game_id, "parallel", **options)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        # Modules do not pickle by themselves, and vectorised environments send theirs to workers.
        return import_module, (self.__name__,)


def publish() -> None:
    """Make a module importable for every registered game."""
    package = import_module(PACKAGE)
    for game_id in names():
        module = EnvModule(game_id)
        sys.modules[module.__name__] = module
        setattr(package, f"{game_id}_v0", module)
