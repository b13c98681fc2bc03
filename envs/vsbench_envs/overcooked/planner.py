"""A plan for both chefs: a beam search over errands.

An *errand* is to go to one piece of furniture and use it. Whenever a chef has none, the search
tries every useful one; then both chefs walk, by the joint routes of :mod:`.navigation`, until one
of them acts. At each step the search keeps the nodes with the highest sum of rewards and
:mod:`.forecast`. The plan is a pure function of layout, kitchen and remaining steps, so both chefs
find the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from vsbench_envs.overcooked.forecast import forecast
from vsbench_envs.overcooked.layout import DISHES, ONIONS, POT, SERVING, Cell, Layout
from vsbench_envs.overcooked.navigation import FAR, Targets, distances, joint_routes
from vsbench_envs.overcooked.rules import INTERACT, REWARDS, Chef, Kitchen, Thing, advance

BEAM = 12
"""Nodes kept for each step. Eight are enough for three soups in ``cramped_room``."""

WANTED: tuple[Thing, ...] = ("onion", "dish", "soup")
"""Things worth taking from a counter."""

JointAction = tuple[int, int]
"""An action of each chef."""

Node = tuple[Kitchen, Targets]
"""A kitchen, and the targets of its chefs."""


class Branch(NamedTuple):
    """The path to a node."""

    earned: int
    parent: Branch | None
    moves: tuple[JointAction, ...]
    """Joint moves from the parent's node to this one."""


@lru_cache(1 << 12)
def plan(layout: Layout, kitchen: Kitchen, left: int) -> tuple[JointAction, ...]:
    """Plan the joint moves up to the last reward found within ``left`` steps."""
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
                previous = agenda[arrival].get(node)
                if previous is None or previous.earned < reached.earned:
                    agenda[arrival][node] = reached
                if reached.earned > best.earned:
                    best = reached
    segments: list[tuple[JointAction, ...]] = []
    last: Branch | None = best
    while last:
        segments.append(last.moves)
        last = last.parent
    return tuple(joint for leg in reversed(segments) for joint in leg)


def errands(layout: Layout, kitchen: Kitchen, seat: int) -> list[Cell]:
    """The furniture that a chef can usefully go to, now or after waiting there."""
    chef = kitchen.chefs[seat]
    steps_from = distances(layout).steps_from[chef.at, chef.facing]
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
                goals.append(min(counters[thing], key=steps_from.__getitem__))
    else:
        is_food = chef.holds in ("soup", "thin soup")
        destinations = layout.places(SERVING) if is_food else layout.pots
        if is_food:
            goals += destinations
        elif chef.holds == "dish":
            goals += (cell for cell, pot in pots.items() if pot.onions)
        else:
            goals += (cell for cell, pot in pots.items() if not pot.is_full)
        if None in counters:
            trip = forecast(layout).trip
            on_the_way = {
                cell: steps_from[cell] + min(trip[cell][end] for end in destinations)
                for cell in counters[None]
            }
            goals.append(min(on_the_way, key=on_the_way.__getitem__))
    return [cell for cell in goals if steps_from[cell] < FAR]


@lru_cache(1 << 16)
def _choices(layout: Layout, kitchen: Kitchen, targets: Targets) -> tuple[Targets, ...]:
    """The targets to try: chefs keep theirs; a chef without one takes any errand or gives way."""
    first, second = (
        [target] if target else [*errands(layout, kitchen, seat), None]
        for seat, target in enumerate(targets)
    )
    return tuple((one, two) for one in first for two in second if one or two)


@lru_cache(1 << 17)
def _walk(
    layout: Layout, kitchen: Kitchen, targets: Targets
) -> tuple[Node, int, tuple[JointAction, ...]]:
    """Let the chefs walk until one has acted or nothing changes any more.

    Returns:
        The node reached, the reward, and the joint moves.
    """
    moves: list[JointAction] = []
    while True:
        acts = [
            chef.reach == target and _can_act_now(layout, kitchen, chef)
            for chef, target in zip(kitchen.chefs, targets, strict=True)
        ]
        one, two = joint_routes(layout).move(kitchen.chefs, targets)
        joint = INTERACT if acts[0] else one, INTERACT if acts[1] else two
        moves.append(joint)
        before = kitchen
        kitchen, events = advance(layout, kitchen, joint)
        if any(acts) or kitchen == before:
            reward = sum(REWARDS[event] for _, event in events)
            stuck = not any(acts)
            first, second = (
                None if done or stuck else target
                for done, target in zip(acts, targets, strict=True)
            )
            return (kitchen, (first, second)), reward, tuple(moves)


def _can_act_now(layout: Layout, kitchen: Kitchen, chef: Chef) -> bool:
    """Whether a chef can use the cell in front of it now, without waiting for a pot."""
    if layout.tiles[chef.reach] != POT:
        return True
    return kitchen.pots[layout.pots.index(chef.reach)].accepts(chef.holds)


def _most_promising(
    layout: Layout, nodes: Mapping[Node, Branch], left: int
) -> list[tuple[Node, Branch]]:
    items = list(nodes.items())
    if len(items) > BEAM:
        # Stable, so that equals keep the order in which they were found.
        items.sort(key=lambda item: -item[1].earned - _forecast(layout, item[0][0], left))
    return items[:BEAM]


@lru_cache(1 << 17)
def _forecast(layout: Layout, kitchen: Kitchen, left: int) -> float:
    return forecast(layout).value(kitchen, left)
