"""Nim: take stones from one of three heaps; the last stone wins.

Three heaps begin with two to five stones each. In a turn a player takes one stone or more from a
single heap. The return is 1 for the player who takes the last stone and -1 for the other.

Bouton (1901) solved the game: who moves wins unless the heaps' binary digits add up to nothing.
"""

from vsbench_envs.game import Game
from vsbench_envs.spec import GameSpec, Measure, own_return
from vsbench_nim.bots import BOTS, RECIPE
from vsbench_nim.rules import ACTIONS, NimPercept, NimState
from vsbench_nim.view import NimView

GAME: Game[NimPercept] = Game(
    spec=GameSpec(
        id="nim",
        title="Nim",
        kind="competitive",
        summary="Take the last stone from three heaps.",
        seats=2,
        roles=("the first player", "the second player"),
        simultaneous=False,
        perfect_information=True,
        actions=ACTIONS,
        measures=(
            Measure("return", own_return, random=0.0, best=1.0, low=-1.0, high=1.0, binary=True),
        ),
        opponent="random",
        typical_length=6,
    ),
    start=NimState,
    view=NimView(),
    bots=BOTS,
    prompts="vsbench_nim.prompts",
    recipe=RECIPE,
)
