"""Atari Pong: two paddles, one ball, and a console that hardly ever misses.

You move the right paddle, the console's own player the left one. Whoever lets the ball through
loses a point; the first to three points wins. Where the ball meets a paddle decides how steeply it
leaves: in the middle it goes level, at the ends up or down by as much as two rows in every column.
The bot keeps its paddle level with the ball, but is a little slower than the steepest ball.

A step is four frames of the console: choose whether to push the stick up, down, or not at all. The
stick is sticky: in each frame it is, with a chance of 1/4, still where it was the frame before. The
paddle has inertia; a push for one step takes it about 23 rows, where the paddle itself has 16. A
game begins after 1 to 30 idle steps and is cut off after 1000.

You see the four latest frames. The reward is +1 for a point won, -1 for a point lost. The score is
nine parts points won and one part steps survived.

The game is the Arcade Learning Environment's (Bellemare et al., 2013), as VS-Bench (2025) plays
it. Its emulator, ale-py, is an extra: ``pip install 'vsbench[atari]'``. Percepts, pictures and all
players but ``lookahead`` do without.
"""

from collections.abc import Sequence

from vsbench_envs.atari_pong.bots import BOTS, RECIPE
from vsbench_envs.atari_pong.percept import PongPercept
from vsbench_envs.atari_pong.rules import ACTIONS, LOST, WON, PongState
from vsbench_envs.atari_pong.view import PongView
from vsbench_envs.game import Game
from vsbench_envs.spec import EpisodeSummary, GameSpec, Measure, own_return


def _points(episode: EpisodeSummary, seats: Sequence[int]) -> float:
    return float(sum(episode.events.get(WON, ())))


def _steps(episode: EpisodeSummary, seats: Sequence[int]) -> float:
    return float(episode.length)


GAME: Game[PongPercept] = Game(
    spec=GameSpec(
        id="atari_pong",
        title="Atari Pong",
        kind="competitive",
        summary="Aim the ball past the console's own paddle: the first to three points wins.",
        seats=1,
        roles=("the right paddle",),
        predictor="the left paddle",
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(
            Measure("points", _points, random=0.0, best=3.0, weight=0.9),
            Measure("steps survived", _steps, random=147.2, best=398.0, weight=0.1),
            Measure("return", own_return, random=-3.0, best=3.0, weight=0.0),
        ),
        events={WON: "points won", LOST: "points lost"},
        typical_length=300,
        extra="atari",
    ),
    start=PongState,
    view=PongView(),
    bots=BOTS,
    recipe=RECIPE,
)
