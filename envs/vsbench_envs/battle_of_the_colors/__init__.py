"""Battle of the Colors: agreeing on either colour beats insisting on the own one.

Two players, red and blue, walk on a board of 5 x 5 cells with a red and a blue block that they can
stand on. If both stand on the red block, red gains 2 and blue 1; if both stand on the blue block,
red gains 1 and blue 2; that block then moves to a random free cell. If they stand on different
blocks, neither gains and both blocks move. A lone player on a block has no effect. An episode has
50 steps.

Each player prefers to meet on the own colour, but both lose time while they disagree. The return is
the sum over both players. The game is the battle of the sexes (Luce and Raiffa, 1957) on a grid, in
the form of VS-Bench (2025).

Order within a step: both players move at once; blocks pay; blocks move, the red one first, each to
a random cell without players and blocks.
"""

from vsbench_envs.battle_of_the_colors.bots import BOTS, RECIPE
from vsbench_envs.battle_of_the_colors.rules import BattleState
from vsbench_envs.battle_of_the_colors.view import VIEW
from vsbench_envs.game import Game
from vsbench_envs.grid.board import ACTIONS
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.spec import GameSpec, Measure, total_return

GAME: Game[GridPercept] = Game(
    spec=GameSpec(
        id="battle_of_the_colors",
        title="Battle of the Colors",
        kind="mixed-motive",
        summary="Meet on the same block; each player prefers the block of its own colour.",
        seats=2,
        roles=("the red player", "the blue player"),
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(Measure("total return", total_return, random=0.3, best=59.7, low=0.0),),
        events={
            "both_red": "meetings on the red block",
            "both_blue": "meetings on the blue block",
            "split": "times on different blocks",
        },
        personas=("common welfare", "self interest"),
    ),
    start=BattleState,
    view=VIEW,
    bots=BOTS,
    recipe=RECIPE,
)
