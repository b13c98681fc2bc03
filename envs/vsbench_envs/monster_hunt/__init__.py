"""Monster Hunt: alone it mauls you, together you defeat it.

Two players walk on a board of 5 x 5 cells with two apples and a monster. An apple gives 2 to
whoever reaches it, to both if both do. The monster comes after the players. Whoever meets it alone
loses 2 and is put elsewhere; when both meet it together each gains 5 and the monster is put
elsewhere. The monster eats apples, too. Eaten apples appear again. After 50 steps it is over.

Apples are safe but poor; the monster pays if the other player can be relied on. The return is the
sum over both players. The game follows the stag hunt on a grid of Peysakhovich and Lerer (2018), in
the form of VS-Bench (2025).

In a step both players move at once; then they eat apples where they have arrived; then the monster
steps towards the player that is fewer steps away (none if one is on its cell; ties, and diagonals,
are broken by chance) and eats the apple that it steps on; then whoever shares its cell meets it;
then the mauled player or the defeated monster is put on a free cell, and after it the eaten apples.
A cell is free when no player, apple or monster is on it.
"""

from vsbench_envs.game import Game
from vsbench_envs.grid.board import ACTIONS
from vsbench_envs.grid.percept import GridPercept
from vsbench_envs.monster_hunt.bots import BOTS, RECIPE
from vsbench_envs.monster_hunt.rules import HuntState
from vsbench_envs.monster_hunt.view import VIEW
from vsbench_envs.spec import GameSpec, Measure, total_return

GAME: Game[GridPercept] = Game(
    spec=GameSpec(
        id="monster_hunt",
        title="Monster Hunt",
        kind="mixed-motive",
        summary="Pick apples in safety, or meet a monster that only two can defeat.",
        seats=2,
        roles=("the red player", "the blue player"),
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(Measure("total return", total_return, random=-20.2, best=176.2),),
        events={
            "apples": "apples eaten",
            "lone_meetings": "meetings with the monster alone",
            "joint_defeats": "meetings with the monster together",
        },
        personas=("common welfare", "self interest", "careful"),
    ),
    start=HuntState,
    view=VIEW,
    bots=BOTS,
    recipe=RECIPE,
)
