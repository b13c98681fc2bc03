"""Atari Pong: two paddles, one ball, and a built-in opponent that rarely misses.

The player moves the right paddle, the console the left one. A player who misses the ball loses a
point; the first player with three points wins. The point of contact on a paddle sets the ball's
angle: it leaves the middle level, and the ends at up to two rows per column. The console keeps its
paddle level with the ball, but is slightly slower than the steepest ball.

A step is four frames of the console. The actions push the joystick up, down, or not at all. Actions
are sticky: in each frame the joystick keeps its previous position with probability 1/4. The paddle
has inertia: one step of pushing moves it about 23 rows; the paddle itself is 16 rows high. A game
begins after 1 to 30 idle steps and is truncated after 1000 steps.

The player sees the four latest frames. The reward is +1 for a point won and -1 for a point lost.
The score weighs points won by 0.9 and steps survived by 0.1.

The game is the Arcade Learning Environment's (Bellemare et al., 2013), as played in VS-Bench
(2025). Its emulator, ale-py, is an optional extra: ``pip install 'vsbench[atari]'``. Percepts,
pictures and all bots except ``lookahead`` work without it.
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
        summary="Aim the ball past the console's paddle; the first to three points wins.",
        seats=1,
        roles=("the right paddle",),
        predictor="the left paddle",
        simultaneous=True,
        maximises="own score",
        perfect_information=True,
        actions=ACTIONS,
        measures=(
            Measure("points", _points, random=0.0, best=3.0, weight=0.9, low=0.0, high=3.0),
            Measure(
                "steps survived", _steps, random=147.2, best=398.0, weight=0.1, low=0.0, high=1000.0
            ),
            Measure("return", own_return, random=-3.0, best=3.0, weight=0.0, low=-3.0, high=3.0),
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
