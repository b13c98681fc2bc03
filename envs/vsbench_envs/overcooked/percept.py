"""What a chef may know: the kitchen now and in the last three steps, and what was done in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from vsbench_envs.game import Percept
from vsbench_envs.overcooked.layout import LAYOUTS, Cell, Layout, ahead

Thing = Literal["onion", "dish", "soup", "thin soup"]
THINGS: tuple[Thing, ...] = ("onion", "dish", "soup", "thin soup")
"""What can be carried and put on a counter. A soup of fewer than three onions is thin: it can be
plated like another, but the serving window gives nothing for it."""

STEPS = 50
FRAMES = 4
RECIPE = 3
"""Onions in a soup; a pot holds no more."""
COOKING_STEPS = 5


class Chef(NamedTuple):
    """Where a chef stands and what it carries."""

    at: Cell
    facing: str
    holds: Thing | None = None

    @property
    def reach(self) -> Cell:
        """The cell in front, which ``interact`` acts on."""
        return ahead(self.at, self.facing)


class Pot(NamedTuple):
    """A pot's content."""

    onions: int = 0
    left: int | None = None
    """Steps until the soup is ready, 0 when it is; None before the cooking starts."""

    @property
    def has_room(self) -> bool:
        """Whether another onion can go in."""
        return self.left is None and self.onions < RECIPE

    @property
    def is_full(self) -> bool:
        """Whether it only waits to be started."""
        return self.left is None and self.onions == RECIPE

    def welcomes(self, holds: Thing | None) -> bool:
        """Whether using the pot with these hands now is a step towards a good soup."""
        if holds == "onion":
            return self.has_room
        return self.left == 0 if holds == "dish" else holds is None and self.is_full


POTS = (
    *(Pot(onions) for onions in range(RECIPE + 1)),
    *(Pot(onions, left) for onions in range(1, RECIPE + 1) for left in range(COOKING_STEPS)),
)
"""Every state that a pot can be seen in: one that was just started has a step less to go."""


class Kitchen(NamedTuple):
    """A kitchen at one moment."""

    chefs: tuple[Chef, Chef]
    pots: tuple[Pot, ...]
    """In the order of ``Layout.pots``."""
    counters: tuple[Thing | None, ...]
    """In the order of ``Layout.counters``."""


@dataclass(frozen=True)
class OvercookedPercept(Percept):
    """The latest kitchens, how far the episode is, and what was done last."""

    layout: str
    step: int
    kitchens: tuple[Kitchen, ...]
    """Up to four, oldest first; the last is now."""
    joint_actions: tuple[tuple[int, int], ...] = ()
    """What both chefs chose in up to three steps, oldest first, as ids. Told, but not drawn."""

    @property
    def now(self) -> Kitchen:
        """The kitchen as it stands."""
        return self.kitchens[-1]

    @property
    def floor_plan(self) -> Layout:
        """The kitchen's floor plan."""
        return LAYOUTS[self.layout]
