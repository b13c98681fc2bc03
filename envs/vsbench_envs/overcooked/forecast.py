"""A rough forecast of a kitchen's future rewards, which ignores collisions.

Each next need of a pot (an onion, a start or a dish) is met by the chef who can be there first, and
so on until the time is up. Later rewards count slightly less, so that among kitchens with the same
prospects the one that is further along is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from vsbench_envs.overcooked.layout import DISHES, ONIONS, SERVING, Cell, Layout
from vsbench_envs.overcooked.navigation import FAR, distances
from vsbench_envs.overcooked.rules import (
    COOKING_STEPS,
    REWARDS,
    SOUP_ONIONS,
    STEPS,
    Chef,
    Kitchen,
    Pot,
    Thing,
)

DELAY_COST = 0.3 / STEPS
"""Share of a reward that a step of delay costs."""

HAND_OVER = 2
"""Steps to put a thing down and take it up."""

Steps = dict[Cell, int]


class Arrival(NamedTuple):
    """Steps until a chef can be at a pot with an onion, with a dish, with nothing."""

    onion: int
    dish: int
    nothing: int


class Forecast:
    """Forecasts for one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._steps_from = distances(layout).steps_from
        self._between = distances(layout).between
        self.trip = _trips(layout)
        """As ``Distances.between``, for things that chefs can pass over counters."""
        self._onions, self._dishes = layout.places(ONIONS), layout.places(DISHES)
        self._windows = layout.places(SERVING)
        self._to_serving = {
            start: min((steps[window], window) for window in self._windows)
            for start, steps in self.trip.items()
        }
        self._following = {
            start: self._arrivals(0, steps, self._onions, self._dishes)
            for start, steps in self.trip.items()
        }
        self._first = lru_cache(1 << 16)(self._first_arrivals)

    def value(self, kitchen: Kitchen, left: int) -> float:
        """The discounted rewards expected in the ``left`` remaining steps."""
        value_so_far = 0.0
        arrivals = []
        for chef in kitchen.chefs:
            first, serving = self._first(chef, kitchen.counters)
            arrivals.append(first)
            value_so_far += _discounted("deliveries", serving, left)
        for cell, thing in zip(self._layout.counters, kitchen.counters, strict=True):
            if thing == "soup":
                value_so_far += _discounted(
                    "deliveries", HAND_OVER + self._to_serving[cell][0], left
                )

        pots, free = list(kitchen.pots), [0] * len(kitchen.pots)
        while True:
            time, index, seat = _next_need(pots, free, arrivals)
            if time >= left:
                return value_so_far
            pot, cell, done = pots[index], self._layout.pots[index], time + 1
            if pot.left is not None:
                steps, cell = self._to_serving[cell]
                value_so_far += _discounted("dishes", time, left) + _discounted("soups", time, left)
                if pot.onions == SOUP_ONIONS:
                    value_so_far += _discounted("deliveries", done + steps, left)
                pots[index] = Pot()
                free[index], done = done, done + steps + 1
            elif pot.has_room:
                value_so_far += _discounted("onions", time, left)
                pots[index] = Pot(pot.onions + 1)
                free[index] = done
            else:
                # From here on ``Pot.left`` counts from now, as all times here do.
                pots[index] = Pot(SOUP_ONIONS, time + COOKING_STEPS)
            arrivals[seat] = [
                Arrival(onion + done, dish + done, nothing + done)
                for onion, dish, nothing in self._following[cell]
            ]

    def _first_arrivals(
        self, chef: Chef, counters: tuple[Thing | None, ...]
    ) -> tuple[list[Arrival], int]:
        """A chef's arrivals at each pot with its held item, and when it can serve a held soup."""
        steps_from = self._steps_from[chef.at, chef.facing]
        on_counters: dict[Thing | None, list[Cell]] = {"onion": [], "dish": [], None: []}
        for cell, thing in zip(self._layout.counters, counters, strict=True):
            on_counters.setdefault(thing, []).append(cell)

        def carry(goal: Cell) -> int:
            over_counters = [
                steps_from[cell] + HAND_OVER + self.trip[cell][goal] for cell in on_counters[None]
            ]
            return min(steps_from[goal], *over_counters, FAR)

        sources = (*self._onions, *on_counters["onion"]), (*self._dishes, *on_counters["dish"])
        if chef.holds is None:
            return self._arrivals(0, steps_from, *sources), FAR
        is_soup = chef.holds in ("soup", "thin soup")
        drop_off = min(
            self._windows if is_soup else on_counters[None],
            key=steps_from.__getitem__,
            default=None,
        )
        if drop_off is None:
            arrivals = [Arrival(FAR, FAR, FAR)] * len(self._layout.pots)
        else:
            arrivals = self._arrivals(steps_from[drop_off] + 1, self._between[drop_off], *sources)
        pots = self._layout.pots
        if chef.holds == "onion":
            arrivals = [a._replace(onion=carry(pot)) for a, pot in zip(arrivals, pots, strict=True)]
        elif chef.holds == "dish":
            arrivals = [a._replace(dish=carry(pot)) for a, pot in zip(arrivals, pots, strict=True)]
        return arrivals, min(map(carry, self._windows)) if chef.holds == "soup" else FAR

    def _arrivals(
        self, delay: int, steps: Steps, onions: Sequence[Cell], dishes: Sequence[Cell]
    ) -> list[Arrival]:
        """Arrivals at each pot of a chef who starts after ``delay`` steps.

        ``steps`` are the distances from its position.
        """

        def fetch(sources: Sequence[Cell], pot: Cell) -> int:
            return delay + min(steps[source] + 1 + self.trip[source][pot] for source in sources)

        return [
            Arrival(fetch(onions, pot), fetch(dishes, pot), delay + steps[pot])
            for pot in self._layout.pots
        ]


def _next_need(
    pots: Sequence[Pot], free: Sequence[int], arrivals: Sequence[Sequence[Arrival]]
) -> tuple[int, int, int]:
    """The time when the next need of a pot is met, the index of the pot, and the seat."""
    filling = max((pot.onions for pot in pots if pot.left is None), default=0)
    best = (FAR, 0, 0)
    for index, pot in enumerate(pots):
        if pot.left is None and pot.onions < filling:
            continue  # Onions spread over several pots make no soup.
        for seat, arrival in enumerate(arrivals):
            arrival_times = arrival[index]
            if pot.left is not None:
                time = max(arrival_times.dish, pot.left, free[index])
            else:
                time = max(
                    arrival_times.onion if pot.has_room else arrival_times.nothing, free[index]
                )
            if time < best[0]:
                best = (time, index, seat)
        if pot.left is None:
            filling += 1
    return best


def _discounted(event: str, time: int, left: int) -> float:
    return REWARDS[event] * (1 - DELAY_COST * time) if time < left else 0.0


def _trips(layout: Layout) -> dict[Cell, Steps]:
    between = distances(layout).between
    trips = {start: dict(goals) for start, goals in between.items()}
    for counter in layout.counters:
        for start, goals in trips.items():
            for goal in goals:
                over_counters = trips[start][counter] + HAND_OVER + trips[counter][goal]
                goals[goal] = min(goals[goal], over_counters)
    return trips


forecast = cache(Forecast)
"""The forecasts for a layout, prepared once."""
