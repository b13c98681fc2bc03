"""The console: one emulator per thread, and snapshots of its states.

Loading the game takes 0.1 s and almost a megabyte; saving and restoring a snapshot takes 0.1 ms and
8 kB. So every game state holds an immutable snapshot, and all states of a thread share one emulator
that continues from any of them.

ale-py is imported only when a game starts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from vsbench_envs.atari_pong.percept import BLACK, GREEN, GROUND, ORANGE, WHITE, Screen
from vsbench_envs.errors import MissingExtraError

STAY, UP, DOWN = 0, 3, 4
"""Positions of the console's joystick. Only sideways moves affect the paddle: right is up."""

_COLOURS = np.full(256, 255, np.uint8)
_COLOURS[[34, 14, 56, 200, 0]] = GROUND, WHITE, ORANGE, GREEN, BLACK
"""The console's colour number -> ours; unknown colours are 255."""

_threads = threading.local()


@dataclass(frozen=True)
class Snapshot:
    """The console's state between two frames; can be pickled and restored in another process."""

    ale_state: Any
    """ale-py's ``ALEState``."""


class Console:
    """An emulator that runs Pong. Use the thread's own from :func:`console`."""

    def __init__(self) -> None:
        try:
            ale_py = import_module("ale_py")
        except ImportError as error:
            raise MissingExtraError(
                "Atari Pong needs an emulator: pip install 'vsbench[atari]'"
            ) from error
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        self._ale = ale_py.ALEInterface()
        # The rules repeat actions themselves, frame by frame.
        self._ale.setInt("frame_skip", 1)
        self._ale.setFloat("repeat_action_probability", 0.0)
        self._ale.loadROM(ale_py.roms.get_rom_path("pong"))

    def reset(self) -> None:
        """Start a new game."""
        self._ale.reset_game()

    def save(self) -> Snapshot:
        """Take a snapshot of the current state."""
        return Snapshot(self._ale.cloneState())

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a state. The screen is undefined until the next frame is played."""
        self._ale.restoreState(snapshot.ale_state)

    def play(self, sticks: Iterable[int]) -> int:
        """Play one frame per joystick position; return points won minus points lost."""
        return sum(self._ale.act(stick) for stick in sticks)

    def screen(self) -> Screen:
        """The screen of the last frame played. Unknown colours are 255."""
        return np.asarray(_COLOURS[self._ale.getScreen()])


def console() -> Console:
    """The emulator of this thread.

    Raises:
        MissingExtraError: ale-py is not installed.
    """
    if not hasattr(_threads, "console"):
        _threads.console = Console()
    emulator: Console = _threads.console
    return emulator
