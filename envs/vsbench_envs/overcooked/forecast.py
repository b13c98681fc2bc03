"""What a kitchen may still earn, roughly: a timetable of the pots' needs that ignores collisions.

What the pots need next, an onion, a start or a dish, is brought by the chef who can be there
first; and so on until the time is up. A reward counts a little less the later it comes, so that
of two kitchens with the same prospects the one that is ahead looks better.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from vsbench_envs.overcooked.layout import DISHES, ONIONS, SERVING, Cell, Layout
from vsbench_envs.overcooked.percept import COOKING_STEPS, RECIPE, STEPS, Chef, Kitchen, Pot, Thing
from vsbench_envs.overcooked.rules import REWARDS
from vsbench_envs.overcooked.ways import FAR, ways

HASTE = 0.3 / STEPS
"""The share of a reward that a step of delay costs."""

HAND_OVER = 2
"""Steps for putting down and taking up."""

Steps = dict[Cell, int]


class Arrival(NamedTuple):
    """Steps until a chef can be at a pot with an onion, with a dish, with nothing."""

    onion: int
    dish: int
    nothing: int


class Forecast:
    """The prospects in one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._near = ways(layout).near
        self._between = ways(layout).between
        self.trip = _trips(layout)
        """As ``Ways.between``, for things that chefs may hand on over counters."""
        self._onions, self._dishes = layout.places(ONIONS), layout.places(DISHES)
        self._windows = layout.places(SERVING)
        self._served = {
            start: min((steps[window], window) for window in self._windows)
            for start, steps in self.trip.items()
        }
        self._again = {
            start: self._arrivals(0, steps, self._onions, self._dishes)
            for start, steps in self.trip.items()
        }
        self._first = lru_cache(1 << 16)(self._first_arrivals)

    def value(self, kitchen: Kitchen, left: int) -> float:
        """The rewards to come in ``left`` steps, discounted."""
        worth = 0.0
        arrivals = []
        for chef in kitchen.chefs:
            first, serving = self._first(chef, kitchen.counters)
            arrivals.append(first)
            worth += _worth("deliveries", serving, left)
        for cell, thing in zip(self._layout.counters, kitchen.counters, strict=True):
            if thing == "soup":
                worth += _worth("deliveries", HAND_OVER + self._served[cell][0], left)

        pots, free = list(kitchen.pots), [0] * len(kitchen.pots)
        while True:
            time, which, seat = _next_need(pots, free, arrivals)
            if time >= left:
                return worth
            pot, cell, done = pots[which], self._layout.pots[which], time + 1
            if pot.left is not None:
                steps, cell = self._served[cell]
                worth += _worth("dishes", time, left) + _worth("soups", time, left)
                if pot.onions == RECIPE:
                    worth += _worth("deliveries", done + steps, left)
                pots[which] = Pot()
                free[which], done = done, done + steps + 1
            elif pot.has_room:
                worth += _worth("onions", time, left)
                pots[which] = Pot(pot.onions + 1)
                free[which] = done
            else:
                # From here on ``left`` counts from now, like every time in this table.
                pots[which] = Pot(RECIPE, time + COOKING_STEPS)
            arrivals[seat] = [
                Arrival(onion + done, dish + done, nothing + done)
                for onion, dish, nothing in self._again[cell]
            ]

    def _first_arrivals(
        self, chef: Chef, counters: tuple[Thing | None, ...]
    ) -> tuple[list[Arrival], int]:
        """From where a chef stands with what it holds; and when it can serve a soup it holds."""
        near = self._near[chef.at, chef.facing]
        lying: dict[Thing | None, list[Cell]] = {"onion": [], "dish": [], None: []}
        for cell, thing in zip(self._layout.counters, counters, strict=True):
            lying.setdefault(thing, []).append(cell)

        def carry(goal: Cell) -> int:
            over = [near[cell] + HAND_OVER + self.trip[cell][goal] for cell in lying[None]]
            return min(near[goal], *over, FAR)

        sources = (*self._onions, *lying["onion"]), (*self._dishes, *lying["dish"])
        if chef.holds is None:
            return self._arrivals(0, near, *sources), FAR
        is_soup = chef.holds in ("soup", "thin soup")
        rid = min(self._windows if is_soup else lying[None], key=near.__getitem__, default=None)
        if rid is None:
            arrivals = [Arrival(FAR, FAR, FAR)] * len(self._layout.pots)
        else:
            arrivals = self._arrivals(near[rid] + 1, self._between[rid], *sources)
        pots = self._layout.pots
        if chef.holds == "onion":
            arrivals = [a._replace(onion=carry(pot)) for a, pot in zip(arrivals, pots, strict=True)]
        elif chef.holds == "dish":
            arrivals = [a._replace(dish=carry(pot)) for a, pot in zip(arrivals, pots, strict=True)]
        return arrivals, min(map(carry, self._windows)) if chef.holds == "soup" else FAR

    def _arrivals(
        self, busy: int, away: Steps, onions: Sequence[Cell], dishes: Sequence[Cell]
    ) -> list[Arrival]:
        """For a chef who sets out in ``busy`` steps from a place so far from everything."""

        def fetch(sources: Sequence[Cell], pot: Cell) -> int:
            return busy + min(away[source] + 1 + self.trip[source][pot] for source in sources)

        return [
            Arrival(fetch(onions, pot), fetch(dishes, pot), busy + away[pot])
            for pot in self._layout.pots
        ]


def _next_need(
    pots: Sequence[Pot], free: Sequence[int], arrivals: Sequence[Sequence[Arrival]]
) -> tuple[int, int, int]:
    """When the next need of a pot is met, of which pot and by which seat."""
    filling = max((pot.onions for pot in pots if pot.left is None), default=0)
    best = (FAR, 0, 0)
    for which, pot in enumerate(pots):
        if pot.left is None and pot.onions < filling:
            continue  # onions spread over several pots make no soup
        for seat, arrival in enumerate(arrivals):
            there = arrival[which]
            if pot.left is not None:
                time = max(there.dish, pot.left, free[which])
            else:
                time = max(there.onion if pot.has_room else there.nothing, free[which])
            if time < best[0]:
                best = (time, which, seat)
        if pot.left is None:
            filling += 1
    return best


def _worth(deed: str, time: int, left: int) -> float:
    return REWARDS[deed] * (1 - HASTE * time) if time < left else 0.0


def _trips(layout: Layout) -> dict[Cell, Steps]:
    between = ways(layout).between
    trips = {start: dict(goals) for start, goals in between.items()}
    for counter in layout.counters:
        for start, goals in trips.items():
            for goal in goals:
                over = trips[start][counter] + HAND_OVER + trips[counter][goal]
                goals[goal] = min(goals[goal], over)
    return trips


forecast = cache(Forecast)
"""The prospects in a layout, measured once."""
