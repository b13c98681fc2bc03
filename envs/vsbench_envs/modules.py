"""PettingZoo modules of plug-in games: ``from vsbench_envs import nim_v0``.

Our own games have files, ``kuhn_poker_v0.py``, which editors and type checkers know. A game of
another package gets a module of the same shape when it is first imported; typed code uses
``vsbench_envs.make("nim")``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from vsbench_envs import registry

PACKAGE = "vsbench_envs"
SUFFIX = "_v0"


class PluginFinder(MetaPathFinder, Loader):
    """Finds and makes ``vsbench_envs.<id>_v0`` for games of other packages."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module of a plug-in game; other names are left to other finders."""
        package, _, name = fullname.rpartition(".")
        if package != PACKAGE or not name.endswith(SUFFIX):
            return None
        return ModuleSpec(fullname, self) if _game_id(name) in registry.plugins().names else None

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module in, as the files of our own games do."""
        from vsbench_envs.pettingzoo import factories

        game_id = _game_id(module.__name__.rpartition(".")[2])
        module.__doc__ = f"The game {game_id!r} as a PettingZoo environment."
        names = ("env", "raw_env", "parallel_env")
        vars(module).update(zip(names, factories(game_id), strict=True))


def install() -> None:
    """Let Python import the modules of plug-in games. Our own files are found first."""
    if not any(isinstance(finder, PluginFinder) for finder in sys.meta_path):
        sys.meta_path.append(PluginFinder())


def _game_id(name: str) -> str:
    return name.removesuffix(SUFFIX)
