"""Kuhn poker: three cards, one bet, and a reason to bluff.

Each of two players antes one chip and gets one of the cards J < Q < K. Seat 0 passes or bets one
chip; the other answers. Pass after a bet folds; bet after a bet calls; two passes, or a call,
bring the showdown. The return is the chips won or lost.

The equilibrium family is Kuhn's (1950). Rules engine: OpenSpiel.
"""

from vsbench_envs.game import Game
from vsbench_envs.kuhn_poker.bots import BOTS, RECIPE
from vsbench_envs.kuhn_poker.percept import KuhnPercept
from vsbench_envs.kuhn_poker.rules import ACTIONS, DEALS, KuhnState
from vsbench_envs.kuhn_poker.view import KuhnView
from vsbench_envs.spec import GameSpec, Measure, own_return

GAME: Game[KuhnPercept] = Game(
    spec=GameSpec(
        id="kuhn_poker",
        title="Kuhn poker",
        kind="competitive",
        summary="Three cards, one bet: bluff and call at the right rate.",
        seats=2,
        roles=("the first player", "the second player"),
        simultaneous=False,
        actions=ACTIONS,
        measures=(Measure("return", own_return, random=-1 / 9, best=0.0),),
        opponent="equilibrium",
        typical_length=3,
        group=120,
        strata=len(DEALS),
        events={"bets": "bets made first", "calls": "bets called", "folds": "bets given in to"},
    ),
    start=KuhnState,
    view=KuhnView(),
    bots=BOTS,
    recipe=RECIPE,
)
