"""What a seat can do, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from vsbench_envs.hanabi.variant import COLOURS, Variant

Kind = Literal["play", "discard", "reveal"]


@dataclass(frozen=True)
class Action:
    """One of the things to do: play or discard an own card, or reveal something of another hand."""

    kind: Kind
    position: int = 0
    """Of the card to play or discard, 1 being the oldest."""
    clue: str = ""
    """The colour letter or the rank to reveal."""
    target: int = 0
    """The seat that a reveal is for. With two seats it is 0 and means the other one."""

    def aimed(self, seat: int, variant: Variant) -> int:
        """The seat that this reveal by ``seat`` is for."""
        return 1 - seat if variant.seats == 2 else self.target


@cache
def actions(variant: Variant) -> tuple[Action, ...]:
    """Action id -> action: plays, discards, then reveals, target by target."""
    positions = range(1, variant.hand + 1)
    targets = range(variant.seats) if variant.seats > 2 else (0,)
    return (
        *(Action("play", position) for position in positions),
        *(Action("discard", position) for position in positions),
        *(
            Action("reveal", clue=clue, target=target)
            for target in targets
            for clue in variant.colours + variant.ranks
        ),
    )


@cache
def ids(variant: Variant) -> dict[Action, int]:
    """Action -> action id."""
    return {action: number for number, action in enumerate(actions(variant))}


def label(action: Action, variant: Variant) -> str:
    """How an action is written, for example ``reveal rank 1``."""
    if action.kind != "reveal":
        return f"{action.kind} {action.position}"
    told = COLOURS.get(action.clue, f"rank {action.clue}")
    return f"reveal {told}" + (f" to player {action.target}" if variant.seats > 2 else "")


@cache
def by_label(variant: Variant) -> dict[str, Action]:
    """Label -> action."""
    return {label(action, variant): action for action in actions(variant)}
