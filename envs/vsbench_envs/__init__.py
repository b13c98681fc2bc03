"""Rendered multi-agent games, as PettingZoo environments and as pure state machines.

``get("kuhn_poker")`` is the game itself: rules, percepts, pictures, bots.
``make("kuhn_poker")`` is its PettingZoo environment; ``from vsbench_envs import kuhn_poker_v0``
imports it as a module with ``env``, ``raw_env`` and ``parallel_env``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from vsbench_envs import registry
from vsbench_envs.errors import IllegalMoveError, VSBenchError
from vsbench_envs.game import Bot, Game, Percept, State, Turn, View
from vsbench_envs.plugins import SUFFIX, ModuleFinder
from vsbench_envs.registry import get, names

if TYPE_CHECKING:
    from vsbench_envs.pettingzoo import make

__all__ = [
    "Bot",
    "Game",
    "IllegalMoveError",
    "Percept",
    "State",
    "Turn",
    "VSBenchError",
    "View",
    "get",
    "make",
    "names",
]

if not TYPE_CHECKING:  # A typed one would make any misspelt name an Any.

    def __getattr__(name: str) -> Any:
        # PettingZoo takes a third of a second to import; only those who use it should wait.
        if name == "make":
            from vsbench_envs.pettingzoo import make

            return make
        if name.endswith(SUFFIX) and name.removesuffix(SUFFIX) in names():
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# Our own modules are found before, as files.
sys.meta_path.append(ModuleFinder(registry.plugins))
