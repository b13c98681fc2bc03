"""A kitchen in words."""

from __future__ import annotations

from vsbench_envs.overcooked.art import COLOURS
from vsbench_envs.overcooked.layout import (
    COUNTER,
    DISHES,
    FLOOR,
    ONIONS,
    POT,
    SERVING,
    Layout,
    name,
)
from vsbench_envs.overcooked.percept import STEPS, Kitchen, OvercookedPercept, Pot

FURNITURE = {
    FLOOR: "floor",
    COUNTER: "counter",
    POT: "pot",
    ONIONS: "onion dispenser",
    DISHES: "dish dispenser",
    SERVING: "serving window",
}


def labels(layout: Layout, kitchen: Kitchen) -> dict[str, str]:
    """Every cell and what it is and holds."""
    things = {name(cell): FURNITURE[tile] for cell, tile in layout.tiles.items()}
    for cell, pot in zip(layout.pots, kitchen.pots, strict=True):
        things[name(cell)] = f"pot with {_content(pot)}"
    for cell, thing in zip(layout.counters, kitchen.counters, strict=True):
        if thing:
            things[name(cell)] = f"counter with {thing}"
    for colour, chef in zip(COLOURS, kitchen.chefs, strict=True):
        holds = chef.holds or "nothing"
        things[name(chef.at)] = f"{colour} chef facing {chef.facing}, holding {holds}"
    return things


def tell(layout: Layout, percept: OvercookedPercept) -> str:
    """Who you are, the floor plan, the kitchen now and the ones before it."""
    columns, rows = layout.size
    letters = " ".join(name((column, 0))[0] for column in range(columns))
    plan = [
        " ".join([str(row + 1), *(_letter(layout, column, row) for column in range(columns))])
        for row in range(rows)
    ]
    lines = [
        f"You are the {COLOURS[percept.seat]} chef. {percept.step} of {STEPS} steps have been "
        f"played; the score so far is {percept.score}.",
        "The kitchen, X counter, P pot, O onion dispenser, D dish dispenser, S serving window, "
        ". floor:",
        f"  {letters}",
        *plan,
        f"Now: {_situation(layout, percept.now)}",
    ]
    for age, kitchen in enumerate(reversed(percept.kitchens[:-1]), 1):
        lines.append(f"{age} step{'s' if age > 1 else ''} ago: {_situation(layout, kitchen)}")
    return "\n".join(lines)


def _letter(layout: Layout, column: int, row: int) -> str:
    return layout.tiles[column, row].replace(FLOOR, ".")


def _situation(layout: Layout, kitchen: Kitchen) -> str:
    parts = [
        f"the {colour} chef is in {name(chef.at)}, facing {chef.facing}, "
        f"holding {chef.holds or 'nothing'}"
        for colour, chef in zip(COLOURS, kitchen.chefs, strict=True)
    ]
    for cell, pot in zip(layout.pots, kitchen.pots, strict=True):
        parts.append(f"the pot in {name(cell)} has {_content(pot)}")
    lying = [
        f"{thing} in {name(cell)}"
        for cell, thing in zip(layout.counters, kitchen.counters, strict=True)
        if thing
    ]
    parts.append(f"on the counters: {', '.join(lying) or 'nothing'}")
    return "; ".join(parts) + "."


def _content(pot: Pot) -> str:
    onions = f"{pot.onions} onion{'' if pot.onions == 1 else 's'}"
    if pot.left is None:
        return onions
    if pot.left == 0:
        return f"{onions}, ready"
    return f"{onions}, cooking, {pot.left} step{'' if pot.left == 1 else 's'} left"
