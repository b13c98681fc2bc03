"""Coin Dilemma: every coin pays you, but some cost the other player more.

Two players walk on a board of 5 x 5 cells. A red and a blue coin lie on it. Whoever reaches a coin
gets 1; when it has the other player's colour, that player loses 2. When both reach a coin together,
both of these happen. A taken coin appears again on a random free cell. After 50 steps it is over.

Taking only coins of one's own colour is best for both; taking every coin is tempting, and when
both do it nobody gains. The return is the sum over both players. The game follows the coin game of
Lerer and Peysakhovich (2017), in the form of VS-Bench (2025).

In a step both players move at once; then coins pay; then taken coins appear again, the red one
first, each on a cell where no player and no coin is.

``coin_dilemma_3p`` adds a green player and a green coin; a coin that another takes costs its owner
2 for each taker.
"""

from dataclasses import replace
from functools import partial

from vsbench_envs.coin_dilemma.bots import BOTS, RECIPE
from vsbench_envs.coin_dilemma.rules import CoinState
from vsbench_envs.coin_dilemma.view import coin_view
from vsbench_envs.game import Game
from vsbench_envs.grid.board import ACTIONS
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.spec import GameSpec, Measure, total_return

GAME: Game[GridPercept] = Game(
    spec=GameSpec(
        id="coin_dilemma",
        title="Coin Dilemma",
        kind="mixed-motive",
        summary="Collect coins; taking those of the other's colour hurts the other more.",
        seats=2,
        roles=("the red player", "the blue player"),
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(Measure("total return", total_return, random=-0.2, best=27.9),),
        events={
            "own_coins": "coins of one's own colour taken",
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
        # Measured over 2000 episodes (standard errors 0.06 and 0.08); no figures are published.
        measures=(Measure("total return", total_return, random=-2.55, best=42.9),),
    ),
    start=partial(CoinState, seats=3),
    view=coin_view("Coin Dilemma for three", ("red", "blue", "green")),
    recipe=None,
)
