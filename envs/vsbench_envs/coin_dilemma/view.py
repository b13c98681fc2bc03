"""The view of Coin Dilemma: a coin in each player's colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from vsbench_envs.coin_dilemma.rules import EVENTS
from vsbench_envs.grid.art import SHADES, Frame
from vsbench_envs.grid.view import GridView


def paint_coin(frame: Frame, colour: str) -> None:
    """Paint a coin with a gold rim and the owner's colour and initial."""
    shade = SHADES[colour]
    frame.ellipse(0, 0.08, 0.74, 0.74, shade)
    frame.ellipse(0, -0.02, 0.74, 0.74, "gold", edge=shade)
    frame.ellipse(0, -0.02, 0.52, 0.52, colour, edge=shade)
    frame.brush.text(frame.at(0, -0.01), colour[0].upper(), 0.68 * frame.radius, "white")


def coin_view(title: str, colours: Sequence[str]) -> GridView:
    """Make the view for players of these colours."""
    artwork: dict[str, Callable[[Frame], None]] = {
        f"{colour} coin": partial(paint_coin, colour=colour) for colour in colours
    }
    return GridView(title, colours=colours, things=tuple(artwork), artwork=artwork, events=EVENTS)
