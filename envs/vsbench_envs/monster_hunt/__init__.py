"""Monster Hunt: the monster mauls a lone player, but two players together defeat it.

Two players walk on a board of 5 x 5 cells with two apples and a monster. Eating an apple gives 2;
if both players reach it in the same step, each gets 2. The monster chases the players. A player who
meets it alone loses 2 and respawns on a random free cell. If both players meet it together, each
gains 5 and the monster respawns. The monster eats apples too. Eaten apples respawn. An episode has
50 steps.

Apples are safe but pay little; the monster pays well, provided that the other player cooperates.
The return is the sum over both players. The game follows the grid version of the stag hunt by
Peysakhovich and Lerer (2018), in the form of VS-Bench (2025).

Order within a step: both players move at once; players eat the apples on their cells; the monster
takes one step towards the nearest player (none if a player is on its cell; ties between players and
between directions are broken at random) and eats an apple on its new cell; players on its cell meet
it; the mauled player or the defeated monster respawns; eaten apples respawn. A respawn cell is a
random one without players, apples and monster.
"""

from vsbench_envs.game import Game
from vsbench_envs.grid.board import ACTIONS
from vsbench_envs.grid.rules import GridPercept
from vsbench_envs.monster_hunt.bots import BOTS, RECIPE
from vsbench_envs.monster_hunt.rules import HuntState
from vsbench_envs.monster_hunt.view import VIEW
from vsbench_envs.spec import GameSpec, Measure, total_return

GAME: Game[GridPercept] = Game(
    spec=GameSpec(
        id="monster_hunt",
        title="Monster Hunt",
        kind="mixed-motive",
        summary="Eat apples in safety, or meet a monster that only two players can defeat.",
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
