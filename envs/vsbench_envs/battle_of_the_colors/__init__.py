"""Battle of the Colors: better to agree on either colour than to insist on one's own.

Two players walk on a board of 5 x 5 cells with a red and a blue block that they can stand on. When
both stand on the red block, red gains 2 and blue 1; when both stand on the blue block, red gains 1
and blue 2; and that block moves to a random free cell. When they stand on different blocks neither
gains, and both blocks move. One player alone on a block waits there. After 50 steps it is over.

Each would rather meet on its own colour, and both lose time if they do not agree. The return is the
sum over both players. It is the battle of the sexes (Luce and Raiffa, 1957) on a grid, in the form
of VS-Bench (2025).

In a step both players move at once; then blocks pay; then blocks move, the red one first, each to a
cell where no player and no block is.
"""

from vsbench_envs.battle_of_the_colors.bots import BOTS, RECIPE
from vsbench_envs.battle_of_the_colors.rules import BattleState
from vsbench_envs.battle_of_the_colors.view import VIEW
from vsbench_envs.game import Game
from vsbench_envs.grid.board import ACTIONS
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.spec import GameSpec, Measure, total_return

GAME: Game[GridPercept] = Game(
    spec=GameSpec(
        id="battle_of_the_colors",
        title="Battle of the Colors",
        kind="mixed-motive",
        summary="Meet on the same block; each player would rather meet on its own.",
        seats=2,
        roles=("the red player", "the blue player"),
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(Measure("total return", total_return, random=0.3, best=59.7),),
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
