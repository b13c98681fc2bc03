"""A plan for both chefs: a beam search over errands.

An *errand* is to go and use one piece of furniture. Whenever a chef has none, the search tries
every sensible one; then both walk, by the tables of :mod:`.traffic`, until one of them acts. At
each step the search goes on with those kitchens only whose earnings and :mod:`.forecast` are
best. The plan is a pure function of layout, kitchen and steps left: both chefs find the same one,
and so does a new process.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from vsbench_envs.overcooked.forecast import forecast
from vsbench_envs.overcooked.layout import DISHES, ONIONS, POT, SERVING, Cell, Layout
from vsbench_envs.overcooked.percept import Chef, Kitchen, Thing
from vsbench_envs.overcooked.rules import INTERACT, REWARDS, advance
from vsbench_envs.overcooked.traffic import Targets, traffic
from vsbench_envs.overcooked.ways import FAR, ways

BEAM = 12
"""Kitchens kept for each step. Eight are enough for three soups in the cramped room."""

WANTED: tuple[Thing, ...] = ("onion", "dish", "soup")
"""What is worth taking from a counter."""

Joint = tuple[int, int]
"""An action of each chef."""

Node = tuple[Kitchen, Targets]
"""A kitchen, and what its chefs are on the way to."""


class Branch(NamedTuple):
    """How a node was reached."""

    earned: int
    parent: Branch | None
    moves: tuple[Joint, ...]
    """From the parent's node to this one."""


@lru_cache(1 << 12)
def plan(layout: Layout, kitchen: Kitchen, left: int) -> tuple[Joint, ...]:
    """The joint moves up to the last reward found within ``left`` steps."""
    best = Branch(0, None, ())
    agenda: list[dict[Node, Branch]] = [{} for _ in range(left + 1)]
    agenda[0][kitchen, (None, None)] = best
    for step, nodes in enumerate(agenda):
        for (now, targets), branch in _most_promising(layout, nodes, left - step):
            for choice in _choices(layout, now, targets):
                node, reward, moves = _walk(layout, now, choice)
                arrival = step + len(moves)
                if arrival > left:
                    continue
                reached = Branch(branch.earned + reward, branch, moves)
                known = agenda[arrival].get(node)
                if known is None or known.earned < reached.earned:
                    agenda[arrival][node] = reached
                if reached.earned > best.earned:
                    best = reached
    legs: list[tuple[Joint, ...]] = []
    last: Branch | None = best
    while last:
        legs.append(last.moves)
        last = last.parent
    return tuple(joint for leg in reversed(legs) for joint in leg)


def errands(layout: Layout, kitchen: Kitchen, seat: int) -> list[Cell]:
    """The furniture that is of use to a chef, now or once it has waited there."""
    chef = kitchen.chefs[seat]
    near = ways(layout).near[chef.at, chef.facing]
    pots = dict(zip(layout.pots, kitchen.pots, strict=True))
    counters: dict[Thing | None, list[Cell]] = {}
    for cell, thing in zip(layout.counters, kitchen.counters, strict=True):
        counters.setdefault(thing, []).append(cell)

    goals: list[Cell] = []
    if chef.holds is None:
        goals += layout.places(ONIONS)
        goals += (cell for cell, pot in pots.items() if pot.is_full)
        if any(pot.onions for pot in kitchen.pots):
            goals += layout.places(DISHES)
        for thing in WANTED:
            if thing in counters:
                goals.append(min(counters[thing], key=near.__getitem__))
    else:
        is_food = chef.holds in ("soup", "thin soup")
        ends = layout.places(SERVING) if is_food else layout.pots
        if is_food:
            goals += ends
        elif chef.holds == "dish":
            goals += (cell for cell, pot in pots.items() if pot.onions)
        else:
            goals += (cell for cell, pot in pots.items() if not pot.is_full)
        if None in counters:
            trip = forecast(layout).trip
            on_the_way = {
                cell: near[cell] + min(trip[cell][end] for end in ends) for cell in counters[None]
            }
            goals.append(min(on_the_way, key=on_the_way.__getitem__))
    return [cell for cell in goals if near[cell] < FAR]


@lru_cache(1 << 16)
def _choices(layout: Layout, kitchen: Kitchen, targets: Targets) -> tuple[Targets, ...]:
    """The targets to try: each chef keeps its own, or takes any, or one makes way."""
    first, second = (
        [target] if target else [*errands(layout, kitchen, seat), None]
        for seat, target in enumerate(targets)
    )
    return tuple((one, two) for one in first for two in second if one or two)


@lru_cache(1 << 17)
def _walk(
    layout: Layout, kitchen: Kitchen, targets: Targets
) -> tuple[Node, int, tuple[Joint, ...]]:
    """Let the chefs go until one has acted or nothing changes any more.

    The node then, the reward and the joint moves.
    """
    moves: list[Joint] = []
    while True:
        acts = [
            chef.reach == target and _is_time(layout, kitchen, chef)
            for chef, target in zip(kitchen.chefs, targets, strict=True)
        ]
        one, two = traffic(layout).move(kitchen.chefs, targets)
        joint = INTERACT if acts[0] else one, INTERACT if acts[1] else two
        moves.append(joint)
        before = kitchen
        kitchen, deeds = advance(layout, kitchen, joint)
        if any(acts) or kitchen == before:
            reward = sum(REWARDS[deed] for _, deed in deeds)
            stuck = not any(acts)
            one_left, two_left = (
                None if done or stuck else target
                for done, target in zip(acts, targets, strict=True)
            )
            return (kitchen, (one_left, two_left)), reward, tuple(moves)


def _is_time(layout: Layout, kitchen: Kitchen, chef: Chef) -> bool:
    """Whether a chef can use what it faces at once, rather than wait before a pot."""
    if layout.tiles[chef.reach] != POT:
        return True
    return kitchen.pots[layout.pots.index(chef.reach)].welcomes(chef.holds)


def _most_promising(
    layout: Layout, nodes: Mapping[Node, Branch], left: int
) -> list[tuple[Node, Branch]]:
    items = list(nodes.items())
    if len(items) > BEAM:
        # Stable, so that equals keep the order in which they were found.
        items.sort(key=lambda item: -item[1].earned - _outlook(layout, item[0][0], left))
    return items[:BEAM]


@lru_cache(1 << 17)
def _outlook(layout: Layout, kitchen: Kitchen, left: int) -> float:
    return forecast(layout).value(kitchen, left)
