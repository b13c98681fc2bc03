"""Eight rendered multi-agent games, as PettingZoo environments and as pure state machines.

``get("kuhn_poker")`` is the game itself: rules, percepts, pictures, bots.
``make("kuhn_poker")`` is its PettingZoo face, also found as ``vsbench_envs.kuhn_poker_v0.env()``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vsbench_envs import modules
from vsbench_envs.errors import IllegalMoveError
from vsbench_envs.game import Bot, Game, Percept, State, Turn, View
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
    "View",
    "get",
    "make",
    "names",
]


def __getattr__(name: str) -> Any:
    # PettingZoo takes a third of a second to import; only those who use it should wait.
    if name == "make":
        from vsbench_envs.pettingzoo import make

        return make
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


modules.publish()
