"""The rules of Atari Pong as the benchmark plays it, on the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random

from vsbench_envs.atari_pong.emulator import DOWN, STAY, UP, Snapshot, console
from vsbench_envs.atari_pong.percept import FRAMES, Frame, PongPercept
from vsbench_envs.atari_pong.screen import scan
from vsbench_envs.game import State
from vsbench_envs.seeding import stream

ACTIONS = ("stay", "up", "down")
STICKS = (STAY, UP, DOWN)
"""Action id -> position of the joystick."""

FRAME_SKIP = 4
STICKINESS = 0.25
"""The chance, frame by frame, that the joystick is still where it was in the frame before."""
MOST_NO_OPS = 30
GOAL = 3
WON, LOST = "points", "points_lost"
"""The counted events."""
MAX_STEPS = 1000


class PongState(State[PongPercept]):
    """A game against the console's own player.

    The stickiness is drawn here rather than by the emulator, whose snapshots forget the stick's
    last position; frame by frame it is the same rule.

    Raises:
        MissingExtraError: ale-py is not installed.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed, seats=1)
        self.events = {WON: (0,), LOST: (0,)}
        self._snapshot, self._frames = _opening(stream(seed, "no-ops").randint(1, MOST_NO_OPS))
        self._stick = STAY

    @property
    def acting(self) -> tuple[int, ...]:
        """The right paddle, until somebody has three points or the time is up."""
        return () if self._won or self.truncated else (0,)

    @property
    def truncated(self) -> bool:
        """Whether a thousand steps went by without a winner."""
        return self.step >= MAX_STEPS and not self._won

    @property
    def _won(self) -> bool:
        return max(self.events[WON][0], self.events[LOST][0]) >= GOAL

    def legal_actions(self, seat: int) -> tuple[int, ...]:
        """Stay, up and down, always."""
        return tuple(range(len(ACTIONS))) if seat in self.acting else ()

    def percept(self, seat: int) -> PongPercept:
        """The four latest frames."""
        return PongPercept(seat, self._frames)

    def _play(self, joint: Mapping[int, int]) -> tuple[float, ...]:
        sticks = self._sticks(joint[0], stream(self.seed, "sticky", self.step))
        self._stick = sticks[-1]
        machine = console()
        machine.restore(self._snapshot)
        reward = machine.play(sticks)
        self._snapshot = machine.save()
        self._frames = (*self._frames[1:], scan(machine.screen()))
        if reward:
            self.count(WON if reward > 0 else LOST, 0)
        return (float(reward),)

    def _sticks(self, action: int, luck: Random) -> list[int]:
        """Where the joystick is in the frames of a step, when an action is chosen now."""
        stick, sticks = self._stick, []
        for _ in range(FRAME_SKIP):
            if luck.random() >= STICKINESS:
                stick = STICKS[action]
            sticks.append(stick)
        return sticks


@cache
def _opening(no_ops: int) -> tuple[Snapshot, tuple[Frame, ...]]:
    """The console after so many idle steps, and the frames seen.

    The very first frame, in the colours of the console waiting for players, is none of them.
    """
    machine = console()
    machine.reset()
    frames = []
    for _ in range(no_ops):
        machine.play([STAY] * FRAME_SKIP)
        frames.append(scan(machine.screen()))
    missing = max(0, FRAMES - no_ops)
    return machine.save(), (frames[0],) * missing + tuple(frames[-FRAMES:])
