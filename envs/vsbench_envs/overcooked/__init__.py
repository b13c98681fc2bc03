"""Overcooked: two chefs in a small kitchen make onion soup against the clock.

A chef walks up, down, right or left and turns in that direction; against furniture or the other
chef it only turns. ``interact`` uses the cell in front. A chef holds at most one thing:

- onion and dish dispensers give a thing to empty hands;
- a counter takes one thing and gives it back to either chef;
- a pot takes up to three onions; empty hands start it, from one onion on; five steps later the soup
  is ready, and a dish takes it out;
- the serving window takes soups. Only soups of three onions pay; others are *thin*.

An episode has fifty steps. Within a step, the blue chef (seat 0) interacts first, then the green
one; then both walk at once; then pots cook. Chefs who would share or swap cells only turn.

Both chefs get every reward: 2 for an onion put into a pot, 2 for a useful dish, 2 for plating a
soup, 10 for serving a soup of three onions; 20 in total for a soup from start to end. A dish from
the dispenser is useful if none is on a counter and the chefs hold fewer dishes than there are pots
with one or two onions, cooking or ready. Nothing is hidden and nothing is random. The rules are
those of Overcooked-AI 1.1.0 (Carroll et al., 2019, "On the utility of learning about humans for
human-AI coordination") with the rewards of VS-Bench (2025).

A chef sees pictures of the kitchen now and one, two and three steps ago. The held item and the
actions of both chefs in these steps are stated in words.

Three kitchens are included, drawn in ``layouts.toml``: ``cramped_room`` is the benchmark's; in
``ring`` the chefs share a lane around an island; in ``divided`` they can only pass things over
counters.
"""

from dataclasses import replace
from functools import partial

from vsbench_envs.game import Game
from vsbench_envs.overcooked.bots import BOTS, RECIPE
from vsbench_envs.overcooked.layout import LAYOUTS
from vsbench_envs.overcooked.rules import ACTIONS, OvercookedPercept, OvercookedState
from vsbench_envs.overcooked.view import KitchenView
from vsbench_envs.spec import GameSpec, Measure, shared_return

GAME: Game[OvercookedPercept] = Game(
    spec=GameSpec(
        id="overcooked",
        title="Overcooked",
        kind="cooperative",
        summary="Two chefs share a cramped kitchen and serve as much onion soup as time allows.",
        seats=2,
        roles=("the blue chef", "the green chef"),
        simultaneous=True,
        perfect_information=True,
        actions=ACTIONS,
        # The paper's best is two soups. Three soups are possible, a score of 150.
        measures=(Measure("shared return", shared_return, random=0.2, best=40.0, low=0.0),),
        events={
            "onions": "onions put into a pot",
            "dishes": "useful dishes taken",
            "soups": "soups plated",
            "deliveries": "soups of three onions served",
        },
    ),
    start=partial(OvercookedState, LAYOUTS["cramped_room"]),
    view=KitchenView(LAYOUTS["cramped_room"]),
    bots=BOTS,
    recipe=RECIPE,
)


def _variant(
    layout: str, title: str, summary: str, random: float, best: float
) -> Game[OvercookedPercept]:
    """Make the game in another kitchen, with its measured anchors."""
    return replace(
        GAME,
        spec=replace(
            GAME.spec,
            id=f"overcooked_{layout}",
            title=title,
            summary=summary,
            measures=(Measure("shared return", shared_return, random, best, low=0.0),),
        ),
        start=partial(OvercookedState, LAYOUTS[layout]),
        view=KitchenView(LAYOUTS[layout]),
        recipe=None,
    )


GAME_RING = _variant(
    "ring",
    "Overcooked: the ring",
    "Two chefs share a lane around an island; a chef in the opposite direction blocks it.",
    random=0.15,
    best=50.0,
)

GAME_DIVIDED = _variant(
    "divided",
    "Overcooked: the divided kitchen",
    "One chef has the dispensers, the other the pots; everything passes over counters.",
    random=0.1,
    best=40.0,
)
