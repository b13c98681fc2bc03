"""A kitchen in words, and read back from them."""

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
from vsbench_envs.overcooked.percept import (
    POTS,
    THINGS,
    Chef,
    Kitchen,
    OvercookedPercept,
    Pot,
    Thing,
)
from vsbench_envs.overcooked.rules import ACTIONS

FURNITURE = {
    FLOOR: "floor",
    COUNTER: "counter",
    POT: "pot",
    ONIONS: "onion dispenser",
    DISHES: "dish dispenser",
    SERVING: "serving window",
}
BLANK = "."
"""Stands for floor in a floor plan."""

THING = "|".join(THINGS)
CELL = "([a-z][0-9]+)"
YOU = re.compile(rf"^You are the ({'|'.join(COLOURS)}) chef\.$", re.MULTILINE)
STEP = re.compile(r"^Step ([0-9]+): (the blue chef .*)$", re.MULTILINE)
CHEF = re.compile(
    rf"the (?:{'|'.join(COLOURS)}) chef is in {CELL}, facing ({'|'.join(DIRECTIONS)}), "
    rf"holding ({THING}|nothing)"
)
STOVE = re.compile(rf"the pot in {CELL} has ([^;]+)")
LYING = re.compile(rf"({THING}) in {CELL}")


def labels(layout: Layout, kitchen: Kitchen) -> dict[str, str]:
    """Every cell and what is on top there, in a word or two."""
    things = {cell: FURNITURE[tile] for cell, tile in layout.tiles.items()}
    for cell, thing in zip(layout.counters, kitchen.counters, strict=True):
        if thing:
            things[cell] = "soup" if thing == "thin soup" else thing
    for colour, chef in zip(COLOURS, kitchen.chefs, strict=True):
        things[chef.at] = f"{colour} chef"
    return {layout.labels[cell]: thing for cell, thing in things.items()}


def facts(percept: OvercookedPercept) -> dict[str, str]:
    """What one's own chef holds, and what both did, without the steps at which they did it."""
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
    """Who you are, the floor plan, and the kitchen at each step, oldest first."""
    columns, rows = layout.size
    plan = [
        " ".join([str(rows - row), *(_letter(layout, column, row) for column in range(columns))])
        for row in range(rows)
    ]
    letters = " ".join(layout.labels[column, 0][0] for column in range(columns))
    first = percept.step + 1 - len(percept.kitchens)
    return "\n".join(
        [
            f"You are the {COLOURS[percept.seat]} chef.",
            "The floor plan, X counter, P pot, O onion dispenser, D dish dispenser, S serving "
            f"window, {BLANK} floor:",
            *plan,
            f"  {letters}",
            "The kitchen at the latest steps, oldest first:",
            *(
                f"Step {step}: {_situation(layout, kitchen)}"
                for step, kitchen in enumerate(percept.kitchens, first)
            ),
        ]
    )


def read(layout: Layout, text: str) -> OvercookedPercept:
    """The kitchens in a text.

    Raises:
        KeyError, ValueError: it tells of none, or of another layout.
    """
    you, steps = YOU.search(text), STEP.findall(text)
    if not you or not steps:
        raise ValueError("no chef and no step is named")
    kitchens = tuple(_kitchen(layout, told) for _, told in steps)
    return OvercookedPercept(COLOURS.index(you[1]), layout.name, int(steps[-1][0]), kitchens)


def _kitchen(layout: Layout, told: str) -> Kitchen:
    """From its words. Raises KeyError or ValueError when they are of another kitchen."""
    cells = {label: cell for cell, label in layout.labels.items()}
    one, two = (Chef(cells[at], facing, _thing(holds)) for at, facing, holds in CHEF.findall(told))
    pots = {cells[at]: CONTENTS[content] for at, content in STOVE.findall(told)}
    things = {cells[at]: _thing(thing) for thing, at in LYING.findall(told)}
    return Kitchen(
        (one, two),
        tuple(pots[cell] for cell in layout.pots),
        tuple(things.get(cell) for cell in layout.counters),
    )


def _thing(told: str) -> Thing | None:
    return next((thing for thing in THINGS if thing == told), None)


def _letter(layout: Layout, column: int, row: int) -> str:
    return layout.tiles[column, row].replace(FLOOR, BLANK)


def _situation(layout: Layout, kitchen: Kitchen) -> str:
    parts = [
        f"the {colour} chef is in {layout.labels[chef.at]}, facing {chef.facing}, "
        f"holding {chef.holds or 'nothing'}"
        for colour, chef in zip(COLOURS, kitchen.chefs, strict=True)
    ]
    for cell, pot in zip(layout.pots, kitchen.pots, strict=True):
        parts.append(f"the pot in {layout.labels[cell]} has {_content(pot)}")
    lying = [
        f"{thing} in {layout.labels[cell]}"
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


CONTENTS = {_content(pot): pot for pot in POTS}
"""A pot by its words."""
