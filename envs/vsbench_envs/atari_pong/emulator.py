"""The console: one emulator for a thread, and snapshots that stand for its states.

Loading the game takes a tenth of a second and most of a megabyte; taking a snapshot and putting
it back takes a tenth of a millisecond and 8 kB. So every state of a game is a snapshot, which never
changes, and all states of a thread share one emulator that plays on from whichever it is given.

The emulator comes with ale-py, which is asked for only when a game starts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from vsbench_envs.atari_pong.screen import BLACK, GREEN, GROUND, ORANGE, WHITE, Screen
from vsbench_envs.errors import MissingExtraError

STAY, UP, DOWN = 0, 3, 4
"""The console's joystick. Only moving it to the sides moves the paddle: right is up."""

_COLOURS = np.full(256, 255, np.uint8)
_COLOURS[[34, 14, 56, 200, 0]] = GROUND, WHITE, ORANGE, GREEN, BLACK
"""The colours in the console's own numbering."""

_threads = threading.local()


@dataclass(frozen=True)
class Snapshot:
    """The console between two frames. It can be pickled and put back in another process."""

    memory: Any
    """ale-py's ``ALEState``."""


class Console:
    """An emulator with Pong in it. Take the thread's own from :func:`console`."""

    def __init__(self) -> None:
        try:
            ale_py = import_module("ale_py")
        except ImportError as error:
            raise MissingExtraError(
                "Atari Pong needs an emulator: pip install 'vsbench[atari]'"
            ) from error
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        self._ale = ale_py.ALEInterface()
        # Frames are played one by one: the rules repeat moves themselves.
        self._ale.setInt("frame_skip", 1)
        self._ale.setFloat("repeat_action_probability", 0.0)
        self._ale.loadROM(ale_py.roms.get_rom_path("pong"))

    def reset(self) -> None:
        """Switch off and on."""
        self._ale.reset_game()

    def save(self) -> Snapshot:
        """The state now."""
        return Snapshot(self._ale.cloneState())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state. The screen is that of the next frame played."""
        self._ale.restoreState(snapshot.memory)

    def play(self, sticks: Iterable[int]) -> int:
        """Play a frame for each position of the joystick; return points won less points lost."""
        return sum(self._ale.act(stick) for stick in sticks)

    def screen(self) -> Screen:
        """The frame last played. Unknown colours are 255."""
        return np.asarray(_COLOURS[self._ale.getScreen()])


def console() -> Console:
    """The emulator of this thread.

    Raises:
        MissingExtraError: ale-py is not installed.
    """
    if not hasattr(_threads, "console"):
        _threads.console = Console()
    mine: Console = _threads.console
    return mine
