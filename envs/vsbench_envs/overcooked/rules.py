"""The rules of Overcooked: what a step does to a kitchen, and the episode of fifty steps.

They are those of Overcooked-AI 1.1.0 (Carroll et al., 2019) with one recipe, held to its recorded
transitions by the golden traces in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vsbench_envs.game import State
from vsbench_envs.overcooked.layout import (
    COUNTER,
    DISHES,
    FLOOR,
    ONIONS,
    POT,
    SERVING,
    Layout,
)
from vsbench_envs.overcooked.percept import (
    COOKING_STEPS,
    FRAMES,
    RECIPE,
    STEPS,
    Chef,
    Kitchen,
    OvercookedPercept,
    Pot,
    Thing,
)

ACTIONS = ("up", "down", "right", "left", "stay", "interact")
STAY, INTERACT = 4, 5
"""The ids below are the directions to walk in."""

REWARDS = {"onions": 2, "dishes": 2, "soups": 2, "deliveries": 10}
"""What each deed earns both chefs: 20 for a soup from start to end."""

Deed = tuple[int, str]
"""A seat, and what it did of ``REWARDS``."""


def opening(layout: Layout) -> Kitchen:
    """The kitchen at the start: empty, both chefs facing up."""
    one, two = (Chef(cell, "up") for cell in layout.starts)
    return Kitchen((one, two), (Pot(),) * len(layout.pots), (None,) * len(layout.counters))


def advance(
    layout: Layout, kitchen: Kitchen, joint: Sequence[int]
) -> tuple[Kitchen, tuple[Deed, ...]]:
    """The kitchen a step later and the rewarded deeds: first interacts by seat, then walking,
    then cooking."""
    bench = _Bench(layout, kitchen)
    for seat, action in enumerate(joint):
        if action == INTERACT:
            bench.interact(seat)
    one, two = _walk(layout, bench.chefs, joint)
    pots = tuple(Pot(pot.onions, pot.left - 1) if pot.left else pot for pot in bench.pots)
    return Kitchen((one, two), pots, tuple(bench.counters)), tuple(bench.deeds)


class _Bench:
    """A kitchen in the middle of a step, changed by one interact after another."""

    def __init__(self, layout: Layout, kitchen: Kitchen) -> None:
        self.layout = layout
        self.chefs = list(kitchen.chefs)
        self.pots = list(kitchen.pots)
        self.counters = list(kitchen.counters)
        self.deeds: list[Deed] = []
        self._before = kitchen.pots

    def interact(self, seat: int) -> None:
        """Let a chef use what is in front of it."""
        chef = self.chefs[seat]
        cell = chef.reach
        tile = self.layout.tiles[cell]
        holds, deed = chef.holds, None
        if tile == COUNTER:
            place = self.layout.counters.index(cell)
            if holds is None or self.counters[place] is None:
                holds, self.counters[place] = self.counters[place], holds
        elif tile == POT:
            holds, deed = self._use_pot(self.layout.pots.index(cell), holds)
        elif tile == ONIONS and holds is None:
            holds = "onion"
        elif tile == DISHES and holds is None:
            deed = "dishes" if self._dish_is_useful() else None
            holds = "dish"
        elif tile == SERVING and holds in ("soup", "thin soup"):
            deed = "deliveries" if holds == "soup" else None
            holds = None
        self.chefs[seat] = Chef(chef.at, chef.facing, holds)
        if deed:
            self.deeds.append((seat, deed))

    def _use_pot(self, which: int, holds: Thing | None) -> tuple[Thing | None, str | None]:
        pot = self.pots[which]
        if holds == "onion" and pot.has_room:
            self.pots[which] = Pot(pot.onions + 1)
            return None, "onions"
        if holds is None and pot.onions and pot.left is None:
            self.pots[which] = Pot(pot.onions, COOKING_STEPS)
        elif holds == "dish" and pot.left == 0:
            self.pots[which] = Pot()
            return "soup" if pot.onions == RECIPE else "thin soup", "soups"
        return holds, None

    def _dish_is_useful(self) -> bool:
        """Fewer dishes in hand than pots in use, and none lying about.

        Pots count as they stood before the step, and a full one not yet started does not.
        """
        in_use = sum(pot.onions > 0 and not pot.is_full for pot in self._before)
        in_hand = sum(chef.holds == "dish" for chef in self.chefs)
        return "dish" not in self.counters and in_hand < in_use


def _walk(layout: Layout, chefs: Sequence[Chef], joint: Sequence[int]) -> tuple[Chef, ...]:
    """Turn and move. Chefs who would share or swap cells only turn."""
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
    """An episode in a kitchen. Nothing in it is random."""

    def __init__(self, layout: Layout, seed: int) -> None:
        super().__init__(seed, seats=2)
        self.layout = layout
        self._kitchens: tuple[Kitchen, ...] = (opening(layout),)
        self._joint_actions: tuple[tuple[int, int], ...] = ()

    @property
    def acting(self) -> tuple[int, ...]:
        """Both, until the time is up."""
        return () if self.truncated else (0, 1)

    @property
    def truncated(self) -> bool:
        """Whether the fifty steps are over, which is how an episode ends."""
        return self.step >= STEPS

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Everything, always; what has no effect is like staying."""
        return tuple(range(len(ACTIONS))) if seat in self.acting else ()

    def percept(self, seat: int) -> OvercookedPercept:
        """The whole kitchen; only ``seat`` differs."""
        return OvercookedPercept(
            seat, self.layout.name, self.step, self._kitchens, self._joint_actions
        )

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        actions = joint[0], joint[1]
        kitchen, deeds = advance(self.layout, self._kitchens[-1], actions)
        self._kitchens = (*self._kitchens, kitchen)[-FRAMES:]
        self._joint_actions = (*self._joint_actions, actions)[1 - FRAMES :]
        for seat, deed in deeds:
            self.count(deed, seat)
        return (float(sum(REWARDS[deed] for _, deed in deeds)),) * 2
