"""Coin Dilemma: every coin pays its taker, but a coin of another colour costs its owner more.

Two players, red and blue, walk on a board of 5 x 5 cells with one red and one blue coin. Taking a
coin gives its taker 1. If the coin has the other player's colour, that player loses 2. If both
players reach a coin in the same step, both take it. A taken coin reappears on a random free cell.
An episode has 50 steps.

Both players do best by taking only coins of their own colour. Taking every coin is tempting, but if
both do it, nobody gains. The return is the sum over both players. The game follows the coin game of
Lerer and Peysakhovich (2017), in the form of VS-Bench (2025).

Order within a step: both players move at once; coins are taken and paid; taken coins reappear, the
red one first, each on a cell without players and coins.

``coin_dilemma_3p`` adds a green player and a green coin. A coin costs its owner 2 for each other
player who takes it.
"""

from dataclasses import replace
from functools import partial

from vsbench_envs.coin_dilemma.bots import BOTS, RECIPE
from vsbench_envs.coin_dilemma.rules import CoinState
from vsbench_envs.coin_dilemma.view import coin_view
from vsbench_envs.game import Game
from vsbench_envs.grid.board import ACTIONS
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.spec import GameSpec, Measure, total_return

GAME: Game[GridPercept] = Game(
    spec=GameSpec(
        id="coin_dilemma",
        title="Coin Dilemma",
        kind="mixed-motive",
        summary="Collect coins; taking a coin of the other's colour hurts its owner more.",
        seats=2,
        roles=("the red player", "the blue player"),
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(Measure("total return", total_return, random=-0.2, best=27.9),),
        events={
            "own_coins": "coins of the own colour taken",
            "other_coins": "coins of another's colour taken",
        },
        personas=("common welfare", "self interest"),
    ),
    start=CoinState,
    view=coin_view("Coin Dilemma", ("red", "blue")),
    bots=BOTS,
    recipe=RECIPE,
)

GAME_3P: Game[GridPercept] = replace(
    GAME,
    spec=replace(
        GAME.spec,
        id="coin_dilemma_3p",
        title="Coin Dilemma for three",
        seats=3,
        roles=("the red player", "the blue player", "the green player"),
        # Measured over 2000 episodes (standard errors 0.06 and 0.08); none are published.
        measures=(Measure("total return", total_return, random=-2.55, best=42.9),),
    ),
    start=partial(CoinState, seats=3),
    view=coin_view("Coin Dilemma for three", ("red", "blue", "green")),
    recipe=None,
)
