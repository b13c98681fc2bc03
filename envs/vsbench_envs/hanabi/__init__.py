"""Hanabi: players build fireworks together from cards that only the other players see.

The deck has five colours; each has three 1s, two each of 2, 3 and 4, and one 5. Players hold
their cards facing outwards. In turn, each player takes one of three actions:

- *play* a card: it scores a point if it is the next rank of its colour's firework, otherwise it is
  discarded and a life is lost; a finished firework returns an information token;
- *discard* a card, which returns an information token (not allowed while all are there);
- *reveal*, for one token, all cards of one colour or one rank in another player's hand.

Played and discarded cards are replaced from the deck. The game ends when the last life is lost,
when the last firework is finished, or after each seat has had one more turn after the last card was
drawn. Everyone's return is the number of cards on the fireworks, or 0 if all lives are lost. The
*firework* return counts the cards on the fireworks in any case.

In ``hanabi_3p`` there are three seats, and a reveal names its target. ``tiny_hanabi`` has two
colours, three ranks and hands of three cards.

Rules engine: OpenSpiel, with our own deck. Antoine Bauza designed the game (2010); Bard et al., The
Hanabi Challenge (2020), proposed it as a problem for learning agents.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from vsbench_envs.game import Game
from vsbench_envs.hanabi.bots import RECIPE, bots
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.rules import HanabiState
from vsbench_envs.hanabi.variant import Variant, actions, label
from vsbench_envs.hanabi.view import HanabiView
from vsbench_envs.spec import EpisodeSummary, GameSpec, Measure, shared_return


def firework_return(episode: EpisodeSummary, seats: Sequence[int]) -> float:
    """Cards played onto the fireworks, even if all lives are lost."""
    return sum(episode.events.get("plays", ()))


def _measures(
    variant: Variant, random: float, firework: float, best: float
) -> tuple[Measure, Measure]:
    """Both returns; the anchor is the same for both, as the oracle loses no game."""
    most = float(variant.best)
    return (
        Measure("return", shared_return, random, best, low=0.0, high=most),
        Measure("firework", firework_return, firework, best, weight=0.0, low=0.0, high=most),
    )


FULL = Variant()

GAME: Game[HanabiPercept] = Game(
    spec=GameSpec(
        id="hanabi",
        title="Hanabi",
        kind="cooperative",
        summary="Build fireworks in order from cards that only the other players see.",
        seats=FULL.seats,
        roles=("player 0", "player 1"),
        simultaneous=False,
        actions=tuple(label(action, FULL) for action in actions(FULL)),
        measures=_measures(FULL, random=0.0, firework=1.2, best=24.0),
        events={
            "plays": "playable cards played",
            "misplays": "other cards played, each at the cost of a life",
            "discards": "cards discarded",
            "reveals": "information tokens spent",
        },
        typical_length=65,
    ),
    start=partial(HanabiState, variant=FULL),
    view=HanabiView(FULL),
    bots=bots(FULL),
    recipe=RECIPE,
)


def _variant(
    variant: Variant, name: str, title: str, summary: str, **anchors: float
) -> Game[HanabiPercept]:
    """Make a variant of the game; its anchors are measured, as none are published."""
    return replace(
        GAME,
        spec=replace(
            GAME.spec,
            id=name,
            title=title,
            summary=summary,
            seats=variant.seats,
            roles=tuple(f"player {seat}" for seat in range(variant.seats)),
            actions=tuple(label(action, variant) for action in actions(variant)),
            measures=_measures(variant, **anchors),
        ),
        start=partial(HanabiState, variant=variant),
        view=HanabiView(variant),
        bots=bots(variant),
        recipe=None,
    )


GAME_3P = _variant(
    Variant(seats=3),
    "hanabi_3p",
    "Hanabi for three",
    "Build fireworks with three players; a reveal names its target.",
    random=0.0,
    firework=1.27,
    best=23.2,
)

GAME_TINY = _variant(
    Variant(colours="RY", ranks="123", hand=3),
    "tiny_hanabi",
    "Tiny Hanabi",
    "Hanabi with two colours, three ranks and hands of three.",
    random=1.37,
    firework=1.9,
    best=5.9,
)
