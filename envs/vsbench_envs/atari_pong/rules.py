"""The rules of Atari Pong, as played in VS-Bench, on the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random

from vsbench_envs.atari_pong.emulator import DOWN, STAY, UP, Snapshot, console
from vsbench_envs.atari_pong.percept import FRAMES, Frame, PongPercept, parse_screen
from vsbench_envs.game import State
from vsbench_envs.seeding import stream

ACTIONS = ("stay", "up", "down")
JOYSTICK = (STAY, UP, DOWN)
"""Action id -> joystick position."""

FRAME_SKIP = 4
STICKINESS = 0.25
"""Probability in each frame that the joystick keeps its position of the frame before."""
MAX_NO_OPS = 30
GOAL = 3
WON, LOST = "points", "points_lost"
"""Names of the counted events."""
MAX_STEPS = 1000


class PongState(State[PongPercept]):
    """A game against the console's built-in player.

    Sticky actions are drawn here and not by the emulator, whose snapshots lose the joystick's last
    position. The rule is the same, frame by frame.

    Raises:
        MissingExtraError: ale-py is not installed.
    """

    def __init__(
        self, seed: int, *, stickiness: float = STICKINESS, max_steps: int = MAX_STEPS
    ) -> None:
        super().__init__(seed, seats=1)
        self._stickiness, self._max_steps = stickiness, max_steps
        self.events = {WON: (0,), LOST: (0,)}
        self._snapshot, self._frames = _opening(stream(seed, "no-ops").randint(1, MAX_NO_OPS))
        self._joystick = STAY

    @property
    def acting(self) -> tuple[int, ...]:
        """The right paddle, until a player has three points or the game is truncated."""
        return () if self._won or self.truncated else (0,)

    @property
    def truncated(self) -> bool:
        """Whether the step limit was reached without a winner."""
        return self.step >= self._max_steps and not self._won

    @property
    def _won(self) -> bool:
        return max(self.events[WON][0], self.events[LOST][0]) >= GOAL

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Stay, up and down."""
        return tuple(range(len(ACTIONS))) if seat in self.acting else ()

    def percept(self, seat: int) -> PongPercept:
        """The four latest frames."""
        return PongPercept(seat, self._frames)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        positions = self._joystick_positions(joint[0], stream(self.seed, "sticky", self.step))
        self._joystick = positions[-1]
        emulator = console()
        emulator.restore(self._snapshot)
        reward = emulator.play(positions)
        self._snapshot = emulator.save()
        self._frames = (*self._frames[1:], parse_screen(emulator.screen()))
        if reward:
            self.count(WON if reward > 0 else LOST, 0)
        return (float(reward),)

    def _joystick_positions(self, action: int, rng: Random) -> list[int]:
        """Draw the joystick position in each frame of a step."""
        position, positions = self._joystick, []
        for _ in range(FRAME_SKIP):
            if rng.random() >= self._stickiness:
                position = JOYSTICK[action]
            positions.append(position)
        return positions


@cache
def _opening(no_ops: int) -> tuple[Snapshot, tuple[Frame, ...]]:
    """The console after some idle steps, and the latest frames.

    The very first frame is left out: the console still shows its waiting colours.
    """
    emulator = console()
    emulator.reset()
    frames = []
    for _ in range(no_ops):
        emulator.play([STAY] * FRAME_SKIP)
        frames.append(parse_screen(emulator.screen()))
    missing = max(0, FRAMES - no_ops)
    return emulator.save(), (frames[0],) * missing + tuple(frames[-FRAMES:])
