"""Thirty episodes recorded with Overcooked-AI 1.1.0, which our rules must reproduce exactly.

``golden_traces.txt`` has a line for each step: the first letters of both actions; the reward for
delivering and for the process; both chefs afterwards (column, row, facing, first letter of what is
held); the pot's onions, and after ``+`` the steps it has cooked; and what lies on the counters.
"""

from pathlib import Path

import pytest

from vsbench_envs.overcooked import GAME
from vsbench_envs.overcooked.layout import LAYOUTS
from vsbench_envs.overcooked.rules import (
    ACTIONS,
    COOKING_STEPS,
    REWARDS,
    Chef,
    Kitchen,
    Pot,
    advance,
    initial_kitchen,
)

TRACES = Path(__file__).with_name("golden_traces.txt").read_text().strip().split("\n\n")
LAYOUT = LAYOUTS["cramped_room"]
LETTERS = {action[0]: number for number, action in enumerate(ACTIONS)}


def spell_chef(chef: Chef) -> str:
    # The recordings do not tell a thin soup from a good one.
    held = "-" if chef.holds is None else chef.holds.removeprefix("thin ")[0]
    return f"{chef.at[0]}{chef.at[1]}{chef.facing[0]}{held}"


def spell_pot(pot: Pot) -> str:
    return str(pot.onions) if pot.left is None else f"{pot.onions}+{COOKING_STEPS - pot.left}"


def spell(kitchen: Kitchen) -> str:
    (pot,) = kitchen.pots
    lying = [
        f"{x}{y}{thing[0]}"
        for (x, y), thing in zip(LAYOUT.counters, kitchen.counters, strict=True)
        if thing
    ]
    return " ".join([*map(spell_chef, kitchen.chefs), spell_pot(pot), ",".join(lying) or "-"])


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.split(":")[0])
def test_every_step_is_repeated(trace: str) -> None:
    kitchen = initial_kitchen(LAYOUT)
    for line in trace.splitlines()[1:]:
        moves = line.split()[0]
        kitchen, events = advance(LAYOUT, kitchen, [LETTERS[letter] for letter in moves])
        delivery = sum(REWARDS[event] for _, event in events if event == "deliveries")
        process = sum(REWARDS[event] for _, event in events if event != "deliveries")
        assert f"{moves} {delivery} {process} {spell(kitchen)}" == line


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.split(":")[0])
def test_every_return_is_reached(trace: str) -> None:
    heading, *lines = trace.splitlines()
    state = GAME.new(0)
    for line in lines:
        moves = line.split()[0]
        state.apply({seat: LETTERS[letter] for seat, letter in enumerate(moves)})
        assert state.rewards == (sum(map(float, line.split()[1:3])),) * 2
    assert state.truncated
    assert state.returns == (float(heading.split()[-1]),) * 2
    assert len(lines) == 50


def test_the_recordings_show_every_kind_of_event() -> None:
    """Otherwise they would prove little."""
    steps = [line for trace in TRACES for line in trace.splitlines()[1:]]
    assert len(TRACES) == 30
    assert {reward for step in steps if (reward := step.split()[1]) != "0"} == {"10"}
    pots = {step.split()[5] for step in steps}
    assert pots >= {"0", "1", "2", "3", "3+1", "3+4", "3+5", "1+5", "2+5"}
    assert any("s" in step.split()[3] for step in steps)
    assert any("d" in step.split()[6] for step in steps)
