"""The rules of Overcooked: kitchens, percept, one step of a kitchen, and the episode.

The rules are those of Overcooked-AI 1.1.0 (Carroll et al., 2019) with one recipe; golden traces in
the tests compare them with recorded transitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vsbench_envs.game import Percept, State
from vsbench_envs.overcooked.layout import (
    COUNTER,
    DISHES,
    FLOOR,
    LAYOUTS,
    ONIONS,
    POT,
    SERVING,
    Cell,
    Layout,
    ahead,
)

Thing = Literal["onion", "dish", "soup", "thin soup"]
THINGS: tuple[Thing, ...] = ("onion", "dish", "soup", "thin soup")
"""Things to carry or put on a counter. A soup of fewer than three onions is thin: it can be plated
and served, but pays nothing at the serving window."""

STEPS = 50
FRAMES = 4
SOUP_ONIONS = 3
"""Onions in a soup, and the capacity of a pot."""
COOKING_STEPS = 5


class Chef(NamedTuple):
    """A chef's cell, direction and held item."""

    at: Cell
    facing: str
    holds: Thing | None = None

    @property
    def reach(self) -> Cell:
        """The cell in front, which ``interact`` uses."""
        return ahead(self.at, self.facing)


class Pot(NamedTuple):
    """The content of a pot."""

    onions: int = 0
    left: int | None = None
    """Steps until the soup is ready, 0 when it is; None before the cooking starts."""

    @property
    def has_room(self) -> bool:
        """Whether another onion can be added."""
        return self.left is None and self.onions < SOUP_ONIONS

    @property
    def is_full(self) -> bool:
        """Whether it is ready to be started."""
        return self.left is None and self.onions == SOUP_ONIONS

    def accepts(self, holds: Thing | None) -> bool:
        """Whether using the pot with this item in hand advances a soup of three onions."""
        if holds == "onion":
            return self.has_room
        return self.left == 0 if holds == "dish" else holds is None and self.is_full


POTS = (
    *(Pot(onions) for onions in range(SOUP_ONIONS + 1)),
    *(Pot(onions, left) for onions in range(1, SOUP_ONIONS + 1) for left in range(COOKING_STEPS)),
)
"""Every state of a pot between steps; the step that starts a pot already counts as cooking."""


class Kitchen(NamedTuple):
    """A kitchen at one moment."""

    chefs: tuple[Chef, Chef]
    pots: tuple[Pot, ...]
    """In the order of ``Layout.pots``."""
    counters: tuple[Thing | None, ...]
    """In the order of ``Layout.counters``."""


@dataclass(frozen=True)
class OvercookedPercept(Percept):
    """The latest kitchens, the step, and the latest joint actions."""

    layout: str
    step: int
    kitchens: tuple[Kitchen, ...]
    """Up to four, oldest first; the last is now."""
    joint_actions: tuple[tuple[int, int], ...] = ()
    """Action ids of both chefs in up to three latest steps, oldest first. Not in pictures."""

    @property
    def now(self) -> Kitchen:
        """The kitchen now."""
        return self.kitchens[-1]

    @property
    def floor_plan(self) -> Layout:
        """The kitchen's floor plan."""
        return LAYOUTS[self.layout]


ACTIONS = ("up", "down", "right", "left", "stay", "interact")
STAY, INTERACT = 4, 5
"""Action ids; those below ``STAY`` are the directions to walk in."""

REWARDS = {"onions": 2, "dishes": 2, "soups": 2, "deliveries": 10}
"""Reward to both chefs for each event: 20 in total for a soup from start to end."""

Event = tuple[int, str]
"""A seat, and its rewarded event: a key of ``REWARDS``."""


def initial_kitchen(layout: Layout) -> Kitchen:
    """The kitchen at the start: empty, both chefs facing up."""
    one, two = (Chef(cell, "up") for cell in layout.starts)
    return Kitchen((one, two), (Pot(),) * len(layout.pots), (None,) * len(layout.counters))


def advance(
    layout: Layout, kitchen: Kitchen, joint: Sequence[int]
) -> tuple[Kitchen, tuple[Event, ...]]:
    """Play one step; return the next kitchen and the rewarded events.

    The order is: interacts by seat, walking, cooking.
    """
    step = _MutableKitchen(layout, kitchen)
    for seat, action in enumerate(joint):
        if action == INTERACT:
            step.interact(seat)
    one, two = _walk(layout, step.chefs, joint)
    pots = tuple(Pot(pot.onions, pot.left - 1) if pot.left else pot for pot in step.pots)
    return Kitchen((one, two), pots, tuple(step.counters)), tuple(step.events)


class _MutableKitchen:
    """A kitchen during a step, changed by one interact after another."""

    def __init__(self, layout: Layout, kitchen: Kitchen) -> None:
        self.layout = layout
        self.chefs = list(kitchen.chefs)
        self.pots = list(kitchen.pots)
        self.counters = list(kitchen.counters)
        self.events: list[Event] = []
        self._before = kitchen.pots

    def interact(self, seat: int) -> None:
        """Let a chef use the cell in front of it."""
        chef = self.chefs[seat]
        cell = chef.reach
        tile = self.layout.tiles[cell]
        holds, event = chef.holds, None
        if tile == COUNTER:
            place = self.layout.counters.index(cell)
            if holds is None or self.counters[place] is None:
                holds, self.counters[place] = self.counters[place], holds
        elif tile == POT:
            holds, event = self._use_pot(self.layout.pots.index(cell), holds)
        elif tile == ONIONS and holds is None:
            holds = "onion"
        elif tile == DISHES and holds is None:
            event = "dishes" if self._is_dish_useful() else None
            holds = "dish"
        elif tile == SERVING and holds in ("soup", "thin soup"):
            event = "deliveries" if holds == "soup" else None
            holds = None
        self.chefs[seat] = Chef(chef.at, chef.facing, holds)
        if event:
            self.events.append((seat, event))

    def _use_pot(self, index: int, holds: Thing | None) -> tuple[Thing | None, str | None]:
        pot = self.pots[index]
        if holds == "onion" and pot.has_room:
            self.pots[index] = Pot(pot.onions + 1)
            return None, "onions"
        if holds is None and pot.onions and pot.left is None:
            self.pots[index] = Pot(pot.onions, COOKING_STEPS)
        elif holds == "dish" and pot.left == 0:
            self.pots[index] = Pot()
            return "soup" if pot.onions == SOUP_ONIONS else "thin soup", "soups"
        return holds, None

    def _is_dish_useful(self) -> bool:
        """Whether chefs hold fewer dishes than pots are in use, and none is on a counter.

        Pots count as before the step; a full one that is not started does not count.
        """
        in_use = sum(pot.onions > 0 and not pot.is_full for pot in self._before)
        in_hand = sum(chef.holds == "dish" for chef in self.chefs)
        return "dish" not in self.counters and in_hand < in_use


def _walk(layout: Layout, chefs: Sequence[Chef], joint: Sequence[int]) -> tuple[Chef, ...]:
    """Turn and move both chefs. Chefs who would share or swap cells only turn."""
    turned, goals = list(chefs), [chef.at for chef in chefs]
    for seat, action in enumerate(joint):
        if action < STAY:
            chef = Chef(chefs[seat].at, ACTIONS[action], chefs[seat].holds)
            turned[seat] = chef
            if layout.tiles[chef.reach] == FLOOR:
                goals[seat] = chef.reach
    swap = goals[0] == chefs[1].at and goals[1] == chefs[0].at
    if swap or goals[0] == goals[1]:
        return tuple(turned)
    return tuple(
        [Chef(goal, chef.facing, chef.holds) for goal, chef in zip(goals, turned, strict=True)]
    )


class OvercookedState(State[OvercookedPercept]):
    """An episode in a kitchen. Nothing in it is random, so the seed has no effect."""

    def __init__(self, layout: Layout, seed: int) -> None:
        super().__init__(seed, seats=2)
        self.layout = layout
        self._kitchens: tuple[Kitchen, ...] = (initial_kitchen(layout),)
        self._joint_actions: tuple[tuple[int, int], ...] = ()

    @property
    def acting(self) -> tuple[int, ...]:
        """Both seats, until the last step is played."""
        return () if self.truncated else (0, 1)

    @property
    def truncated(self) -> bool:
        """Whether the last step is played; episodes end in no other way."""
        return self.step >= STEPS

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """All actions, including those without effect."""
        return tuple(range(len(ACTIONS))) if seat in self.acting else ()

    def percept(self, seat: int) -> OvercookedPercept:
        """The whole kitchen; percepts differ between seats only in ``seat``."""
        return OvercookedPercept(
            seat, self.layout.name, self.step, self._kitchens, self._joint_actions
        )

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        actions = joint[0], joint[1]
        kitchen, events = advance(self.layout, self._kitchens[-1], actions)
        self._kitchens = (*self._kitchens, kitchen)[-FRAMES:]
        self._joint_actions = (*self._joint_actions, actions)[1 - FRAMES :]
        for seat, event in events:
            self.count(event, seat)
        return (float(sum(REWARDS[event] for _, event in events)),) * 2
