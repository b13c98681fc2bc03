"""Bots for Overcooked: a planner for both chefs, and a cook that acts step by step as people do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.overcooked.layout import DISHES, ONIONS, SERVING, Cell, Layout
from vsbench_envs.overcooked.navigation import FAR, distances
from vsbench_envs.overcooked.planner import plan
from vsbench_envs.overcooked.rules import (
    FRAMES,
    INTERACT,
    SOUP_ONIONS,
    STAY,
    STEPS,
    Kitchen,
    OvercookedPercept,
    Thing,
)
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import OTHERS, Recipe, mixed

PATIENCE = 6
"""Steps added to a path that the other chef blocks."""

RESTLESSNESS = 0.75
"""Probability that a chef who waits or is blocked takes a random step."""


def human(turn: Turn[OvercookedPercept], noise: float) -> int:
    """Do what the kitchen needs next; with probability ``noise`` move or interact at random."""
    if turn.rng.random() < noise:
        return turn.rng.choice([action for action in turn.legal if action != STAY])
    percept = turn.percept
    cook = Cook(
        percept.floor_plan, percept.now, percept.seat, partner_idle=partner_is_idle(percept)
    )
    action = cook.action_towards(cook.choose_target())
    before = percept.kitchens[-2:-1]
    blocked = action < STAY and before and before[0].chefs == percept.now.chefs
    if (blocked or action == STAY) and turn.rng.random() < RESTLESSNESS:
        return turn.rng.randrange(STAY)
    return action


def partner_is_idle(percept: OvercookedPercept) -> bool:
    """Whether the other chef is unchanged in all visible kitchens."""
    seen = [kitchen.chefs[1 - percept.seat] for kitchen in percept.kitchens]
    return len(seen) == FRAMES and len(set(seen)) == 1


class Cook:
    """One chef's choice of a target and of the action towards it."""

    def __init__(self, layout: Layout, kitchen: Kitchen, seat: int, partner_idle: bool) -> None:
        self._layout = layout
        self._distances = distances(layout)
        self._seat = seat
        self._own_chef, self._partner = kitchen.chefs[seat], kitchen.chefs[1 - seat]
        self._steps_to = self._reachable()
        self._partner_steps_to = self._distances.steps_from[self._partner.at, self._partner.facing]
        self._pots = dict(zip(layout.pots, kitchen.pots, strict=True))
        self._counters = dict(zip(layout.counters, kitchen.counters, strict=True))
        self._reaches_pots = any(self._steps_to[pot] < FAR for pot in layout.pots)
        cooks = any(self._partner_steps_to[pot] < FAR for pot in layout.pots)
        self._partner_is_free = cooks and not partner_idle and self._partner.holds is None

    def choose_target(self) -> Cell | None:
        """Choose the furniture to use next; None to wait."""
        holds = self._own_chef.holds
        if holds is None:
            return self._empty_handed_target()
        if holds == "onion":
            fullest = max(
                (pot.onions for pot in self._pots.values() if pot.has_room), default=SOUP_ONIONS
            )
            goals = [
                cell for cell, pot in self._pots.items() if pot.onions == fullest and pot.has_room
            ]
        elif holds == "dish":
            goals = [cell for cell, pot in self._pots.items() if pot.left is not None]
        else:
            goals = list(self._layout.places(SERVING))
        goal = self._nearest(goals)
        if goal is None and not self._reaches_pots:
            return self._nearest(
                [c for c in self._counters_with(None) if self._partner_steps_to[c] < FAR]
            )
        if goal is None and self._should_put_down():
            return self._nearest(self._counters_with(None))
        return goal

    def action_towards(self, target: Cell | None) -> int:
        """The action towards a target, around the other chef; stay if there is no path."""
        if target is None:
            return STAY
        if target == self._own_chef.reach:
            pot = self._pots.get(target)
            return INTERACT if pot is None or pot.accepts(self._own_chef.holds) else STAY
        move = self._distances.first_move(
            (self._own_chef.at, self._own_chef.facing), target, self._partner.at
        )
        return STAY if move is None else move

    def _reachable(self) -> dict[Cell, int]:
        """Distances around the other chef, or with a surcharge through it if there is no detour."""
        pose = self._own_chef.at, self._own_chef.facing
        direct = self._distances.steps_from[pose]
        around = self._distances.search(pose, self._partner.at)
        return {
            cell: around[cell] if around[cell] < FAR else min(steps + PATIENCE, FAR)
            for cell, steps in direct.items()
        }

    def _empty_handed_target(self) -> Cell | None:
        """The target with empty hands: a full pot, a soup to serve, a dish, or an onion."""
        full = [cell for cell, pot in self._pots.items() if pot.is_full]
        soups = self._counters_with("soup") if self._nearest(self._layout.places(SERVING)) else []
        cooking = sum(pot.left is not None for pot in self._pots.values())
        dishes = cooking + len(full) - self._in_hand("dish")
        fullest = max((pot.onions for pot in self._pots.values() if pot.has_room), default=0)
        onions = SOUP_ONIONS - fullest - self._in_hand("onion")
        for sources in (full, soups, self._sources("dish", dishes), self._sources("onion", onions)):
            if (nearest := self._nearest(sources)) and not self._left_to_partner(sources):
                return nearest
        return self._nearest(self._layout.places(ONIONS)) if self._reaches_pots else None

    def _sources(self, thing: Thing, wanted: int) -> list[Cell]:
        """Cells to get a thing from. Things on counters are left to chefs who can reach a pot."""
        on_counters = self._counters_with(thing)
        if not self._reaches_pots:
            wanted -= len(on_counters)
            on_counters = []
        dispensers = self._layout.places({"onion": ONIONS, "dish": DISHES}[thing])
        return [*on_counters, *dispensers] if wanted > 0 else []

    def _should_put_down(self) -> bool:
        """Whether a pot waits for empty hands and this chef is the one to empty its own."""
        if self._partner.holds == self._own_chef.holds:
            return self._seat == 0
        waiting = any(pot.is_full for pot in self._pots.values())
        return waiting and self._own_chef.holds == "onion" and self._partner.holds == "dish"

    def _left_to_partner(self, sources: Sequence[Cell]) -> bool:
        """Whether the other chef has empty hands and is nearer."""
        own = min(self._steps_to[cell] for cell in sources)
        partner = min(self._partner_steps_to[cell] for cell in sources)
        return self._partner_is_free and (partner, 1 - self._seat) < (own, self._seat)

    def _in_hand(self, thing: Thing) -> int:
        return (self._own_chef.holds == thing) + (self._partner.holds == thing)

    def _counters_with(self, thing: Thing | None) -> list[Cell]:
        return [cell for cell, other in self._counters.items() if other == thing]

    def _nearest(self, cells: Sequence[Cell]) -> Cell | None:
        reachable = [cell for cell in cells if self._steps_to[cell] < FAR]
        return min(reachable, key=self._steps_to.__getitem__, default=None)


AGES = range(1, FRAMES)
"""Ages, in steps, of the earlier kitchens of a percept."""


def plan_for_both(turn: Turn[OvercookedPercept]) -> int:
    """Play the own part of the joint plan; another planner in the other seat finds the same one.

    Play greedily next to a chef that stays idle although the plan expects it to move.
    """
    percept = turn.percept
    if partner_is_idle(percept) and any(
        _planned_joint(percept, age)[1 - percept.seat] != STAY for age in AGES
    ):
        return greedy(turn)
    return _planned_joint(percept)[percept.seat]


def _planned_joint(percept: OvercookedPercept, age: int = 0) -> tuple[int, int]:
    """The joint move planned for the kitchen ``age`` steps ago."""
    moves = plan(percept.floor_plan, percept.kitchens[-1 - age], STEPS - percept.step + age)
    return moves[0] if moves else (STAY, STAY)


def greedy(turn: Turn[OvercookedPercept]) -> int:
    """Play as :func:`human` without random moves."""
    return human(turn, noise=0.0)


BOTS: dict[str, Bot[OvercookedPercept]] = {
    "oracle": Bot(plan_for_both, "Plans ahead for both chefs and plays its part.", slow=True),
    "human": Bot(
        human,
        "Does what the kitchen needs next; a share of its moves is random (noise).",
        {"noise": Parameter(0.1, 0.0, 1.0)},
    ),
    "greedy": Bot(greedy, "Plays as human, without random moves."),
    "random": RANDOM,
}

NOISES = tuple(f"human:noise={noise}" for noise in ("0", "0.1", "0.2"))

RECIPE = Recipe(
    tuple(mixed(one, other, 1) for one, other in product(NOISES, repeat=2)),
    {"stay": 0.1, OTHERS: 0.9},
)
"""Shares follow the VS-Bench paper (2025), with bots in place of people."""
