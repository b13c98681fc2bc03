"""Breakthrough: a race of pieces that only move forwards.

The board has eight rows and eight files. Black (seat 0) starts on rows 8 and 7, White (seat 1) on
rows 2 and 1. Black moves first, down the board; White moves up. A move takes one piece one step
straight or diagonally forwards onto an empty square, or diagonally forwards onto an opponent's
piece, which is captured. Pieces never capture straight ahead. The first player to reach the far
row, or to capture all of the opponent's pieces, wins. There are no draws.

The return is 1 for the winner and -1 for the loser. Moves are written as two squares, ``a7a6``,
captures too.

Dan Troyka invented the game in 2000. Rules engine: OpenSpiel.
"""

from vsbench_envs.breakthrough.bots import BOTS, RECIPE
from vsbench_envs.breakthrough.rules import ACTIONS, ROLES, BreakthroughPercept, BreakthroughState
from vsbench_envs.breakthrough.view import BreakthroughView
from vsbench_envs.game import Game
from vsbench_envs.spec import GameSpec, Measure, own_return

GAME: Game[BreakthroughPercept] = Game(
    spec=GameSpec(
        id="breakthrough",
        title="Breakthrough",
        kind="competitive",
        summary="Reach the far row before the other side does.",
        seats=2,
        roles=ROLES,
        simultaneous=False,
        perfect_information=True,
        actions=ACTIONS,
        measures=(
            Measure("return", own_return, random=-1.0, best=1.0, low=-1.0, high=1.0, binary=True),
        ),
        opponent="mcts",
        typical_length=45,
        events={"captures": "pieces taken"},
    ),
    start=BreakthroughState,
    view=BreakthroughView(),
    bots=BOTS,
    recipe=RECIPE,
)
