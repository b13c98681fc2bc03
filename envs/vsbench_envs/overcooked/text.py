"""Text of a kitchen: description, facts and labels, and parsing a description."""

from __future__ import annotations

import re

from vsbench_envs.overcooked.art import COLOURS
from vsbench_envs.overcooked.layout import (
    COUNTER,
    DIRECTIONS,
    DISHES,
    FLOOR,
    ONIONS,
    POT,
    SERVING,
    Layout,
)
from vsbench_envs.overcooked.rules import (
    ACTIONS,
    POTS,
    THINGS,
    Chef,
    Kitchen,
    OvercookedPercept,
    Pot,
    Thing,
)

FURNITURE = {
    FLOOR: "floor",
    COUNTER: "counter",
    POT: "pot",
    ONIONS: "onion dispenser",
    DISHES: "dish dispenser",
    SERVING: "serving window",
}
FLOOR_LETTER = "."
"""The letter of floor in a floor plan."""

THING = "|".join(THINGS)
CELL = "([a-z][0-9]+)"
SEAT_LINE = re.compile(rf"^You are the ({'|'.join(COLOURS)}) chef\.$", re.MULTILINE)
STEP_LINE = re.compile(r"^Step ([0-9]+): (the blue chef .*)$", re.MULTILINE)
CHEF_CLAUSE = re.compile(
    rf"the (?:{'|'.join(COLOURS)}) chef is in {CELL}, facing ({'|'.join(DIRECTIONS)}), "
    rf"holding ({THING}|nothing)"
)
POT_CLAUSE = re.compile(rf"the pot in {CELL} has ([^;]+)")
COUNTER_ITEM = re.compile(rf"({THING}) in {CELL}")


def labels(layout: Layout, kitchen: Kitchen) -> dict[str, str]:
    """Label every cell with the topmost thing in it."""
    things = {cell: FURNITURE[tile] for cell, tile in layout.tiles.items()}
    for cell, thing in zip(layout.counters, kitchen.counters, strict=True):
        if thing:
            things[cell] = "soup" if thing == "thin soup" else thing
    for colour, chef in zip(COLOURS, kitchen.chefs, strict=True):
        things[chef.at] = f"{colour} chef"
    return {layout.labels[cell]: thing for cell, thing in things.items()}


def facts(percept: OvercookedPercept) -> dict[str, str]:
    """State the held item, and the latest actions of both chefs, without step numbers."""
    holds = percept.now.chefs[percept.seat].holds
    article = "an" if holds == "onion" else "a"
    joint = "; ".join(
        ", ".join(
            f"{colour} chef {ACTIONS[action]}"
            for colour, action in zip(COLOURS, actions, strict=True)
        )
        for actions in percept.joint_actions
    )
    return {
        "held item": f"You hold {article} {holds}." if holds else "You hold nothing.",
        "joint actions": f"The latest joint actions, oldest first: {joint}."
        if joint
        else "Nobody has acted yet.",
    }


def describe(layout: Layout, percept: OvercookedPercept) -> str:
    """Give the own seat, the floor plan, and the kitchen at each step, oldest first."""
    columns, rows = layout.size
    plan = [
        " ".join(
            [str(rows - row), *(_tile_letter(layout, column, row) for column in range(columns))]
        )
        for row in range(rows)
    ]
    letters = " ".join(layout.labels[column, 0][0] for column in range(columns))
    first = percept.step + 1 - len(percept.kitchens)
    return "\n".join(
        [
            f"You are the {COLOURS[percept.seat]} chef.",
            "The floor plan, X counter, P pot, O onion dispenser, D dish dispenser, S serving "
            f"window, {FLOOR_LETTER} floor:",
            *plan,
            f"  {letters}",
            "The kitchen at the latest steps, oldest first:",
            *(
                f"Step {step}: {_kitchen_text(layout, kitchen)}"
                for step, kitchen in enumerate(percept.kitchens, first)
            ),
        ]
    )


def parse(layout: Layout, text: str) -> OvercookedPercept:
    """Parse the kitchens in a text.

    Raises:
        KeyError, ValueError: it describes no kitchen, or one of another layout.
    """
    you, steps = SEAT_LINE.search(text), STEP_LINE.findall(text)
    if not you or not steps:
        raise ValueError("no chef and no step is named")
    kitchens = tuple(_parse_kitchen(layout, text) for _, text in steps)
    return OvercookedPercept(COLOURS.index(you[1]), layout.name, int(steps[-1][0]), kitchens)


def _parse_kitchen(layout: Layout, text: str) -> Kitchen:
    """Parse one kitchen. Raises KeyError or ValueError for another layout."""
    cells = {label: cell for cell, label in layout.labels.items()}
    one, two = (
        Chef(cells[at], facing, _parse_thing(holds))
        for at, facing, holds in CHEF_CLAUSE.findall(text)
    )
    pots = {cells[at]: POT_BY_TEXT[content] for at, content in POT_CLAUSE.findall(text)}
    things = {cells[at]: _parse_thing(thing) for thing, at in COUNTER_ITEM.findall(text)}
    return Kitchen(
        (one, two),
        tuple(pots[cell] for cell in layout.pots),
        tuple(things.get(cell) for cell in layout.counters),
    )


def _parse_thing(text: str) -> Thing | None:
    return next((thing for thing in THINGS if thing == text), None)


def _tile_letter(layout: Layout, column: int, row: int) -> str:
    return layout.tiles[column, row].replace(FLOOR, FLOOR_LETTER)


def _kitchen_text(layout: Layout, kitchen: Kitchen) -> str:
    parts = [
        f"the {colour} chef is in {layout.labels[chef.at]}, facing {chef.facing}, "
        f"holding {chef.holds or 'nothing'}"
        for colour, chef in zip(COLOURS, kitchen.chefs, strict=True)
    ]
    for cell, pot in zip(layout.pots, kitchen.pots, strict=True):
        parts.append(f"the pot in {layout.labels[cell]} has {_pot_text(pot)}")
    on_counters = [
        f"{thing} in {layout.labels[cell]}"
        for cell, thing in zip(layout.counters, kitchen.counters, strict=True)
        if thing
    ]
    parts.append(f"on the counters: {', '.join(on_counters) or 'nothing'}")
    return "; ".join(parts) + "."


def _pot_text(pot: Pot) -> str:
    onions = f"{pot.onions} onion{'' if pot.onions == 1 else 's'}"
    if pot.left is None:
        return onions
    if pot.left == 0:
        return f"{onions}, ready"
    return f"{onions}, cooking, {pot.left} step{'' if pot.left == 1 else 's'} left"


POT_BY_TEXT = {_pot_text(pot): pot for pot in POTS}
"""Description of a pot -> pot."""
