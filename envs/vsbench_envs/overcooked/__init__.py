"""Overcooked: two chefs in a kitchen too small for them make onion soup against the clock.

A chef walks up, down, right or left, which also turns it; against furniture or the other chef it
only turns. ``interact`` uses the cell in front of it, with one thing in hand at most:

- onion and dish dispensers give to empty hands;
- a counter takes one thing and gives it back, to whichever chef;
- a pot takes up to three onions; empty hands start it, from one onion on; five steps later the soup
  is ready, and a dish takes it out;
- the serving window takes soups. Only those of three onions pay: others are *thin*.

An episode has fifty steps. In each, interacts come first, the blue chef's (seat 0) before the green
one's; then both walk at once; then pots cook. Chefs who would share or swap cells only turn.

Both chefs get every reward: 2 for an onion put into a pot, 2 for a useful dish, 2 for plating a
soup, 10 for serving one of three onions; 20 for a soup from start to end. A dish from the dispenser
is useful when none lies on a counter and the chefs hold fewer than there are pots with one or two
onions, cooking or ready. Nothing is hidden and nothing is random. These are the rules of
Overcooked-AI 1.1.0 (Carroll et al., 2019, "On the utility of learning about humans for human-AI
coordination") with the rewards of VS-Bench (2025).

What a chef sees is the kitchen as it is and as it was one, two and three steps ago, a picture each.
It is told in words what it holds, and what both chefs did in those steps.

Three kitchens ship, drawn in ``layouts.toml``: ``cramped_room`` is the benchmark's; in ``ring`` the
chefs share a lane round an island, and in ``divided`` they can only pass things over counters.
"""

from dataclasses import replace
from functools import partial

from vsbench_envs.game import Game
from vsbench_envs.overcooked.bots import BOTS, RECIPE
from vsbench_envs.overcooked.layout import LAYOUTS
from vsbench_envs.overcooked.percept import OvercookedPercept
from vsbench_envs.overcooked.rules import ACTIONS, OvercookedState
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
        # The paper's best is two soups. Three can be served, which scores 150.
        measures=(Measure("shared return", shared_return, random=0.2, best=40.0),),
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
    """The same game in another kitchen, with the anchors measured there."""
    return replace(
        GAME,
        spec=replace(
            GAME.spec,
            id=f"overcooked_{layout}",
            title=title,
            summary=summary,
            measures=(Measure("shared return", shared_return, random, best),),
        ),
        start=partial(OvercookedState, LAYOUTS[layout]),
        view=KitchenView(LAYOUTS[layout]),
        recipe=None,
    )


GAME_RING = _variant(
    "ring",
    "Overcooked: the ring",
    "Two chefs share a lane round an island; whoever turns against the stream blocks it.",
    random=0.15,
    best=50.0,
)

GAME_DIVIDED = _variant(
    "divided",
    "Overcooked: the divided kitchen",
    "One chef has the larder, the other the stoves: all goes over the counters between them.",
    random=0.1,
    best=40.0,
)
