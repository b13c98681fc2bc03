"""Kuhn poker: three cards, one bet, and a reason to bluff.

Two players ante one chip each and get one of the cards J < Q < K each. Seat 0 moves first: it
passes or bets one chip, then the other player answers. A pass after a bet folds, a bet after a bet
calls. After two passes or a call, the higher card wins the pot. The return is the number of chips
won or lost.

The family of equilibria is Kuhn's (1950). Rules engine: OpenSpiel.
"""

from vsbench_envs.game import Game
from vsbench_envs.kuhn_poker.bots import BOTS, RECIPE
from vsbench_envs.kuhn_poker.rules import ACTIONS, DEALS, KuhnPercept, KuhnState
from vsbench_envs.kuhn_poker.value import policy_value
from vsbench_envs.kuhn_poker.view import KuhnView
from vsbench_envs.spec import GameSpec, Measure, own_return

GAME: Game[KuhnPercept] = Game(
    spec=GameSpec(
        id="kuhn_poker",
        title="Kuhn poker",
        kind="competitive",
        summary="Three cards and one bet: bluff and call at the right rate.",
        seats=2,
        roles=("the first player", "the second player"),
        simultaneous=False,
        actions=ACTIONS,
        measures=(Measure("return", own_return, random=-1 / 9, best=0.0, low=-2.0, high=2.0),),
        opponent="equilibrium",
        typical_length=3,
        group=2 * len(DEALS),
        strata=len(DEALS),
        events={
            "bets": "bets made first",
            "calls": "bets called",
            "folds": "passes after a bet",
        },
    ),
    start=KuhnState,
    view=KuhnView(),
    bots=BOTS,
    recipe=RECIPE,
    policy_value=policy_value,
)
