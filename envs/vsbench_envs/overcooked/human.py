"""A cook like people are: one thing at a time, an eye on the other, now and then a wrong move."""

from __future__ import annotations

from collections.abc import Sequence

from vsbench_envs.game import Turn
from vsbench_envs.overcooked.layout import DISHES, ONIONS, SERVING, Cell, Layout
from vsbench_envs.overcooked.percept import FRAMES, RECIPE, Kitchen, OvercookedPercept, Thing
from vsbench_envs.overcooked.rules import INTERACT, STAY
from vsbench_envs.overcooked.ways import FAR, ways

PATIENCE = 6
"""How much longer a way seems that the other chef stands in."""

RESTLESSNESS = 0.75
"""How often a chef who waits or is held up takes a step at random."""


def human(turn: Turn[OvercookedPercept], noise: float) -> int:
    """Do the next thing that the kitchen needs; with probability ``noise`` anything but staying."""
    if turn.rng.random() < noise:
        return turn.rng.choice([action for action in turn.legal if action != STAY])
    percept = turn.percept
    cook = Cook(percept.floor_plan, percept.now, percept.seat, alone=stands_still(percept))
    action = cook.act(cook.errand())
    before = percept.kitchens[-2:-1]
    held_up = action < STAY and before and before[0].chefs == percept.now.chefs
    if (held_up or action == STAY) and turn.rng.random() < RESTLESSNESS:
        return turn.rng.randrange(STAY)
    return action


def stands_still(percept: OvercookedPercept) -> bool:
    """Whether the other chef has done nothing for as long as can be seen."""
    seen = [kitchen.chefs[1 - percept.seat] for kitchen in percept.kitchens]
    return len(seen) == FRAMES and len(set(seen)) == 1


class Cook:
    """A kitchen as one of its chefs sees it."""

    def __init__(self, layout: Layout, kitchen: Kitchen, seat: int, alone: bool) -> None:
        self._layout = layout
        self._ways = ways(layout)
        self._seat = seat
        self._me, self._other = kitchen.chefs[seat], kitchen.chefs[1 - seat]
        self._near = self._now_near()
        self._others_near = self._ways.near[self._other.at, self._other.facing]
        self._pots = dict(zip(layout.pots, kitchen.pots, strict=True))
        self._counters = dict(zip(layout.counters, kitchen.counters, strict=True))
        self._reaches_pots = any(self._near[pot] < FAR for pot in layout.pots)
        cooks = any(self._others_near[pot] < FAR for pot in layout.pots)
        self._other_is_free = cooks and not alone and self._other.holds is None

    def errand(self) -> Cell | None:
        """The furniture to use next, or None to wait."""
        holds = self._me.holds
        if holds is None:
            return self._fetch()
        if holds == "onion":
            most = max((pot.onions for pot in self._pots.values() if pot.has_room), default=RECIPE)
            goals = [
                cell for cell, pot in self._pots.items() if pot.onions == most and pot.has_room
            ]
        elif holds == "dish":
            goals = [cell for cell, pot in self._pots.items() if pot.left is not None]
        else:
            goals = list(self._layout.places(SERVING))
        goal = self._nearest(goals)
        if goal is None and not self._reaches_pots:
            return self._nearest([c for c in self._lying(None) if self._others_near[c] < FAR])
        if goal is None and self._blocks_the_work():
            return self._nearest(self._lying(None))
        return goal

    def act(self, target: Cell | None) -> int:
        """The action towards a target, round the other chef; staying if there is no way."""
        if target is None:
            return STAY
        if target == self._me.reach:
            pot = self._pots.get(target)
            return INTERACT if pot is None or pot.welcomes(self._me.holds) else STAY
        move = self._ways.first_move((self._me.at, self._me.facing), target, self._other.at)
        return STAY if move is None else move

    def _now_near(self) -> dict[Cell, int]:
        """The ways round the other chef; what is behind it can be reached when it moves on."""
        pose = self._me.at, self._me.facing
        alone, around = self._ways.near[pose], self._ways.measure(pose, self._other.at)
        return {
            cell: around[cell] if around[cell] < FAR else min(steps + PATIENCE, FAR)
            for cell, steps in alone.items()
        }

    def _fetch(self) -> Cell | None:
        """What to use or take with empty hands: start a pot, serve, a dish, an onion."""
        full = [cell for cell, pot in self._pots.items() if pot.is_full]
        soups = self._lying("soup") if self._nearest(self._layout.places(SERVING)) else []
        cooking = sum(pot.left is not None for pot in self._pots.values())
        dishes = cooking + len(full) - self._in_hand("dish")
        most = max((pot.onions for pot in self._pots.values() if pot.has_room), default=0)
        onions = RECIPE - most - self._in_hand("onion")
        for sources in (full, soups, self._sources("dish", dishes), self._sources("onion", onions)):
            if (nearest := self._nearest(sources)) and not self._is_others(sources):
                return nearest
        return self._nearest(self._layout.places(ONIONS)) if self._reaches_pots else None

    def _sources(self, thing: Thing, wanted: int) -> list[Cell]:
        """Where to get one of ``wanted`` things. What lies about is for those who reach a pot."""
        lying = self._lying(thing)
        if not self._reaches_pots:
            wanted -= len(lying)
            lying = []
        dispensers = self._layout.places({"onion": ONIONS, "dish": DISHES}[thing])
        return [*lying, *dispensers] if wanted > 0 else []

    def _blocks_the_work(self) -> bool:
        """Whether a pot waits for a free hand and this chef should be the one to free its own."""
        if self._other.holds == self._me.holds:
            return self._seat == 0
        waiting = any(pot.is_full for pot in self._pots.values())
        return waiting and self._me.holds == "onion" and self._other.holds == "dish"

    def _is_others(self, sources: Sequence[Cell]) -> bool:
        """Whether the other chef has free hands and is nearer."""
        mine = min(self._near[cell] for cell in sources)
        theirs = min(self._others_near[cell] for cell in sources)
        return self._other_is_free and (theirs, 1 - self._seat) < (mine, self._seat)

    def _in_hand(self, thing: Thing) -> int:
        return (self._me.holds == thing) + (self._other.holds == thing)

    def _lying(self, thing: Thing | None) -> list[Cell]:
        return [cell for cell, other in self._counters.items() if other == thing]

    def _nearest(self, cells: Sequence[Cell]) -> Cell | None:
        reachable = [cell for cell in cells if self._near[cell] < FAR]
        return min(reachable, key=self._near.__getitem__, default=None)
