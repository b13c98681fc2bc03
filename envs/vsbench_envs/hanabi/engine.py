"""OpenSpiel's Hanabi: its actions and its account of the table, in our terms."""

from __future__ import annotations

from functools import cache
from typing import Any

import pyspiel

from vsbench_envs.hanabi.actions import ids
from vsbench_envs.hanabi.percept import Card, HanabiPercept
from vsbench_envs.hanabi.variant import Variant


@cache
def load(variant: Variant) -> Any:
    """The engine's game. Its deck is ours: every card it deals is given to it."""
    return pyspiel.load_game(
        "hanabi",
        {
            "players": variant.seats,
            "colors": len(variant.colours),
            "ranks": len(variant.ranks),
            "hand_size": variant.hand,
            "max_information_tokens": variant.tokens,
            "max_life_tokens": variant.lives,
        },
    )


def table(text: str, variant: Variant) -> HanabiPercept:
    """The engine's account of the whole table, every card open."""
    head, rest = text.split("Hands:\n")
    hands, foot = rest.split("Deck size: ")
    lives, tokens, fireworks = (line.split(": ")[1] for line in head.splitlines())
    deck, discards = foot.split("\nDiscards:")
    gone = discards.split()
    return HanabiPercept(
        seat=0,
        lives=int(lives),
        tokens=int(tokens),
        deck=int(deck),
        fireworks=tuple(int(pile[1:]) for pile in fireworks.split()),
        discards=tuple(tuple(gone.count(c + r) for r in variant.ranks) for c in variant.colours),
        hands=tuple(
            tuple(_card(line) for line in hand.splitlines() if "|" in line)
            for hand in hands.split("-----\n")
        ),
        moves=(),
    )


def _card(line: str) -> Card:
    """From a line such as ``R3 || X3|RYB3``: the face, what was told outright, what is possible."""
    face, _, rest = line.partition(" || ")
    possible = rest.partition("|")[2]
    ranks = possible.lstrip("RYGWB")
    return Card(face, possible.removesuffix(ranks), ranks)


@cache
def to_theirs(variant: Variant, seat: int) -> dict[int, int]:
    """Our action id -> the engine's, which names targets by how many seats they sit further on.

    The engine counts discards, plays, colours for each target, then ranks for each target.
    """
    hand, colours, ranks = variant.hand, len(variant.colours), len(variant.ranks)
    theirs: dict[int, int] = {}
    for action, action_id in ids(variant).items():
        if action.kind != "reveal":
            theirs[action_id] = action.position - 1 + (hand if action.kind == "play" else 0)
            continue
        further = (action.aimed(seat, variant) - seat) % variant.seats - 1
        if further < 0:
            continue
        if action.clue in variant.colours:
            place = further * colours + variant.colours.index(action.clue)
        else:
            place = (
                (variant.seats - 1) * colours + further * ranks + variant.ranks.index(action.clue)
            )
        theirs[action_id] = 2 * hand + place
    return theirs


@cache
def to_ours(variant: Variant, seat: int) -> dict[int, int]:
    """The engine's action id -> ours, for a seat."""
    return {theirs: ours for ours, theirs in to_theirs(variant, seat).items()}
