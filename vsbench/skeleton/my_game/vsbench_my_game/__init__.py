"""My game: choose heads or tails; the matcher wins the prize if both choose alike.

This text documents the game: `vsbench envs my_game` shows it. State the rules, the return, and
their source.
"""

from vsbench_envs.game import Game
from vsbench_envs.spec import GameSpec, Measure, own_return

from vsbench_my_game.bots import BOTS
from vsbench_my_game.rules import ACTIONS, MyGamePercept, MyGameState
from vsbench_my_game.view import MyGameView

GAME: Game[MyGamePercept] = Game(
    spec=GameSpec(
        id="my_game",
        title="My game",
        kind="competitive",
        summary="Choose heads or tails, and match or differ.",
        seats=2,
        roles=("the matcher", "the mismatcher"),
        simultaneous=True,
        perfect_information=True,
        actions=ACTIONS,
        # What scores are normalised by: random play is 0, the best play 100.
        measures=(Measure("return", own_return, random=0.0, best=6.0),),
        opponent="random",
        typical_length=3,
    ),
    start=MyGameState,
    view=MyGameView(),
    bots=BOTS,
    prompts="vsbench_my_game.prompts",
    # recipe=RECIPE, once bots.py has one.
)
